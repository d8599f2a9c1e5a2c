import type { Bundle, TestScript } from '@medplum/fhirtypes'
import { loadDefinitions } from '../../server/definitions/definitions.ts'
import { createValidator } from '../../server/validation/validator.ts'
import { faultsIn } from '../jft/refuse-document.ts'
import { faultsInBundle, faultsInEntry } from '../pmd/refuse-batch.ts'
import { NotUnderstood, readCases, toCase, writesOf } from './test-script.ts'

const cases = readCases()
const { validate } = createValidator(loadDefinitions())

test.each(cases.map((one) => [one.name, one] as const))('%s is a TestScript of R4', (_name, { script }) => {
  // What is contained is filled in before it is sent, and may be wrong on purpose.
  const { contained: _contained, fixture: _fixture, ...rest } = script
  expect(validate(rest).filter(({ severity }) => severity === 'error')).toEqual([])
})

test('every fixture and every answer that a case names is there', () => {
  const missing = cases.flatMap(({ name, script, steps }) => {
    const fixtures = new Set(script.fixture?.map(({ id }) => id))
    const answers = new Set(steps.flatMap(({ operation }) => operation?.responseId ?? []))
    return [
      ...steps.flatMap(({ operation }) => operation?.sourceId ?? []).filter((id) => !fixtures.has(id)),
      ...(script.variable ?? []).flatMap(({ sourceId }) => sourceId ?? []).filter((id) => !answers.has(id)),
    ].map((id) => `${name}: ${id}`)
  })
  expect(missing).toEqual([])
})

test('what the kit says is sent to JFT and to Pasientens måledata is what their stand-ins take', () => {
  const { contained = [] } = cases.find(({ name }) => name === 'fhir/national-messages')?.script ?? {}
  const bundles = contained.filter((one) => one.resourceType === 'Bundle')
  const isTrap = ({ id = '' }: Bundle) => /^(object-for-list|empty-text|no-)/.test(id)
  const faults = bundles
    .filter((one) => !isTrap(one))
    .flatMap((one) =>
      one.type === 'document'
        ? faultsIn(one, 'real')
        : [...faultsInBundle(one), ...(one.entry ?? []).flatMap((entry) => faultsInEntry(entry, one.type, 'real'))],
    )
  expect(faults).toEqual([])
  expect(bundles.filter((one) => isTrap(one) && faultsIn(one, 'real').length === 0)).toEqual([])
  expect(bundles).toHaveLength(16)
})

const script = (change: object): TestScript => ({
  ...{ resourceType: 'TestScript', url: 'http://example.org/t', name: 'T', status: 'draft' },
  ...change,
})
const doing = (action: object) => script({ test: [{ action: [action] }] })
test.each([
  ['another resource', { ...script({}), resourceType: 'Patient' }],
  ['profiles', script({ profile: [{ reference: 'x' }] })],
  [
    'fixtures that create themselves',
    script({ fixture: [{ id: 'a', autocreate: true, resource: { reference: '#a' } }] }),
  ],
  ['fixtures elsewhere', script({ fixture: [{ id: 'a', resource: { reference: 'Patient/1' } }] })],
  ['an operation to another destination', doing({ operation: { type: { code: 'read' }, destination: 2 } })],
  ['an operation that is not known', doing({ operation: { type: { code: 'nonsense' } } })],
  ['an assert of what is not looked at', doing({ assert: { minimumId: 'a' } })],
  ['an operator of its own', doing({ assert: { responseCode: '200', operator: 'about' } })],
  ['an action that does nothing', doing({})],
])('a script with %s is not run in part', (_what, given) =>
  expect(() => toCase('t', given as TestScript)).toThrow(NotUnderstood),
)

test('a case says what it writes, reading by POST is no writing, and what is not known is', () => {
  const operation = (type: string, rest: object) => ({ operation: { type: { code: type }, ...rest } })
  const action = [
    operation('create', { resource: 'Patient' }),
    operation('search', { resource: 'Patient' }),
    operation('validate', { method: 'post', url: 'Patient/$validate' }),
    operation('search', { method: 'post', url: 'Patient/_search' }),
    operation('file-document', { method: 'post', url: 'CarePlan/1/$file-document' }),
    operation('change-everything', { method: 'post', url: 'Patient/$change-everything' }),
    operation('export', { method: 'get', url: '$export?_type=Basic' }),
    operation('delete', { resource: 'Patient/1' }),
  ]
  expect(writesOf(toCase('t', script({ test: [{ action }] })))).toEqual([
    ...['POST Patient', 'POST CarePlan/1/$file-document', 'POST Patient/$change-everything'],
    ...['GET $export?_type=Basic', 'DELETE Patient/1'],
  ])
})
