import type { CarePlan, Consent, PlanDefinition } from '@medplum/fhirtypes'
import { compilePlan } from '../../core/decide/plan/compile-plan.ts'
import { basisOf, isGiven, missingBasis, toExtensions } from './basis.ts'
import { type BasisFacts, keepLegalBasis } from './basis-task.ts'
import { checkDemands, demandInWords, demandsOf, LEGAL_BASIS_REQUIRED } from './demands.ts'

const NOW = new Date('2026-11-10T12:00:00Z')
const CATEGORY = { system: 'http://example.org/c', code: 'dho', display: 'oppfølging' }
const LAW = 'https://lovdata.no/lov/1999-07-02-63'
const PATIENT = { reference: 'Patient/1' }

const demanding = (...demands: object[][]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', status: 'active', url: 'http://example.org/plan', version: '1', title: 'Plan' },
  extension: demands.map((extension) => ({ url: LEGAL_BASIS_REQUIRED, extension: extension as never })),
})
const policy = (valueUri: string) => ({ url: 'policy', valueUri })
const consented = { url: 'consent', valueCoding: CATEGORY }
const consent = (change: Partial<Consent> = {}): Consent => ({
  ...{
    resourceType: 'Consent',
    id: 'c',
    status: 'active',
    patient: PATIENT,
    scope: {},
    category: [{ coding: [CATEGORY] }],
  },
  ...change,
})
const until = (end: string) => ({ provision: { period: { end } } })

test.each<[string, Partial<Consent>, boolean]>([
  ['that is active is given', {}, true],
  ['of another patient is not', { patient: { reference: 'Patient/2' } }, false],
  ['that was withdrawn is not', { status: 'inactive' }, false],
  ['that is only proposed is not', { status: 'proposed' }, false],
  ['that says no is not', { provision: { type: 'deny' } }, false],
  ['that begins tomorrow is not', { provision: { period: { start: '2026-11-11' } } }, false],
  ['whose last day is today is', until('2026-11-10'), true],
  ['whose last day was yesterday is not', until('2026-11-09'), false],
])('a Consent %s', (_case, change, expected) => {
  expect(isGiven(consent(change), 'Patient/1', NOW)).toBe(expected)
})

test('any of what a demand names will do; several demands are needed all', () => {
  const plan = demanding([policy(LAW), consented], [policy('urn:agreement')])
  const missing = (policies: string[], given: Consent[]) =>
    missingBasis(plan, { policies, consents: [], given }).map(({ policies: [first] }) => first)
  expect(missing([], [])).toEqual([LAW, 'urn:agreement'])
  expect(missing([LAW], [])).toEqual(['urn:agreement'])
  expect(missing(['urn:agreement'], [consent()])).toEqual([])
  expect(missing(['urn:agreement'], [consent({ category: [{ coding: [{ ...CATEGORY, code: 'other' }] }] })])).toEqual([
    LAW,
  ])
})

test('what a CarePlan rests on is read as it was written', () => {
  const basis = { policies: [LAW], consents: ['Consent/c'] }
  expect(basisOf({ extension: toExtensions(basis) })).toEqual(basis)
  expect(basisOf({})).toEqual({ policies: [], consents: [] })
})

test('a demand says what would do, in each language', () => {
  const [demand] = demandsOf(demanding([{ url: 'title', valueString: 'Samtykke' }, consented, policy(LAW)]))
  expect(demand && demandInWords(demand)).toEqual({
    nb: `Samtykke (pasientens samtykke: oppfølging, eller ${LAW})`,
    nn: `Samtykke (samtykket til pasienten: oppfølging, eller ${LAW})`,
    en: `Samtykke (the patient’s consent: oppfølging, or ${LAW})`,
  })
})

test.each([
  ['that nothing can meet', [{ url: 'title', valueString: 'Noe' }], 'PlanDefinition.extension[0]'],
  ['by a name that is no uri', [policy('helseloven')], 'PlanDefinition.extension[0].extension'],
  [
    'of a category without a system',
    [{ url: 'consent', valueCoding: { code: 'x' } }],
    'PlanDefinition.extension[0].extension',
  ],
])('a demand %s keeps its plan from coming into force', (_case, demand, expression) => {
  expect(checkDemands(demanding(demand)).map((problem) => problem.expression)).toEqual([expression])
  expect(checkDemands(demanding([policy(LAW), consented]))).toEqual([])
})

describe('an enrolment that runs', () => {
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', id: 'cp', status: 'active', intent: 'plan', subject: PATIENT },
    extension: toExtensions({ policies: [], consents: ['Consent/c'] }),
  }
  const keep = (consents: Consent[], openTasks: BasisFacts['openTasks'] = []) =>
    keepLegalBasis({
      ...{ consents, openTasks, now: NOW, newId: () => 'new' },
      enrolments: [{ carePlan, plan: compilePlan(demanding([consented]), () => undefined) }],
    })

  test('is a Task once its Consent is withdrawn, once; and no more when it is given again', () => {
    expect(keep([consent()]).tasks).toEqual([])
    const [made] = keep([consent({ status: 'inactive' })]).tasks
    expect(made).toMatchObject({ act: 'create', task: { code: { coding: [{ code: 'legal-basis-missing' }] } } })
    if (!made) return
    expect(keep([], [made.task]).tasks).toEqual([])
    expect(keep([consent()], [made.task]).tasks).toMatchObject([{ act: 'update', task: { status: 'cancelled' } }])
  })

  test('that somebody works on already gets a note instead, and the same note once', () => {
    const [made] = keep([]).tasks
    if (!made) throw new Error('a Task')
    const [told] = keep([consent()], [{ ...made.task, status: 'in-progress' }]).tasks
    expect(told?.task).toMatchObject({
      ...{ status: 'in-progress', note: [{ text: expect.stringContaining('rettslig grunnlag igjen') }] },
    })
    expect(keep([consent()], told && [told.task]).tasks).toEqual([])
  })

  test('has a clock for the end of the first of its Consents', () => {
    const key = { kind: 'legal-basis', about: 'CarePlan/cp', name: 'until', plan: 'http://example.org/plan' }
    // The last day ends at midnight by Norwegian clocks.
    const dueAt = new Date('2026-11-12T23:00:00Z')
    expect(keep([consent(until('2026-11-12'))]).timers).toEqual([{ act: 'set', timer: { ...key, dueAt } }])
    expect(keep([consent()]).timers).toEqual([{ act: 'drop', timer: key }])
  })

  test('rests on the Consents that it names alone', () => {
    expect(keep([consent({ id: 'other' })]).tasks).toHaveLength(1)
  })
})
