import { setTimeout as sleep } from 'node:timers/promises'
import type {
  CarePlan,
  ClinicalImpression,
  Parameters,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  Task,
} from '@medplum/fhirtypes'
import {
  carePlanOf,
  communicationOf,
  goalOf,
  namedEventOf,
  observationOf,
  requestsOf,
  responseOf,
} from '../../core/decide/cases/case-resources.ts'
import type { CaseEvent, PathwayCase } from '../../core/decide/cases/pathway-case.ts'
import { madeBy } from '../../core/decide/plan/steer.ts'
import { statesOf } from '../../core/decide/stages/stage-state.ts'
import { ruleOf } from '../../core/decide/task/finding-task.ts'
import { isOpen } from '../../core/decide/task/task-status.ts'
import type { Resource } from '../../core/fhir/resource.ts'

/** What is asked of a server. @throws Error with its answer, where it refuses */
export type Ask = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object) => Promise<Resource>

/** What a server has of a patient at the end of a case, under the case's own names. */
export type ReadBack = {
  /** In the order in which they were made, each as it stands, and as it was when it was made. */
  tasks: { now: Task; made: Task }[]
  triage: ClinicalImpression[]
  /** Whatever else the server has made of its own. */
  others: Resource[]
  stages: string[]
  enrolment: CarePlan['status']
}

/** A case of a pathway as a patient of a running server lives it: everything goes in and comes out by FHIR REST. */
export class CaseOverRest {
  private readonly ask: Ask
  private readonly now: () => number
  private readonly given: PathwayCase
  private readonly canonical: string
  private readonly forms: Questionnaire[]
  private readonly id: string
  private readonly names: Map<string, string>
  private eventCount = 0

  /** @param id of the patient, and the beginning of the ids of whatever is the patient's */
  constructor({ ask, now, given, canonical, forms, id }: CaseOverRestOptions) {
    this.ask = ask
    this.now = now
    this.given = given
    this.canonical = canonical
    this.forms = forms
    this.id = id
    const own = ['Patient', 'CarePlan', 'CareTeam', 'Goal'].map((type): [string, string] => [`${type}/case`, id])
    const told = [...(given.patient.facts ?? []), ...given.events.flatMap(toldIn), ...requestsOf(given.patient, '')]
    this.names = new Map([
      ...own.map(([name, to]): [string, string] => [name, `${name.split('/')[0]}/${to}`]),
      ...told
        .filter(({ resourceType, id: one }) => !own.some(([name]) => name === `${resourceType}/${one}`))
        .map(({ resourceType, id: one }): [string, string] => [
          `${resourceType}/${one}`,
          `${resourceType}/${id}-${one}`,
        ]),
    ])
  }

  /** The patient, the team, the limits, and the CarePlan by which the patient is followed. */
  async begin(at: string): Promise<void> {
    const { limits, baseline, facts = [] } = this.given.patient
    const subject = { reference: 'Patient/case' }
    const known = facts.some(({ resourceType, id }) => resourceType === 'Patient' && id === 'case')
    const standing: object[] = [
      ...(known ? [] : [{ resourceType: 'Patient', id: 'case' }]),
      { resourceType: 'CareTeam', id: 'case', status: 'active', subject },
      ...facts,
      goalOf(limits, baseline),
      carePlanOf(this.given.patient, this.canonical, at),
      ...requestsOf(this.given.patient, at),
    ]
    await this.ask('POST', '', transactionOf(standing.map((one) => this.named(one as Resource))))
  }

  async happen(event: CaseEvent): Promise<void> {
    if ('measured' in event) return this.put(observationOf(event) as unknown as Resource)
    if ('answered' in event && event.refused) return this.isRefused(event)
    if ('answered' in event) return this.put(this.inForm(this.authoredNow(responseOf(event))) as unknown as Resource)
    if ('resource' in event) return this.put(event.resource)
    if ('removed' in event) return this.done('DELETE', this.renamed(event.removed))
    if ('limits' in event) {
      return this.put(goalOf(event.limits, this.given.patient.baseline) as unknown as Resource)
    }
    if ('event' in event) {
      this.eventCount += 1
      const { id: _, ...basic } = namedEventOf(event, this.eventCount)
      return this.done('POST', 'Basic', this.renamed(basic))
    }
    if ('carePlan' in event) {
      const carePlan = (await this.ask('GET', `CarePlan/${this.id}`)) as unknown as CarePlan
      return this.done('PUT', `CarePlan/${this.id}`, { ...carePlan, status: event.carePlan })
    }
    if ('stage' in event) {
      const to = { name: 'to', valueId: event.stage }
      const body = parametersOf(to, { name: 'reason', valueString: event.reason })
      return this.done('POST', `CarePlan/${this.id}/$move-stage`, body)
    }
    if ('taskBecomes' in event) {
      return this.eachOpen(event.rule, (task) =>
        this.done('PUT', `Task/${task.id}`, { ...task, status: event.taskBecomes }),
      )
    }
    if ('snoozed' in event) {
      const until = { name: 'until', valueInstant: event.until }
      const body = parametersOf({ name: 'reason', valueString: event.reason }, until)
      return this.eachOpen(event.snoozed, (task) => this.done('POST', `Task/${task.id}/$snooze`, body))
    }
    if ('woken' in event) return this.eachOpen(event.woken, (task) => this.done('POST', `Task/${task.id}/$wake`))
    // A system takes no Task for itself; it says who has.
    if ('claimed' in event) {
      return this.eachOpen(event.claimed, (task) =>
        this.done('PUT', `Task/${task.id}`, { ...task, status: 'accepted', owner: { reference: event.by } }),
      )
    }
    if ('messageSent' in event) return this.tellOfMessages(event.at, true, event.messageSent)
    if ('messageFailed' in event) return this.tellOfMessages(event.at, false, event.messageFailed)
    throw new Error(`"${Object.keys(event).join(', ')}" is nothing that can happen over REST`)
  }

