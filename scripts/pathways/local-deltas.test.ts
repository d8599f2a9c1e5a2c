import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlanDefinition, RelatedArtifact } from '@medplum/fhirtypes'
import { LIMIT } from '../../server/core/decide/plan/vocabulary.ts'
import { problemsOfDeltas } from './local-deltas.ts'

const G: RelatedArtifact = { type: 'documentation', label: 'G', display: 'A guideline' }
const P: RelatedArtifact = { type: 'documentation', label: 'P', display: 'A proposal' }
const targetWith = (source: RelatedArtifact) => ({
  extension: [{ url: LIMIT, extension: [{ url: 'source', valueRelatedArtifact: source }] }],
  detailQuantity: { value: 88, unit: '%' },
})
const PLAN: PlanDefinition = {
  resourceType: 'PlanDefinition',
  status: 'active',
  goal: [{ id: 'spo2', description: { text: 'SpO2' }, target: [targetWith(G), targetWith(P)] }],
}
const moves = (target: number) => ({ op: 'replace', path: `/goal/0/target/${target}/detailQuantity/value`, value: 90 })
const gives = (valueRelatedArtifact: RelatedArtifact) => ({
  ...{
    op: 'replace',
    path: '/goal/0/target/0/extension/0/extension/0/valueRelatedArtifact',
    value: valueRelatedArtifact,
  },
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deltas-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function problemsOf(...patch: object[]): string[] {
  mkdirSync(join(folder, 'local'))
  writeFileSync(join(folder, 'local/hospital.json'), JSON.stringify({ title: 'A hospital', patch }))
  return problemsOfDeltas(PLAN, folder)
}

test('a limit that is moved does not keep a guideline as its source', () => {
  expect(problemsOf(moves(0))).toEqual([
    'local/hospital.json moves limit 0 of goal "spo2", which keeps the source of the other',
  ])
})

test.each([
  ['with a source of its own', [moves(0), gives(P)]],
  ['that was a proposal and still is one', [moves(1)]],
  ['that stands where it stood', [{ op: 'add', path: '/name', value: 'Other' }]],
])('nothing speaks against a limit %s', (_name, patch) => {
  expect(problemsOf(...patch)).toEqual([])
})

test('a text that they bring is there in all languages', () => {
  expect(problemsOf({ op: 'add', path: '/title', value: 'Lungene hos oss' })).toEqual([
    'local/hospital.json: PlanDefinition.title is not there in nynorsk and English',
  ])
})

test('nor against a pathway without deltas', () => {
  expect(problemsOfDeltas(PLAN, folder)).toEqual([])
})
