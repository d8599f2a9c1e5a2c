import { expect, test } from '@jest/globals'
import { Refusal } from '../core/fhir/outcome.ts'
import { applyPatch, JSON_PATCH, parsePatch } from './patch.ts'

const patient = { resourceType: 'Patient', id: 'one', gender: 'male' }
const operations = [{ op: 'replace', path: '/gender', value: 'other' }]
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')

function refusalOf(work: () => unknown): Refusal['issues'][number] | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]
    throw error
  }
  return undefined
}

test.each([
  ['JSON Patch', operations],
  ['JSON Patch in a Binary', { resourceType: 'Binary', contentType: JSON_PATCH, data: base64(operations) }],
  [
    'FHIRPath Patch',
    {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'replace' },
            { name: 'path', valueString: 'Patient.gender' },
            { name: 'value', valueCode: 'other' },
          ],
        },
      ],
    },
  ],
])('%s: the result is new, what was given stays', (_, body) => {
  expect(applyPatch(patient, parsePatch(body))).toEqual({ ...patient, gender: 'other' })
  expect(patient.gender).toBe('male')
})

test.each([
  ['a resource', { resourceType: 'Patient' }],
  ['a text', 'replace'],
  ['nothing', null],
  ['a Binary of something else', { resourceType: 'Binary', contentType: 'text/plain', data: base64(operations) }],
  ['a Binary without an array', { resourceType: 'Binary', contentType: JSON_PATCH, data: base64({}) }],
])('%s is no patch', (_, body) => {
  expect(refusalOf(() => parsePatch(body))?.code).toBe('invalid')
})

test.each(['id', 'resourceType'])('a patch cannot change %s', (name) => {
  const patch = parsePatch([{ op: 'replace', path: `/${name}`, value: 'Observation' }])
  expect(refusalOf(() => applyPatch(patient, patch))?.expression).toEqual([`Patient.${name}`])
})
