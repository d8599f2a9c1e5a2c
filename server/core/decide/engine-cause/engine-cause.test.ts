import type { CarePlan, Duration, Observation, PlanDefinition, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { FINDING } from '../plan/vocabulary.ts'
import { OCCURRENCE_POLICY } from '../schedule/policy.ts'
import { silenceTask } from '../silence/silence-task.ts'
import { LANGUAGES } from '../words/language.ts'
import { sameInAll } from '../words/told.ts'
import { taskInWords } from './cause-words.ts'
import { engineWorkOf } from './engine-work.ts'
import { type AskingThen, missedInWords, missedOccurrence, soughtFor } from './missed-occurrence.ts'

const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }
const DUE = new Date('2026-11-11T07:00:00Z')

const grace = (value: number) => ({
  extension: [
    {
      url: OCCURRENCE_POLICY,
      extension: [
        { url: 'grace', valueDuration: { value, system: 'http://unitsofmeasure.org', code: 'min' } as Duration },
      ],
    },
  ],
})
const REQUEST: ServiceRequest = {
  ...{ resourceType: 'ServiceRequest', id: 's', meta: { versionId: '3' }, status: 'active', intent: 'order' },
  ...{ code: WEIGHT, subject: { reference: 'Patient/p' }, basedOn: [{ reference: 'CarePlan/c' }] },
  occurrenceTiming: {
    repeat: {
      ...{ boundsPeriod: { start: '2026-11-01' }, frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00'] },
    },
  },
}
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
}
const PLAN: PlanDefinition = {
  ...{
    resourceType: 'PlanDefinition',
    url: 'http://example.org/plan',
    version: '2',
    status: 'active',
    title: 'Planen',
  },
}
const asking = (
  request: ServiceRequest,
  { carePlan = CARE_PLAN, plan }: { carePlan?: CarePlan; plan?: PlanDefinition } = {},
): AskingThen => ({
  ...{ about: 'ServiceRequest/s', activity: '', request: request as unknown as Resource },
  ...{ carePlans: [carePlan], plansOf: () => (plan ? [plan] : []) },
})
const weighed = (id: string, effectiveDateTime: string): Resource => ({
  ...({ resourceType: 'Observation', status: 'final', code: WEIGHT, effectiveDateTime } satisfies Observation),
  ...{ id, meta: { versionId: '1' } },
})

describe('what was missed', () => {
  test.each([
    ['the order itself', { ...REQUEST, ...grace(30) }, { plan: PLAN }, 'plan', 'request', 30],
    ['the CarePlan', REQUEST, { carePlan: { ...CARE_PLAN, ...grace(40) }, plan: PLAN }, 'plan', 'care-plan', 40],
    ['the plan', REQUEST, { plan: { ...PLAN, ...grace(50) } }, 'plan', 'plan', 50],
    ['nobody', REQUEST, {}, 'order', 'default', 120],
  ] as const)('tells whose it was, and its grace as %s says it', (_who, request, more, askedBy, graceFrom, minutes) => {
    const missed = missedOccurrence(asking(request as ServiceRequest, more as object), DUE)
    expect(missed).toMatchObject({ askedBy, graceFrom })
    expect(missed?.occurrence.closesAt).toEqual(new Date(DUE.getTime() + minutes * 60_000))
  })

  test.each<[string, AskingThen, Date]>([
    ['that is not due then', asking(REQUEST), new Date('2026-11-11T07:00:01Z')],
    ['that was not in force', asking({ ...REQUEST, status: 'on-hold' }), DUE],
    ['of a CarePlan that rested', asking(REQUEST, { carePlan: { ...CARE_PLAN, status: 'on-hold' } }), DUE],
  ])('is nothing %s', (_what, then, due) => expect(missedOccurrence(then, due)).toBeUndefined())

  test('is told with what was there, what counted for something else, and what came late', () => {
    const missed = missedOccurrence(asking(REQUEST, { plan: PLAN }), DUE)
    if (!missed) throw new Error('nothing missed')
    const known = [weighed('day-before', '2026-11-10T07:00:00Z'), weighed('other', '2026-11-11T06:00:00Z')]
    const sought = soughtFor(missed, known, [...known, weighed('late', '2026-11-11T07:10:00Z')])
    expect(sought).toMatchObject({ within: [{ id: 'other' }], before: { id: 'day-before' }, late: [{ id: 'late' }] })
    expect(LANGUAGES.map((language) => missedInWords(missed, sought, language))).toEqual([
      '«Vekt» var bedt om (ServiceRequest/s/_history/3) som del av planen Planen (2). Den skulle komme 2026-11-11 kl. 08:00; det som ble målt eller besvart fra 2026-11-11 kl. 06:00 til 2026-11-11 kl. 10:00, telte (ingen frist er satt, så den vanlige gjelder). 1 i dette tidsrommet telte for et tidligere tidspunkt, så for dette kom det ingenting. Det siste før det var fra 2026-11-10 kl. 08:00. Senere kom det ett fra 2026-11-11 kl. 08:10.',
      '«Vekt» var bede om (ServiceRequest/s/_history/3) som del av planen Planen (2). Det skulle kome 2026-11-11 kl. 08:00; det som vart målt eller svart på frå 2026-11-11 kl. 06:00 til 2026-11-11 kl. 10:00, talde (ingen frist er sett, så den vanlege gjeld). 1 i dette tidsrommet talde for eit tidlegare tidspunkt, så for dette kom det ingenting. Det siste før det var frå 2026-11-10 kl. 08:00. Seinare kom det eitt frå 2026-11-11 kl. 08:10.',
      '“Vekt” was asked for (ServiceRequest/s/_history/3) as part of the plan Planen (2). It was due 2026-11-11 08:00; what was measured or answered from 2026-11-11 06:00 to 2026-11-11 10:00 counted (nobody has said how long, so the usual holds). 1 in this window counted for an earlier time, so nothing came for this one. The last before it was from 2026-11-10 08:00. Later one came from 2026-11-11 08:10.',
    ])
  })

  test('with nothing there it says that nothing came', () => {
    const missed = missedOccurrence(asking(REQUEST), DUE)
    if (!missed) throw new Error('nothing missed')
    const said = LANGUAGES.map((language) => missedInWords(missed, { within: [], late: [] }, language))
    expect(said).toEqual([
      expect.stringContaining('Ingenting av det som var kommet da tiden var ute'),
      expect.stringContaining('Ingenting av det som var kome då tida var ute'),
      expect.stringContaining('Nothing of what had come when the time was over'),
    ])
  })
})

