import type { Consent, Extension, PlanDefinition, Task } from '@medplum/fhirtypes'
import { basisOf, isGiven, type LegalBasis } from './basis.ts'
import { HANDOVER_BASIS_REQUIRED, isOfCategory, type LegalDemand, toDemand } from './demands.ts'

export type HandoverDemand = LegalDemand & {
  /** Between which it is demanded: organisations, where both are known and the same it is not; or any two teams. */
  between: 'organizations' | 'teams'
  /** What becomes of a handover without it: it is refused, or waits for the patient's Consent. */
  without: 'refuse' | 'hold'
}

/** What a plan demands before its patients, or Tasks of theirs, are handed over; most demand nothing. */
export const handoverDemandsOf = ({ extension = [] }: Pick<PlanDefinition, 'extension'>): HandoverDemand[] =>
  extension.filter(({ url }) => url === HANDOVER_BASIS_REQUIRED).map(toHandoverDemand)

function toHandoverDemand(extension: Extension): HandoverDemand {
  const code = (name: string) => extension.extension?.find(({ url }) => url === name)?.valueCode
  return {
    ...toDemand(extension),
    between: code('between') === 'teams' ? 'teams' : 'organizations',
    without: code('without') === 'hold' ? 'hold' : 'refuse',
  }
}

/** Who takes over, and from whom: the queue, and the organisation behind it where that is known. */
export type Party = { reference: string; organization?: string }

type Facts = {
  /** The handover; what it rests on stands in it. */
  task: Pick<Task, 'extension' | 'for'>
  demands: readonly HandoverDemand[]
  from: Party | undefined
  to: Party
  /** The patient's Consents, named in the Task or not. */
  consents: readonly Consent[]
  now: Date
}

export type HandoverBasis = {
  /** What is demanded and nothing meets. */
  missing: HandoverDemand[]
  /** What it rests on: what the Task names, and the Consents that meet what else is demanded. */
  basis: LegalBasis
  /** Consents that the Task names and that the patient does not give now, or not to this receiver. */
  notGiven: string[]
}

/**
 * Whether a handover may be: what the receiver comes to see of the patient rests on a law or agreement that whoever asks has named, or on a
 * Consent of the patient's that is given now and, where it names who may receive, names them.
 */
export function judgeHandover({ task, demands, from, to, consents, now }: Facts): HandoverBasis {
  const named = basisOf(task)
  const isInside = from?.organization !== undefined && from.organization === to.organization
  const asked = demands.filter(({ between }) => between === 'teams' || !isInside)
  const given = consents.filter((consent) => isGiven(consent, task.for?.reference, now) && isFor(consent, to))
  const meeting = (demand: HandoverDemand) => given.filter((consent) => isOfCategory(demand, consent))
  const byLaw = (demand: HandoverDemand) => demand.policies.some((policy) => named.policies.includes(policy))
  const found = asked.flatMap((demand) => (byLaw(demand) ? [] : meeting(demand).slice(0, 1)))
  return {
    missing: asked.filter((demand) => !byLaw(demand) && meeting(demand).length === 0),
    basis: {
      policies: named.policies,
      consents: [...new Set([...named.consents, ...found.map(nameOf)])],
    },
    notGiven: named.consents.filter((consent) => !given.map(nameOf).includes(consent)),
  }
}

/** A Consent that names actors is for these alone; one that names none is for whoever looks after the patient. */
function isFor({ provision }: Consent, { reference, organization }: Party): boolean {
  const actors = (provision?.actor ?? []).map((actor) => actor.reference.reference)
  return actors.length === 0 || actors.some((actor) => actor === reference || (organization && actor === organization))
}

const nameOf = ({ id }: Consent): string => `Consent/${id}`
