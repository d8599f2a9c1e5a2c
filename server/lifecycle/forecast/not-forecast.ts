import type { OperationOutcome, PlanDefinition, Task } from '@medplum/fhirtypes'
import { ownedBy } from '../../core/decide/silence/silence-owner.ts'
import { engineTask } from '../../core/decide/task/engine-task.ts'
import type { Told } from '../../core/decide/words/told.ts'

/** Task.code of a Task about a week of which nobody knows what it will bring, or has brought. */
export const NOT_FORECAST = 'week-not-forecast'
/** How long there is to do something about it: until the next week is forecast. */
const DEADLINE = { value: 7, unit: 'd', code: 'd' }

export type NotForecast = {
  plan: PlanDefinition
  /** When the week begins. */
  week: Date
  /** What could not be worked out: what is to come, or what came. */
  of: 'forecast' | 'outcome'
  /** What the simulation said of it. */
  why: OperationOutcome | undefined
}

/** For whom the plan names as the owner of what is not evaluated. */
export function notForecastTask({ plan, week, of, why }: NotForecast, now: Date): Task {
  const title = plan.title ?? plan.url ?? ''
  const day = week.toISOString()
  const said = (why?.issue ?? []).flatMap(({ diagnostics }) => diagnostics ?? []).join(' ')
  const because = (text: string) => (said === '' ? `${text}.` : `${text}: ${said}`)
  return engineTask({
    ...{ code: NOT_FORECAST, colour: 'grey', about: `PlanDefinition/${plan.id}`, now, within: DEADLINE },
    name: `PlanDefinition/${plan.id}|*not-forecast|${of}|${day}`,
    told: TOLD[of](title),
    reason: {
      nb: because('Simuleringen mislyktes'),
      nn: because('Simuleringa mislukkast'),
      en: because('The simulation failed'),
    },
    ...ownedBy(plan, 'not-evaluated'),
  })
}

const TOLD: { [of in NotForecast['of']]: (title: string) => Told } = {
  forecast: (title) => ({
    nb: `Finn ut hvorfor ukens arbeid med ${title} ikke kunne forutses`,
    nn: `Finn ut kvifor arbeidet i veka med ${title} ikkje kunne forutseiast`,
    en: `Find out why the week’s work of ${title} could not be forecast`,
  }),
  outcome: (title) => ({
    nb: `Finn ut hvorfor det ikke kunne sies hva uken med ${title} brakte`,
    nn: `Finn ut kvifor det ikkje kunne seiast kva veka med ${title} førte med seg`,
    en: `Find out why it could not be told what the week of ${title} brought`,
  }),
}

/** What is said when a later week could be worked out. */
export const FORECAST_AGAIN: Told = {
  nb: 'En senere uke er regnet ut.',
  nn: 'Ei seinare veke er rekna ut.',
  en: 'A later week was worked out.',
}
