import type { CarePlan, ClinicalImpression, Identifier, Questionnaire } from '@medplum/fhirtypes'
import { hookedPlan } from '../cds-hooks/hooked-plan.ts'
import { findHook, type Hook } from '../cds-hooks/hooks.ts'
import { offeredIn } from '../cds-hooks/offer-report.ts'
import type { CaseRequest, CaseTask, PathwayCase } from '../core/decide/cases/pathway-case.ts'
import { playCase } from '../core/decide/cases/play-case.ts'
import { summarise, summariseRequest } from '../core/decide/cases/summarise.ts'
import { NOTICE } from '../core/decide/plan/vocabulary.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { STEERED_TYPES } from '../core/requests/activity-life.ts'
import { differencesFrom } from '../lifecycle/plan-report.ts'
import { loadOffers, loadPathway, pathwayNames, resourcesOf } from '../plans/load-pathways.ts'
import { datedFrom, quietMidnight } from './harness/case-dates.ts'
import { type Ask, CaseOverRest, type ReadBack, transactionOf } from './harness/case-over-rest.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

/** Every case of every pathway in `plandefinitions/`, each of a patient of its own, all in the same days of one server. */
const PLAYED = pathwayNames().flatMap((pathway) => {
  const { plan, cases } = loadPathway(pathway)
  const forms = resourcesOf(pathway).filter(({ resourceType }) => resourceType === 'Questionnaire')
  return cases.map(([name, given]) => ({
    ...{ name: `${pathway}/${name}`, title: given.title, plan, given },
    forms: forms as unknown as Questionnaire[],
  }))
})
/** And the cases of what an EHR is to offer, all about one patient: what is known comes along with the question. */
const OFFERED = pathwayNames().flatMap((pathway) =>
  loadOffers(pathway).flatMap(({ plan, cases }) =>
    cases.map(({ name, given }) => ({ name: `${plan.id}/${name}`, title: given.title, plan, given })),
  ),
)
/** No case is longer than this; the server's days are so many, and those of the week in which it begins. */
const DAYS_MAX = 120
const MINUTE = 60_000
/** The server lets no more pass in one call than a month. */
const STEP_MAX = 30 * 24 * 60 * MINUTE
const REQUEST_TYPES = new Set<string>(STEERED_TYPES.filter((type) => type !== 'Task' && type !== 'CarePlan'))

let server: RunningServer
let token: string
const readBacks = new Map<string, { dated: PathwayCase; came: ReadBack }>()
const offers = new Map<string, CarePlan>()

beforeAll(async () => {
  // Each week of these months would be forecast for each pathway, which other tests look at and nobody asks for here.
  server = await startServer({ env: { SIMULATIONS: 'off' } })
  token = await server.token()
  await playAll()
  await askForOffers()
}, 900_000)
afterAll(() => server.dispose())

