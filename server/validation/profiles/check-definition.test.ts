import { loadDefinitions } from '../../definitions/definitions.ts'
import { createValidator } from '../validator.ts'

const { validate } = createValidator(loadDefinitions())
const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/'
const COMPONENT = 'Observation.component'

const errorsOf = (...element: { id: string; path: string; [name: string]: unknown }[]) =>
  validate({
    ...{ resourceType: 'StructureDefinition', url: 'http://example.org/p', name: 'P', status: 'draft' },
    ...{ kind: 'resource', abstract: false, type: 'Observation', derivation: 'constraint' },
    baseDefinition: `${STRUCTURE}Observation`,
    differential: { element },
  })
    .filter(({ severity }) => severity === 'error')
    .map(({ code, expression }) => `${code} ${expression}`)

const at = (path: string, more: object = {}) => ({ id: path, path, ...more })
const slicedBy = (path: string) =>
  at(COMPONENT, { slicing: { discriminator: [{ type: 'value', path }], rules: 'open' } })
const WRONG = ['structure StructureDefinition.differential']

test.each<[string, ReturnType<typeof at>, string[]]>([
  ['an element', at('Observation.code.coding.code', { min: 1 }), []],
  ['one type of a choice', at('Observation.valueQuantity.code', { min: 1 }), []],
  ['no element', at('Observation.valueBla', { min: 1 }), WRONG],
  ['no element of a datatype', at('Observation.code.codes', { min: 1 }), WRONG],
  [
    'a profile of its type',
    at('Observation.valueQuantity', { type: [{ code: 'Quantity', profile: [`${STRUCTURE}SimpleQuantity`] }] }),
    [],
  ],
  [
    'a profile of another type',
    at('Observation.valueQuantity', { type: [{ code: 'Quantity', profile: [`${STRUCTURE}HumanName`] }] }),
    WRONG,
  ],
  [
    'a profile that nobody knows',
    at('Observation.valueQuantity', { type: [{ code: 'Quantity', profile: ['http://example.org/q'] }] }),
    [],
  ],
  ['a discriminator', slicedBy('code.coding.code'), []],
  ['a discriminator into a choice', slicedBy('value.unit'), []],
  ['a discriminator that leads nowhere', slicedBy('codes'), WRONG],
  ['a discriminator that is no simple path', slicedBy('code.where(text = 1)'), WRONG],
])('%s', (_, element, expected) => expect(errorsOf(element)).toEqual(expected))
