import type { CarePlan, PlanDefinition, PlanDefinitionAction, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { NOTHING } from '../decisions.ts'
import { toNamedEvent } from '../plan/named-event.ts'
import type { Ring } from '../ring.ts'
import { engineTask } from '../task/engine-task.ts'
import { identifierOf } from '../task/finding-task.ts'
import { isOpen } from '../task/task-status.ts'
import { momentInWords } from '../words/moment-in-words.ts'
import { tell } from '../words/told.ts'
import { stagesOf } from './stage.ts'
import { currentStage, type StageMark, type StageState, withPassed } from './stage-state.ts'

/** The events that a plan's rules may listen to; one that listens to the deadline takes it up instead of the team. */
const STAGE_EVENT: Readonly<Record<StageMark, string>> = { goal: 'stage-goal', deadline: 'stage-deadline' }

/** A stage should be over by now, or must be: it is told to the plan's own rules, else the deadline to the team. */
export const ringStage: Ring = ({ timer, carePlans, plansOf = () => [], now, newId }) => {
  const carePlan = carePlans.find(({ id, status }) => `CarePlan/${id}` === timer.about && status === 'active')
  const plan = carePlan && plansOf(carePlan).find(({ url }) => url === timer.plan)
  const state = carePlan && currentStage(carePlan, String(timer.plan))
  const mark: StageMark = timer.name === 'goal' ? 'goal' : 'deadline'
  const at = state?.[mark]
  if (!carePlan || !plan || !state || at === undefined || state.passed.includes(mark)) return NOTHING
  // The patient was moved on, and the clock is for where they are now.
  if (new Date(at) > now) return { ...NOTHING, timers: [{ act: 'set', timer: { ...timer, dueAt: new Date(at) } }] }
  const passed = withPassed(carePlan, state.plan, mark) as unknown as Resource
  const event = { name: STAGE_EVENT[mark], subject: String(carePlan.subject.reference), at: now.toISOString() }
  const isHeard = listens(plan.action, event.name)
  const basic = toNamedEvent({
    ...event,
    carePlan: timer.about,
    key: `${timer.about} ${state.stage} ${state.since} ${mark}`,
  })
  return {
    tasks:
      isHeard || mark === 'goal'
        ? []
        : [{ act: 'create', task: lateTask(carePlan, { plan, state }, { id: newId(), now }) }],
    requests: [
      { act: 'update', resource: passed },
      ...(isHeard ? [{ act: 'create' as const, resource: { ...(basic as unknown as Resource), id: newId() } }] : []),
    ],
    timers: [],
    trace: [],
  }
}

const listens = (actions: PlanDefinitionAction[] = [], name: string): boolean =>
  actions.some(
    ({ trigger = [], action }) =>
      trigger.some((one) => one.type === 'named-event' && one.name === name) || listens(action, name),
  )

type Late = { plan: PlanDefinition; state: StageState }

function lateTask(carePlan: CarePlan, { plan, state }: Late, { id, now }: { id: string; now: Date }): Task {
  const stage = stagesOf(plan).find((one) => one.id === state.stage)
  const deadline = new Date(String(state.deadline))
  const words = {
    nb: (title: string, at: string) =>
      `Fasen «${title}» skulle vært over ${at}. Flytt pasienten videre, eller avgjør hvorfor ikke.`,
    nn: (title: string, at: string) =>
      `Fasen «${title}» skulle ha vore over ${at}. Flytt pasienten vidare, eller avgjer kvifor ikkje.`,
    en: (title: string, at: string) =>
      `The stage "${title}" should have been over ${at}. Move the patient on, or decide why not.`,
  }
  const told = tell((language) =>
    words[language](stage?.title[language] ?? state.stage, momentInWords(deadline, language)),
  )
  return engineTask({
    ...{ id, code: 'stage-late', colour: 'yellow', told, now },
    name: `${nameOf(state.plan, carePlan)}/${state.stage}/${state.since}`,
    about: `CarePlan/${carePlan.id}`,
    basedOn: [`CarePlan/${carePlan.id}`],
    subject: carePlan.subject,
    owner: carePlan.careTeam?.[0],
    ...(plan.version ? { plan: `${plan.url}|${plan.version}` } : { plan: String(plan.url) }),
  })
}

/** The open Tasks about a stage of this plan that was late. */
export const lateTasks = (tasks: Task[], planUrl: string, carePlan: CarePlan): Task[] =>
  tasks.filter((task) => isOpen(task) && identifierOf(task)?.startsWith(`${nameOf(planUrl, carePlan)}/`))

const nameOf = (planUrl: string, { id, subject }: CarePlan): string =>
  `${planUrl}|*stage|${subject.reference}|CarePlan/${id}`