const ask: Ask = async (method, path, body) => {
  const response = await fetch(`${server.fhir}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return (text ? JSON.parse(text) : {}) as Resource
}

/** What the server's clock showed, and when that was by ours. */
let clock = { shown: 0, at: 0 }
/** Never more than the server's: ours began when its answer had come. */
const timeNow = () => clock.shown + (Date.now() - clock.at)

/** The engine is at rest when it is there. A call tells when it has used up its time; the next one goes on. */
async function passTo(moment: number): Promise<void> {
  for (;;) {
    const isComplete = await passBy(Math.min(Math.max(moment - timeNow(), 0), STEP_MAX))
    if (isComplete && timeNow() >= moment) return
  }
}

async function passBy(milliseconds: number): Promise<boolean> {
  const valueDuration = { value: milliseconds / 1_000, system: 'http://unitsofmeasure.org', code: 's' }
  const by = { resourceType: 'Parameters', parameter: [{ name: 'by', valueDuration }] }
  const { parameter } = (await ask('POST', '$advance-clock', by)) as unknown as {
    parameter: [{ valueInstant: string }, { valueBoolean: boolean }]
  }
  const [now, complete] = parameter
  clock = { shown: Date.parse(now.valueInstant), at: Date.now() }
  return complete.valueBoolean
}

async function playAll(): Promise<void> {
  await restOthers()
  await passBy(0)
  const begin = quietMidnight(new Date(timeNow()), DAYS_MAX + 7)
  const lives = PLAYED.map(({ name, plan, given, forms }) => {
    const firstAt = String(given.events[0]?.at ?? given.until)
    const dated = datedFrom(begin, firstAt, given)
    const over = new CaseOverRest({ ask, now: timeNow, given: dated, canonical: plan.canonical, forms, id: idOf(name) })
    const moments = [...dated.events.map(({ at }) => at), ...(dated.until ? [dated.until] : [])].map(Date.parse)
    return { name, dated, over, first: Math.min(...moments), last: Math.max(...moments) }
  })
  const moments = new Set(lives.flatMap(({ dated, last }) => [...dated.events.map(({ at }) => Date.parse(at)), last]))
  for (const moment of [...moments].sort((one, other) => one - other)) {
    await passTo(moment)
    await each(
      lives,
      ({ first }) => first === moment,
      ({ over }) => over.begin(new Date(moment).toISOString()),
    )
    await passTo(moment)
    await each(
      lives,
      () => true,
      async ({ dated, over }) => {
        for (const event of dated.events.filter(({ at }) => Date.parse(at) === moment)) await over.happen(event)
      },
    )
    await passTo(moment)
    await each(
      lives,
      ({ last }) => last === moment,
      async ({ name, dated, over }) => {
        readBacks.set(name, { dated, came: await over.readBack() })
        await rest(idOf(name))
      },
    )
  }
}

/** As a hook's cards are worked out: the plan as it answers to the hook, and what the EHR tells of the patient. */
async function askForOffers(): Promise<void> {
  await ask('PUT', 'Patient/case', { resourceType: 'Patient', id: 'case' } as Resource)
  const begin = new Date(timeNow())
  const dated = OFFERED.map((one) => ({ ...one, given: datedFrom(begin, one.given.at, one.given) }))
  for (const { name, plan, given } of dated.sort((one, other) => one.given.at.localeCompare(other.given.at))) {
    const { at, hook, facts } = given
    await passTo(Date.parse(at))
    const entry = facts.map((resource) => ({ resource }))
    const parameter = [
      { name: 'planDefinition', resource: hookedPlan(plan, findHook(hook) as Hook) },
      { name: 'subject', valueString: 'Patient/case' },
      { name: 'data', resource: { resourceType: 'Bundle', type: 'collection', entry } },
    ]
    const body = { resourceType: 'Parameters', parameter } as unknown as Resource
    offers.set(name, (await ask('POST', 'PlanDefinition/$apply', body)) as unknown as CarePlan)
  }
}

const idOf = (name: string) => name.replace('/', '-')

/** Whose case is over: nothing more need ring for them in the days of the others. */
async function rest(id: string): Promise<void> {
  const carePlan = await ask('GET', `CarePlan/${id}`)
  if (carePlan.status === 'active') await ask('PUT', `CarePlan/${id}`, { ...carePlan, status: 'on-hold' } as Resource)
}

/** The demo's own patients are nobody's case: their clocks need not ring for weeks. */
async function restOthers(): Promise<void> {
  const found = (await ask('GET', 'CarePlan?status=active&_count=1000')) as unknown as {
    entry?: { resource: Resource }[]
  }
  const resting = (found.entry ?? []).map(({ resource }) => ({ ...resource, status: 'on-hold' }))
  await ask('POST', '', transactionOf(resting))
}

async function each<T>(all: T[], which: (one: T) => boolean, act: (one: T) => Promise<void>): Promise<void> {
  await Promise.all(all.filter(which).map(act))
}

describe.each(PLAYED)('$name: $title', ({ name, plan }) => {
  const readBack = () => readBacks.get(name) as { dated: PathwayCase; came: ReadBack }

  test('Tasks, requests and stages are those of the case', async () => {
    const { dated, came } = readBack()
    const expected = { ...dated, requests: dated.requests ?? (await requestsOfCore()) }
    const tasks = came.tasks.filter(({ now }) => counts(dated, now)).map((task) => toldBy(dated, task))
    const requests = came.others.filter((one) => REQUEST_TYPES.has(one.resourceType) && !isOfMark(dated, one))
    expect(
      differencesFrom(expected, {
        tasks: tasks.map((task, i) => onTime(task, dated.tasks[i], ['deadline'])),
        requests: requests.map(summariseRequest).map((one, i) => onTime(one, expected.requests[i], ['at'])),
        stages: came.stages,
        enrolment: came.enrolment,
      }),
    ).toEqual([])

    /** What the pure core makes of the case, where the case itself says nothing of it: a message is no surprise. */
    async function requestsOfCore(): Promise<CaseRequest[]> {
      const { requests } = await playCase(plan, dated)
      return requests
        .map(summariseRequest)
        .map(({ type, status, code, text, rule }) => ({ type, status, code, text, rule }))
    }
  })

  test('what a Task is about is triaged, with the rule that found it', () => {
    const { came } = readBack()
    for (const { now, made } of came.tasks) {
      const { rule, colour, code } = summarise(made)
      const about = String(made.focus?.reference).replace(/\/_history\/.*$/, '')
      if (!colour || !/^(Observation|QuestionnaireResponse)\//.test(about) || now.status === 'cancelled') continue
      const triage = came.triage.filter((one) => investigates(one, about))
      // What could not be worked out is grey, under the rules that could not.
      const expected = code === 'rule-unevaluable' ? ['grey'] : [colour, rule]
      expect({ rule, triage: triage.flatMap(findingCodes) }).toEqual({ rule, triage: expect.arrayContaining(expected) })
    }
  })
})

test.each(OFFERED)('$name: $title', ({ name, given }) => {
  expect(offeredIn(offers.get(name) as CarePlan)).toEqual(given.offered)
})

/** A server has the clocks of Tasks as well; a case that does not speak of them is about the rest. */
const counts = ({ clocks = [] }: PathwayCase, task: Parameters<typeof summarise>[0]): boolean =>
  clocks.includes('silences') || !/^silence-not-(opened|decided|sent)$/.test(summarise(task).code)

/** Whoever has a Task is told of each of its marks that passes: who is told of what else is another message. */
const isOfMark = ({ clocks = [] }: PathwayCase, { identifier }: Resource): boolean =>
  !clocks.includes('deadlines') &&
  ([identifier ?? []].flat() as Identifier[]).some(
    ({ system, value = '' }) => system === NOTICE && !Number.isNaN(Date.parse(value.split('|')[1] ?? '')),
  )

/** Its urgency rises as its marks pass: of a case without them, as it was made. */
function toldBy({ clocks = [] }: PathwayCase, { now, made }: ReadBack['tasks'][number]): CaseTask {
  const { priority } = summarise(clocks.includes('deadlines') ? now : made)
  return { ...summarise(now), priority }
}

/** The server's clock goes on while things are sent to it: what is so near to its moment, is at it. */
function onTime<T extends object, K extends keyof T>(came: T, wanted: Partial<T> | undefined, times: K[]): T {
  const near = times.filter((time) => {
    const apart = Math.abs(Date.parse(String(came[time])) - Date.parse(String(wanted?.[time])))
    return apart < 10 * MINUTE
  })
  return { ...came, ...Object.fromEntries(near.map((time) => [time, wanted?.[time]])) }
}

const investigates = ({ investigation = [] }: ClinicalImpression, about: string): boolean =>
  JSON.stringify(investigation).includes(`"${about}/_history/`) || JSON.stringify(investigation).includes(`"${about}"`)

const findingCodes = ({ finding = [] }: ClinicalImpression): string[] =>
  finding.flatMap(({ itemCodeableConcept }) => itemCodeableConcept?.coding?.flatMap(({ code }) => code ?? []) ?? [])
