import type { CodeableConcept, Duration, Extension, PlanDefinition, Reference, Task } from '@medplum/fhirtypes'
import { FYLGJE } from './vocabulary.ts'

/** On a PlanDefinition: whom one kind of silence belongs to. Profile: fhir-profiles/structure-definition-silence-owner.json. */
export const SILENCE_OWNER = `${FYLGJE}/StructureDefinition/silence-owner`

/** The ways in which nothing can happen, told apart. Each is somebody's, and each has a time after which it is told. */
export const SILENCES = ['not-measured', 'not-sent', 'not-evaluated', 'not-opened', 'not-decided'] as const
export type Silence = (typeof SILENCES)[number]

export type SilenceOwner = { silence: Silence; owner: CodeableConcept | Reference; after: Duration }

/** Who is told of which silence, and after how long. What is incomplete is nobody's. */
export function silenceOwnersOf({ extension }: Pick<PlanDefinition, 'extension'>): SilenceOwner[] {
  return (extension ?? []).flatMap((one) => {
    if (one.url !== SILENCE_OWNER) return []
    const silence = SILENCES.find((code) => code === partOf(one, 'silence')?.valueCode)
    const part = partOf(one, 'owner')
    const owner = part?.valueCodeableConcept ?? part?.valueReference
    const after = partOf(one, 'after')?.valueDuration
    return silence && owner && after?.value ? [{ silence, owner, after }] : []
  })
}

/** Whose a Task about such a silence is: a role to choose from, or somebody by name. Empty where the plan says nothing. */
export function ownedBy(
  plan: Pick<PlanDefinition, 'extension'>,
  silence: Silence,
): Pick<Task, 'performerType' | 'owner'> {
  const found = silenceOwnersOf(plan).find((one) => one.silence === silence)?.owner
  if (!found) return {}
  return 'reference' in found ? { owner: found as Task['owner'] } : { performerType: [found as CodeableConcept] }
}

const partOf = ({ extension }: Extension, url: string): Extension | undefined =>
  extension?.find((part) => part.url === url)
