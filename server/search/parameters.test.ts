import { loadDefinitions } from '../definitions/definitions.ts'
import { typeIndex } from './parameters.ts'

const definitions = loadDefinitions()
const types = [...definitions.resourceTypes]
const parameter = (type: string, code: string) => typeIndex(definitions, type).parameters.get(code)
const paths = (type: string, code: string) => parameter(type, code)?.keys.map(({ key }) => key.path)

test('no two paths of R4 share a key', () => {
  const paths = new Set(types.flatMap((type) => typeIndex(definitions, type).keys.map(({ path }) => path)))
  const ids = new Set(types.flatMap((type) => typeIndex(definitions, type).keys.map(({ id }) => id)))
  expect(ids.size).toBe(paths.size)
  expect(paths.size).toBeGreaterThan(1500)
})

test('every search parameter of R4 that has an expression is indexed', () => {
  const without = types.flatMap((type) =>
    [...typeIndex(definitions, type).parameters.values()]
      .filter(({ kind, keys, roots }) => kind !== 'special' && keys.length + roots.length === 0)
      .map(({ code }) => `${type}.${code}`),
  )
  const ofResource = /\.(_text|_content|_query)$/
  expect(without.filter((name) => !ofResource.test(name))).toEqual([])
})

test('parameters that look at the same path share its entries', () => {
  expect(paths('Observation', 'code')).toEqual(['Observation.code'])
  expect(paths('Observation', 'combo-code')).toEqual(['Observation.code', 'Observation.component.code'])
  expect(paths('Observation', 'patient')).toEqual(paths('Observation', 'subject'))
  expect(parameter('Observation', 'patient')?.keys[0]?.target).toBe('Patient')
  expect(parameter('Observation', 'subject')?.keys[0]?.target).toBeUndefined()
})

test.each([
  ['Observation', 'Observation.subject', 'Observation.effective'],
  ['Task', 'Task.for', 'Task.authoredOn'],
  ['CarePlan', 'CarePlan.subject', 'CarePlan.period'],
  ['QuestionnaireResponse', 'QuestionnaireResponse.subject', 'QuestionnaireResponse.authored'],
  ['Coverage', 'Coverage.beneficiary', undefined],
  // Its patient may be any of several participants, so one column cannot say it.
  ['Appointment', undefined, 'Appointment.start'],
  ['Practitioner', undefined, undefined],
])('%s keeps %s and %s in columns', (type, patient, date) => {
  const index = typeIndex(definitions, type)
  expect([index.patient?.path, index.date?.path]).toEqual([patient, date])
})
