import { expect, test } from '@jest/globals'
import { parseJson, stringifyJson } from '../core/fhir/json.ts'
import type { Refusal } from '../core/fhir/outcome.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { parseSubset, subsetOf } from './subset.ts'

const definitions = loadDefinitions()
const patient = {
  resourceType: 'Patient',
  id: 'a',
  meta: { versionId: '1', tag: [{ code: 'x' }] },
  text: { status: 'generated', div: '<div/>' },
  extension: [{ url: 'u', valueCode: 'c' }],
  modifierExtension: [{ url: 'm', valueCode: 'c' }],
  active: true,
  name: [{ family: 'Danser' }],
  maritalStatus: { text: 'x' },
  _birthDate: { id: 'b' },
  link: [{ other: { reference: 'Patient/b' }, type: 'seealso', extension: [{ url: 'u', valueCode: 'c' }] }],
}
const subset = (query: string, resource: object = patient) => {
  const wanted = parseSubset(new URLSearchParams(query))
  return wanted && subsetOf(definitions, resource as Record<string, unknown>, wanted)
}

// `active` and `link` modify the whole Patient, as modifier extensions do.
const ALWAYS = ['resourceType', 'id', 'meta', 'modifierExtension', 'active', 'link']

test.each([
  ['_summary=true', [...ALWAYS, 'name', '_birthDate']],
  ['_summary=text', ['resourceType', 'id', 'meta', 'text']],
  ['_summary=data', Object.keys(patient).filter((name) => name !== 'text')],
  ['_elements=active', ALWAYS],
  ['_elements=name,birthDate', [...ALWAYS, 'name', '_birthDate']],
  ['_elements=Patient.name,Observation.status', [...ALWAYS, 'name']],
] as const)('%s', (query, names) => {
  expect(Object.keys(subset(query) ?? {}).sort()).toEqual([...names].sort())
})

test('a part says that it is one, beside the tags that it has', () => {
  expect(subset('_summary=text')?.meta).toEqual({
    versionId: '1',
    tag: [{ code: 'x' }, expect.objectContaining({ code: 'SUBSETTED' })],
  })
  expect(patient.meta.tag).toHaveLength(1)
})

test('within an element of the summary, only what belongs to the summary stays', () => {
  expect(subset('_summary=true')?.link).toEqual([{ other: { reference: 'Patient/b' }, type: 'seealso' }])
})

test('what a resource must have stays, and a choice is found by its name', () => {
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    valueString: 'v',
    method: { text: 'm' },
  }
  expect(Object.keys(subset('_elements=value', observation) ?? {}).sort()).toEqual([
    'code',
    'meta',
    'resourceType',
    'status',
    'valueString',
  ])
  expect(Object.keys(subset('_summary=text', observation) ?? {}).sort()).toEqual([
    'code',
    'meta',
    'resourceType',
    'status',
  ])
})

test('decimals keep their digits', () => {
  const risk = parseJson(
    '{"resourceType":"MolecularSequence","coordinateSystem":1,"readCoverage":2,"quality":[{"type":"snp","precision":0.50}]}',
  )
  expect(stringifyJson(subset('_elements=quality', risk as object))).toContain('"precision":0.50')
})

test.each(['', '_summary=false', '_summary=count', '_elements=', '_pretty=true'])('"%s" asks for no part', (query) => {
  expect(subset(query)).toBeUndefined()
})

test('a summary that R4 does not have is refused', () => {
  try {
    subset('_summary=short')
  } catch (error) {
    expect((error as Refusal).issues[0]).toMatchObject({ code: 'value', expression: ['_summary'] })
    return
  }
  throw new Error('It was not refused.')
})