  async readBack(): Promise<ReadBack> {
    if (this.given.enrolment === 'completed') await this.untilClosed()
    const all = await this.everything()
    const carePlan = all.find(({ resourceType }) => resourceType === 'CarePlan') as unknown as CarePlan
    const found = all.filter(({ resourceType }) => resourceType === 'Task') as unknown as Task[]
    const made = await Promise.all(
      found.map(async (now) => ({
        now,
        made: (await this.ask('GET', `Task/${now.id}/_history/1`)) as unknown as Task,
      })),
    )
    const tasks = made.sort((one, other) => madeAt(one.made) - madeAt(other.made))
    // A case names a Task by when it was made: the first is t1.
    const numbered = new Map(tasks.map(({ now }, i) => [`Task/${now.id}`, `Task/t${i + 1}`]))
    const back = new Map([...[...this.names].map(([name, own]): [string, string] => [own, name]), ...numbered])
    const asInCase = <T>(told: T): T => JSON.parse(replaced(JSON.stringify(told), back)) as T
    return {
      tasks: asInCase(tasks),
      triage: asInCase(
        all.filter(({ resourceType }) => resourceType === 'ClinicalImpression') as unknown as ClinicalImpression[],
      ),
      others: asInCase(all.filter(({ resourceType, id }) => resourceType !== 'Task' && !id?.startsWith(this.id))),
      stages: statesOf(carePlan).map(({ stage }) => stage),
      enrolment: carePlan.status,
    }
  }

  /** What ends with an enrolment is ended by its keeper, beside the engine whose rest is waited for. What has not ended in time is told by the case. */
  private async untilClosed(): Promise<void> {
    for (const begun = Date.now(); Date.now() - begun < CLOSING_MILLISECONDS_MAX; await sleep(200)) {
      const { status } = await this.ask('GET', `CarePlan/${this.id}`)
      const page = (await this.ask('GET', `Task?patient=${this.id}&_count=1000`)) as unknown as Bundle
      const tasks = (page.entry ?? []).flatMap(({ resource }) => resource ?? []) as unknown as Task[]
      if (status === 'completed' && !tasks.some(isOpen)) return
    }
  }

  private async everything(): Promise<Resource[]> {
    const page = (await this.ask('GET', `Patient/${this.id}/$everything?_count=1000`)) as unknown as Bundle
    if (page.link?.some(({ relation }) => relation === 'next')) throw new Error('A case of more than 1000 resources')
    return (page.entry ?? []).flatMap(({ resource }) => resource ?? [])
  }

  private async eachOpen(rule: string, act: (task: Task) => Promise<void>): Promise<void> {
    const page = (await this.ask('GET', `Task?patient=${this.id}&_count=1000`)) as unknown as Bundle
    const tasks = (page.entry ?? []).flatMap(({ resource }) => resource ?? []) as unknown as Task[]
    const open = tasks.filter((task) => isOpen(task) && nameOf(task) === rule)
    for (const task of open) await act(task)
  }

  private async tellOfMessages(at: string, isSent: boolean, rule: string): Promise<void> {
    const page = (await this.ask('GET', `CommunicationRequest?patient=${this.id}&status=active`)) as unknown as Bundle
    const waiting = (page.entry ?? []).flatMap(({ resource }) => resource ?? [])
    const own = waiting.filter((one) => madeBy(one)?.actionId === rule)
    const { id: _, ...told } = communicationOf(
      at,
      isSent,
      own.map(({ id }) => `CommunicationRequest/${id}`),
    )
    await this.done('POST', 'Communication', this.renamed(told))
  }