describe('whose work a Task is', () => {
  const named = (value?: string): Task => ({
    ...{ resourceType: 'Task', status: 'requested', intent: 'order', focus: { reference: 'CarePlan/c' } },
    ...{ for: { reference: 'Patient/p' }, authoredOn: '2026-11-11T09:00:00Z' },
    ...(value ? { identifier: [{ system: FINDING, value }] } : {}),
  })

  test.each([
    ['a rule’s', 'http://example.org/plan|spo2-red|Patient/p|Observation/o', undefined],
    ['a person’s', undefined, undefined],
    [
      'a stage’s',
      'http://example.org/plan|*stage|Patient/p|CarePlan/c/first/x',
      { kind: 'other', about: 'CarePlan/c' },
    ],
    [
      'a legal basis’',
      'http://example.org/plan|*legal-basis|Patient/p|CarePlan/c',
      { kind: 'other', about: 'CarePlan/c' },
    ],
    [
      'the schedule’s',
      'CarePlan/c|occurrence-missing.weigh|Patient/p|2026-11-11T07:00:00.000Z',
      { kind: 'missing', about: 'CarePlan/c', activity: 'weigh', dues: [] },
    ],
  ])('%s', (_whose, name, work) => expect(engineWorkOf(named(name))).toEqual(work))

  test('one that does not say when it was made is not the engine’s', () => {
    const { authoredOn: _at, ...task } = named('http://example.org/plan|*stage|Patient/p|CarePlan/c/first/x')
    expect(engineWorkOf(task)).toBeUndefined()
  })

  test('a silence says what is silent and since when, in each language', () => {
    const task = silenceTask(
      {
        ...{
          silence: 'not-opened',
          owner: { reference: 'CareTeam/t' },
          after: { value: 1, code: 'h' },
          about: 'Task/t',
        },
        ...{ subject: 'Patient/p', since: DUE, told: sameInAll('Ingen har åpnet') },
      },
      { id: 'x', now: new Date('2026-11-11T09:00:00Z') },
    )
    expect(engineWorkOf(task)).toEqual({ kind: 'other', about: 'Task/t', since: DUE })
    expect(LANGUAGES.map((language) => taskInWords(task, language))).toEqual([
      'Oppgaven «Oppgaven er ikke åpnet» ble laget 2026-11-11 kl. 10:00 av plattformen selv, ikke av en regel i en plan. Ingen har åpnet.',
      'Oppgåva «Oppgåva er ikkje opna» vart laga 2026-11-11 kl. 10:00 av plattforma sjølv, ikkje av ein regel i ein plan. Ingen har åpnet.',
      'The task “The task has not been opened” was made 2026-11-11 10:00 by the platform itself, not by a rule of a plan. Ingen har åpnet.',
    ])
  })
})
