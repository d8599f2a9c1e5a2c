import type { ActivityDefinition, PlanDefinitionAction, Questionnaire } from '@medplum/fhirtypes'
import { targetIn } from '../stages/stage.ts'
import type { Told } from '../words/told.ts'
import { ACTIVITY_EFFECT } from './vocabulary.ts'

/** Which activities of the patient an action means. */
export type Target = {
  /** Actions of the same plan; what they made. */
  actionIds: string[]
  /** The definition by which they were made, without its version: of any action, of any plan the patient is in. */
  definition?: string
}

/** What an action of a plan does when it applies. */
export type Effect =
  /** A Task for the team. */
  | { does: 'raise' }
  /** A request of another kind: measure, tell, bring. */
  | { does: 'start'; activity: ActivityDefinition }
  /** A Task for the patient: answer this. */
  | { does: 'ask'; questionnaire: Questionnaire }
  | { does: Steering; target: Target }
  /** Moves the patient on to another stage of the plan. */
  | { does: 'move'; to: string }
  /** Lets an event happen, which other plans hear by its name. */
  | { does: 'tell'; name: string }
  /** What the plan asks for cannot be understood; when its moment comes, the team is told. */
  | { does: 'puzzle'; problem: Told }

/** What can be done to activities that are there. */
export type Steering = 'change' | 'stop' | 'pause' | 'resume'
const isSteering = (effect: string | undefined): effect is Steering =>
  effect !== undefined && ['change', 'stop', 'pause', 'resume'].includes(effect)

/** https://hl7.org/fhir/R4/valueset-action-type.html; `create` is what an action does anyway. */
const OF_ACTION_TYPE: Readonly<Record<string, string>> = { update: 'change', remove: 'stop', 'fire-event': 'tell' }

/**
 * Read from the extension `activity-effect` on the action, else from its `type`, else from what its definition is.
 * @param definition what `definitionCanonical` names, if it is here
 */
export function effectOf(
  action: PlanDefinitionAction,
  definition: ActivityDefinition | Questionnaire | { resourceType: 'PlanDefinition' } | undefined,
): Effect {
  const type = action.type?.coding?.find(({ code }) => code && code in OF_ACTION_TYPE)?.code
  const written = action.extension?.find(({ url }) => url === ACTIVITY_EFFECT)?.valueCode
  const to = targetIn(action)
  if (to !== undefined) return { does: 'move', to }
  const effect = written ?? OF_ACTION_TYPE[type ?? '']
  if (effect === 'tell') {
    const name = action.code?.[0]?.coding?.[0]?.code ?? action.code?.[0]?.text
    if (!name) return { does: 'puzzle', problem: NAMELESS }
    return { does: 'tell', name }
  }
  if (isSteering(effect)) {
    const target = targetOf(action)
    if (target.definition ?? target.actionIds[0]) return { does: effect, target }
    return { does: 'puzzle', problem: AIMLESS }
  }
  if (effect !== undefined && effect !== 'start') return { does: 'puzzle', problem: unknownEffect(effect) }
  if (definition?.resourceType === 'Questionnaire') return { does: 'ask', questionnaire: definition }
  if (definition?.resourceType === 'ActivityDefinition' && definition.kind && definition.kind !== 'Task') {
    // An order without what it was to be transformed by would be another order.
    if (action.transform ?? definition.transform) return { does: 'puzzle', problem: TRANSFORMED }
    return { does: 'start', activity: definition }
  }
  return { does: 'raise' }
}

const NAMELESS: Told = {
  nb: 'fire-event trenger hendelsens navn som action.code',
  nn: 'fire-event treng namnet på hendinga som action.code',
  en: 'fire-event needs the name of the event as action.code',
}
const AIMLESS: Told = {
  nb: 'hvilke aktiviteter må stå i definitionCanonical eller relatedAction',
  nn: 'kva aktivitetar må stå i definitionCanonical eller relatedAction',
  en: 'which activities must stand in definitionCanonical or relatedAction',
}
const TRANSFORMED: Told = {
  nb: 'StructureMap (transform) kjøres ikke her; bruk dynamicValue',
  nn: 'StructureMap (transform) blir ikkje køyrd her; bruk dynamicValue',
  en: 'StructureMaps (transform) are not run here; use dynamicValue',
}
const unknownEffect = (effect: string): Told => ({
  nb: `virkningen «${effect}» finnes ikke`,
  nn: `verknaden «${effect}» finst ikkje`,
  en: `there is no effect "${effect}"`,
})

function targetOf({ definitionCanonical, relatedAction }: PlanDefinitionAction): Target {
  const actionIds = (relatedAction ?? []).flatMap(({ actionId }) => actionId ?? [])
  return { actionIds, ...(definitionCanonical ? { definition: definitionCanonical.split('|')[0] } : {}) }
}