  /** Nobody answers before they are asked: a busy server has asked a little later than the case tells. */
  private authoredNow(response: QuestionnaireResponse): QuestionnaireResponse {
    const latest = Math.max(Date.parse(String(response.authored)), this.now())
    return { ...response, authored: new Date(latest).toISOString() }
  }

  /** Answers stand in a response as their questions stand in the form. */
  private inForm(response: QuestionnaireResponse): QuestionnaireResponse {
    const form = this.forms.find(({ url, version }) =>
      [url, `${url}|${version}`].includes(response.questionnaire ?? ''),
    )
    const answered = new Map((response.item ?? []).map((item) => [item.linkId, item]))
    return form ? { ...response, item: itemsOf(form.item ?? [], answered) } : response
  }

  /** @throws Error where the server takes what the case says it refuses, or fails over it */
  private async isRefused(event: Extract<CaseEvent, { answered: unknown }>): Promise<void> {
    const sent = this.put(this.inForm(this.authoredNow(responseOf(event))) as unknown as Resource)
    const answer = await sent.then(
      () => 'taken',
      (error: Error) => error.message,
    )
    if (!/: 4\d\d .*"OperationOutcome"/.test(answer))
      throw new Error(`${event.id} should be refused, and is: ${answer}`)
  }

  private async put(resource: Resource): Promise<void> {
    const named = this.named(resource)
    await this.ask('PUT', `${named.resourceType}/${named.id}`, named)
  }

  private named(resource: Resource): Resource {
    return this.renamed(withoutEmpty(resource))
  }

  private async done(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    await this.ask(method, path, body)
  }

  private renamed<T>(told: T): T {
    const renamed = JSON.parse(replaced(JSON.stringify(told), this.names)) as T
    const { resourceType, id } = renamed as Partial<Resource>
    const own = resourceType && id ? this.names.get(`${resourceType}/${id}`) : undefined
    return own ? { ...renamed, id: own.split('/')[1] } : renamed
  }
}

export type CaseOverRestOptions = {
  ask: Ask
  /** What the server's clock shows, and never more. */
  now: () => number
  given: PathwayCase
  /** Of the plan that is followed. */
  canonical: string
  forms: Questionnaire[]
  id: string
}

/** All of them or none, each under its own id. */
export const transactionOf = (resources: Resource[]) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  })),
})

const CLOSING_MILLISECONDS_MAX = 30_000

type Bundle = { entry?: { resource?: Resource }[]; link?: { relation: string }[] }

/** A Task of a rule bears its id; one that no rule has made, its code. */
const nameOf = (task: Task): string => ruleOf(task)?.actionId ?? task.code?.coding?.[0]?.code ?? ''

const madeAt = ({ meta }: Task): number => Date.parse(String(meta?.lastUpdated))

const parametersOf = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter }) as unknown as Parameters

/** The resources that an event brings, by their ids in the case. */
function toldIn(event: CaseEvent): { resourceType: string; id: string }[] {
  if ('measured' in event) return [{ resourceType: 'Observation', id: event.measured.id }]
  if ('answered' in event) return [{ resourceType: 'QuestionnaireResponse', id: event.id }]
  if ('resource' in event) return [{ resourceType: event.resource.resourceType, id: String(event.resource.id) }]
  return []
}

/** References, with or without a version, from the longest name down. */
function replaced(json: string, names: Map<string, string>): string {
  const longestFirst = [...names].sort(([one], [other]) => other.length - one.length)
  return longestFirst.reduce(
    (text, [name, other]) => text.replaceAll(`"${name}"`, `"${other}"`).replaceAll(`"${name}/`, `"${other}/`),
    json,
  )
}

/** JSON of FHIR has no empty arrays. */
const withoutEmpty = (resource: Resource): Resource =>
  Object.fromEntries(
    Object.entries(resource).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  ) as Resource

function itemsOf(
  questions: QuestionnaireItem[],
  answered: Map<string | undefined, QuestionnaireResponseItem>,
): QuestionnaireResponseItem[] {
  return questions.flatMap((question): QuestionnaireResponseItem[] => {
    const { linkId, item = [], answerOption = [] } = question
    const below = itemsOf(item, answered)
    const own = answered.get(linkId)
    if (!own) return below.length > 0 ? [{ linkId, item: below }] : []
    const answer = own.answer?.map((one) => {
      const option = answerOption.find(({ valueCoding }) => valueCoding && valueCoding.code === one.valueCoding?.code)
      if (option) return { valueCoding: option.valueCoding }
      return question.type === 'decimal' && one.valueInteger !== undefined ? { valueDecimal: one.valueInteger } : one
    })
    return [{ ...own, ...(answer ? { answer } : {}), ...(below.length > 0 ? { item: below } : {}) }]
  })
}
