import { expect, test } from '@jest/globals'
import type { Media } from '@medplum/fhirtypes'
import { partOf, picturesOf, type Result } from './pictures.ts'

const NAME = { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0d7c2a9e-0000-4000-8000-000000000001' }
const MEASURED: Result = { resourceType: 'Observation', id: '7', identifier: [{ value: 'x' }, NAME] }
const ANSWERED: Result = { resourceType: 'QuestionnaireResponse', id: '7', identifier: NAME }
const picture = (part: Media['partOf'], status: Media['status'] = 'completed'): Media => ({
  ...{ resourceType: 'Media', status, subject: { reference: 'Patient/line' }, content: {} },
  ...(part ? { partOf: part } : {}),
})

test.each([
  ['by the name that the phone gave it', MEASURED, [partOf('Observation', NAME)], true],
  ['by its id', MEASURED, [{ reference: 'Observation/7' }], true],
  ['as one of several', MEASURED, [{ reference: 'Observation/8' }, partOf('Observation', NAME)], true],
  ['of a form, by its only name', ANSWERED, [partOf('QuestionnaireResponse', NAME)], true],
  ['not by the same name of something else', ANSWERED, [partOf('Observation', NAME)], false],
  ['not by the same id of something else', ANSWERED, [{ reference: 'Observation/7' }], false],
  ['not by the value in another system', MEASURED, [{ identifier: { value: NAME.value } }], false],
  ['not where neither has a name', { resourceType: 'Observation' }, [{ display: 'x' }], false],
  ['not where it says nothing', MEASURED, undefined, false],
])('a picture belongs to what was measured %s', (_, result, part, belongs) => {
  const one = picture(part)
  expect(picturesOf(result, [one])).toEqual(belongs ? [one] : [])
})

test('one that was sent by mistake is shown with nothing', () =>
  expect(picturesOf(MEASURED, [picture([partOf('Observation', NAME)], 'entered-in-error')])).toEqual([]))
