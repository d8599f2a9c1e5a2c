import { pathwayNames, resourcesOf } from '../../server/plans/load-pathways.ts'
import { problemsOfVersions, readRecordedVersions, withNewVersions } from './recorded-versions.ts'

const plan = { resourceType: 'PlanDefinition', id: 'p', version: '1.0.0', status: 'active', title: 'Plan' }
const recorded = withNewVersions([plan], {})

test('a version that says what it was recorded with is fine, however its elements are ordered', () => {
  const { title, ...others } = plan
  expect(problemsOfVersions([{ title, ...others }], recorded)).toEqual([])
})

test('what says something else needs another version, which is recorded beside the one before', () => {
  const changed = { ...plan, title: 'Another' }
  expect(problemsOfVersions([changed], recorded)).toEqual([
    'PlanDefinition/p|1.0.0 does not say what this version was recorded with; raise its version',
  ])
  // Recording does not make it right.
  expect(withNewVersions([changed], recorded)).toEqual(recorded)
  const raised = { ...changed, version: '1.1.0' }
  expect(problemsOfVersions([raised], recorded)).toEqual([
    'PlanDefinition/p|1.1.0 is not recorded; npm run pathways -- record',
  ])
  const both = withNewVersions([raised], recorded)
  expect(Object.keys(both)).toEqual(['PlanDefinition/p|1.0.0', 'PlanDefinition/p|1.1.0'])
  expect(problemsOfVersions([raised, plan], both)).toEqual([])
})

test('a draft changes as it likes', () => {
  expect(problemsOfVersions([{ ...plan, status: 'draft' }], {})).toEqual([])
})

test('every definition of the pathways is recorded', () => {
  const definitions = pathwayNames().flatMap((name) => resourcesOf(name))
  expect(definitions.length).toBeGreaterThan(100)
  expect(problemsOfVersions(definitions, readRecordedVersions())).toEqual([])
})
