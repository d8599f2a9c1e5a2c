import type { Annotation, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { phaseOf, statusOf } from '../../requests/activity-life.ts'
import { isOrderedBeside } from '../../requests/asked-timing.ts'
import { carePlansOf } from '../../requests/same-activity.ts'
import { leftBy } from '../schedule/strictest-policy.ts'
import { type Told, toldAs, toldConcept } from '../words/told.ts'
import type { Steering, Target } from './effect.ts'
import { FINDING } from './vocabulary.ts'

const INSTANTIATES = 'http://hl7.org/fhir/StructureDefinition/workflow-instantiatesCanonical'

/** The requests among these that an action means and whose life is not over. */
export const targetsOf = ({ actionIds, definition }: Target, planUrl: string, requests: Resource[]): Resource[] =>
  requests.filter((request) => {
    if (phaseOf(request) === undefined) return false
    const made = madeBy(request)
    if (made?.url === planUrl && actionIds.includes(made.actionId)) return true
    return definition !== undefined && definitionsOf(request).includes(definition)
  })

/** The action by which a request was made: its plan's url and the action's id, read from the identifier. */
export function madeBy({ identifier }: Resource): { url: string; actionId: string } | undefined {
  // Of some types, such as QuestionnaireResponse, R4 lets it be one and no list.
  const identifiers = [identifier ?? []].flat() as { system?: string; value?: string }[]
  const [url, actionId] = identifiers.find(({ system }) => system === FINDING)?.value?.split('|') ?? []
  return url && actionId ? { url, actionId } : undefined
}

/** Whether it was made when the patient was enrolled (or moved), and not by a rule that found something. */
export const madeAtEnrolment = ({ identifier }: Resource, carePlan: string): boolean =>
  ([identifier ?? []].flat() as { system?: string; value?: string }[]).some(
    ({ system, value }) => system === FINDING && value?.split('|')[3] === carePlan,
  )

/** The definitions that a request follows, without their versions; of a Task also what is to be answered. */
function definitionsOf({ instantiatesCanonical, extension, input, resourceType }: Resource): string[] {
  const extensions = (extension ?? []) as { url: string; valueCanonical?: string }[]
  const inputs = resourceType === 'Task' ? ((input ?? []) as { valueCanonical?: string }[]) : []
  const all = [
    ...(Array.isArray(instantiatesCanonical) ? instantiatesCanonical : [instantiatesCanonical]),
    ...extensions.flatMap(({ url, valueCanonical }) => (url === INSTANTIATES ? valueCanonical : [])),
    ...inputs.map(({ valueCanonical }) => valueCanonical),
  ]
  return all.flatMap((canonical) => (typeof canonical === 'string' ? (canonical.split('|')[0] ?? []) : []))
}

export type Steered = { does: Exclude<Steering, 'change'>; carePlan: string; reason: Told; now: Date }

/**
 * The request as it is after it was stopped, paused or resumed for one CarePlan.
 * @returns the same object where there is nothing to do: it is so already, or another CarePlan, or who ordered it beside all plans, wants it as it is
 */
export function steered(request: Resource, { does, carePlan, reason, now }: Steered): Resource {
  const phase = phaseOf(request)
  const othersWant = isOrderedBeside(request) || carePlansOf(request).some((other) => other !== carePlan)
  switch (does) {
    case 'stop':
      if (othersWant) return carePlansOf(request).includes(carePlan) ? leftBy(request, carePlan) : request
      return withStatus(request, statusOf(request.resourceType, 'ended'), { reason, now })
    case 'pause':
      if (othersWant || phase !== 'active') return request
      return withStatus(request, statusOf(request.resourceType, 'paused'), { reason, now })
    case 'resume':
      if (phase !== 'paused') return request
      return withStatus(request, resumedStatus(request), { reason, now })
  }
}

/** A Task that somebody had begun with goes on where it was. */
function resumedStatus(request: Resource): string | undefined {
  const begun = (request.executionPeriod as Task['executionPeriod'])?.start
  return begun ? 'in-progress' : statusOf(request.resourceType, 'active')
}

/** Kinds that have an element for why their status is what it is; the others, where they can, have a note. */
const REASONED: ReadonlySet<string> = new Set(['Task', 'CommunicationRequest', 'MedicationRequest'])
const NOTED: ReadonlySet<string> = new Set(['ServiceRequest', 'DeviceRequest', 'NutritionOrder'])

function withStatus(request: Resource, status: string | undefined, why: { reason: Told; now: Date }): Resource {
  if (status === undefined || status === request.status) return request
  const time = why.now.toISOString()
  const note = [...((request.note ?? []) as Annotation[]), { time, ...toldAs('text', why.reason) }]
  // Whoever has begun with a Task decides over it; it is only told.
  const begun = request.resourceType === 'Task' && !['draft', 'requested', 'on-hold'].includes(String(request.status))
  if (begun && status === 'cancelled') return { ...request, note, lastModified: time }
  return {
    ...request,
    status,
    ...(REASONED.has(request.resourceType) ? { statusReason: toldConcept(why.reason) } : {}),
    ...(NOTED.has(request.resourceType) ? { note } : {}),
    ...(request.resourceType === 'Task' ? { lastModified: time } : {}),
  }
}
