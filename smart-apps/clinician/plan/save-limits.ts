import type { Goal, Parameters, PlanDefinition } from '@medplum/fhirtypes'
import { ofType } from '../../fhir/client.ts'
import { ChangedMeanwhile, lastReason, orCompared } from './changed-meanwhile.ts'
import { type EnrolmentChange, ifSeen } from './enrolment-change.ts'
import { boundInWords, slotInWords } from './limit-words.ts'
import { measureName } from './limits-dialog.tsx'
import type { Notice } from './notice-view.tsx'
import { boundIn, type MeasureLimits, measuresOf, SLOTS, type Slot } from './own-limits.ts'
import type { Enrolment } from './plan-data.ts'

type LimitsSaved = {
  /** As they were when they were opened. */
  limits: MeasureLimits
  /** With the new ones; undefined: those of the plan are to hold. */
  goal: Goal | undefined
  reason: string
  plan: PlanDefinition | undefined
  /** Given those of somebody else who was faster; what was typed is then held against them. */
  onCompare: (theirs: MeasureLimits) => void
}

/**
 * A person's own limits for one measure, with a reason.
 * @returns undefined where there was nothing to do
 * @throws ChangedMeanwhile
 */
export async function saveLimits(
  { fhir, patient, name, seen, onStale, text, zone, language }: EnrolmentChange,
  { limits, goal, reason, plan, onCompare }: LimitsSaved,
): Promise<Notice | undefined> {
  const carePlan = seen.current
  const before = limits.goal
  const measure = measureName(limits, language)
  const set = (given: Goal, why: string, versionId?: string, options = {}) =>
    fhir.operation<Parameters>(
      `CarePlan/${carePlan.id}/$set-limits`,
      [
        { name: 'goal', resource: given },
        { name: 'reason', valueString: why },
        ...(versionId ? [{ name: 'versionId', valueId: versionId }] : []),
      ],
      options,
    )
  /** What stands now beside what was to be; the fields stay as they are, and are then held against it. */
  const compare = async () => {
    const [now, goals] = await Promise.all([
      fhir.read('CarePlan', carePlan.id),
      fhir.search('Goal', { patient, _count: 100 }),
    ])
    const theirs = measuresOf(now as Enrolment, ofType(goals, 'Goal'), plan).find(({ key }) => key === limits.key)
    const own = goal && { ...goal, id: goal.id ?? 'mine' }
    const named = { ...carePlan, goal: own ? [{ reference: `Goal/${own.id}` }] : [] }
    const mine = measuresOf(named, own ? [own] : [], plan).find(({ key }) => key === limits.key)
    const shown = (of: MeasureLimits | undefined, slot: Slot) => {
      const bound = of && boundIn(of, slot)
      return bound ? boundInWords(bound, language) : '–'
    }
    const differences = SLOTS.map((slot) => ({
      field: slotInWords(slot, text, zone),
      ...{ mine: shown(mine, slot), theirs: shown(theirs, slot) },
    }))
    seen.current = now as Enrolment
    if (theirs) onCompare(theirs)
    onStale()
    const reasonTold = theirs?.goal && (await lastReason(fhir, `Goal/${theirs.goal.id}`))
    return new ChangedMeanwhile(differences, reasonTold)
  }
  const words = text('limitsSaved', { measure, name })
  if (!goal) {
    if (!before) return undefined
    await orCompared(() => fhir.update({ ...before, lifecycleStatus: 'cancelled', statusReason: reason }), compare)
    const undo = async () => {
      const { meta: _meta, ...rest } = before
      await set(rest, text('undoReason', { reason }))
      return text('limitsUndone', { measure })
    }
    return { words, undo }
  }
  // Over the Goal that was seen; a new one over the plan that had none.
  const { parameter = [] } = await orCompared(
    () => set(goal, reason, before?.meta?.versionId, before ? {} : ifSeen(seen.current)),
    compare,
  )
  const stored = parameter.find((one) => one.name === 'goal')?.resource as (Goal & { id: string }) | undefined
  const undo = async () => {
    const why = text('undoReason', { reason })
    if (before) {
      const { meta: _meta, ...rest } = before
      await set(rest, why)
    } else if (stored) await fhir.update({ ...stored, lifecycleStatus: 'cancelled', statusReason: why })
    return text('limitsUndone', { measure })
  }
  return { words, undo }
}
