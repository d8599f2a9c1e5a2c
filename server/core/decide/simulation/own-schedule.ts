import type { CarePlan, PlanDefinition, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { type AskedFor, type ScheduleProblem, toAskedFor } from '../schedule/asked-for.ts'
import {
  arrange,
  type Followed,
  type FollowFacts,
  receive,
  resultsAround,
  resultsFrom,
  ring,
  tellProblems,
  toScheduleChange,
} from '../schedule/follow-schedule.ts'
import { isResultOf } from '../schedule/fulfilment.ts'
import { questionnaireOf } from '../schedule/questionnaire-task.ts'
import type { Timer } from '../timer.ts'
import type { Change } from './change.ts'
import type { Clocks } from './clocks.ts'
import type { PatientRecord } from './record.ts'

export type ScheduleGround = {
  /** `Patient/1` */
  subject: string
  record: PatientRecord
  clocks: Clocks
  plansOf: (carePlan: CarePlan) => PlanDefinition[]
  openTasks: () => Task[]
  newId: () => string
}

const ASKING = new Set(['CarePlan', 'ServiceRequest', 'Task'])
const ANSWERING = new Set(['Observation', 'QuestionnaireResponse'])

/** What the patient of a play is asked to measure and answer, and what becomes of it. */
export class OwnSchedule {
  private readonly ground: ScheduleGround
  private known: { asked: AskedFor[]; problems: ScheduleProblem[] } | undefined

  constructor(ground: ScheduleGround) {
    this.ground = ground
  }

  /** What is asked for is worked out anew where this may have changed it. */
  heed(changed: Resource | Task, type: string = changed.resourceType): void {
    if (type === 'CarePlan' || type === 'ServiceRequest') this.known = undefined
    if (type === 'Task' && questionnaireOf(changed as Task)) this.known = undefined
  }

  /** @returns undefined where the change has nothing to do with what is asked for */
  after({ type, id, current, previous, interaction }: Change, now: Date): Followed | undefined {
    const running = this.ground.clocks.ofKind('occurrence')
    if (ANSWERING.has(type)) {
      if (running.length === 0 || !current) return undefined
      return receive(current, interaction === 'create' ? this.resultsLike(current, now) : [], this.facts(now))
    }
    if (!ASKING.has(type)) return undefined
    if (type === 'Task' && ![current, previous].some((task) => task && questionnaireOf(task as unknown as Task))) {
      return undefined
    }
    const { asked, problems } = this.askedNow()
    const about = `${type}/${id}`
    const own = problems.filter((one) => one.about === about || `CarePlan/${one.carePlan?.id}` === about)
    const tasks = tellProblems(own, this.facts(now)).map((task) => ({ act: 'create' as const, task }))
    return { tasks, requests: [], timers: arrange(asked, running, toScheduleChange(about, { current, previous }, now)) }
  }

  /** The clock of an occurrence rings. */
  ring(timer: Timer, now: Date): Followed {
    const one = this.askedNow().asked.find(({ about, name }) => about === timer.about && name === timer.name)
    const since = one && resultsFrom(one, timer)
    return ring(timer, since ? this.results(one, since, now) : [], this.facts(now))
  }

  private resultsLike(result: Resource, now: Date): Resource[] {
    const mine = this.askedNow().asked.filter((one) => one.heard.has('extra') && isResultOf(one, result))
    return [...new Set(mine.flatMap((one) => this.results(one, resultsAround(result), now)))]
  }

  private results({ questionnaire }: AskedFor, since: Date, now: Date): Resource[] {
    const type = questionnaire ? 'QuestionnaireResponse' : 'Observation'
    const path = questionnaire ? 'authored' : 'effective'
    const valuePeriod = { start: since.toISOString() }
    return this.ground.record.recent([{ type, dateFilter: [{ path, valuePeriod }] }], now)
  }

  private askedNow(): { asked: AskedFor[]; problems: ScheduleProblem[] } {
    const { record, openTasks, plansOf } = this.ground
    this.known ??= toAskedFor({
      carePlans: record.ofType('CarePlan') as unknown as CarePlan[],
      requests: (record.ofType('ServiceRequest') as unknown as ServiceRequest[]).filter(
        ({ status }) => status === 'active',
      ),
      tasks: openTasks(),
      plansOf,
    })
    return this.known
  }

  private facts(now: Date): FollowFacts {
    const { subject, openTasks, newId } = this.ground
    return { subject, asked: this.askedNow().asked, openTasks: openTasks(), now, newId }
  }
}
