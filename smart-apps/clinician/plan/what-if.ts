import type { Goal, Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { ZONES, type Zone } from '../../ui/zone.ts'

const DAY_MILLIS = 86_400_000
/** So far back a change is tried on what the person has measured. */
export const TRIED_DAYS = 90

/** How many Tasks there would have been. */
export type Tried = Readonly<Record<Zone, number>> & { days: readonly TriedDay[] }
export type TriedDay = { date: string } & Readonly<Record<Zone, number>>

/**
 * Plays the person's last days with these limits; without a Goal with those that there were.
 * @throws Refused for limits that contradict each other, or where something of the patient is closed to who asks
 */
export async function tryLimits(
  fhir: FhirClient,
  carePlan: string,
  { goal, now, signal }: { goal?: Goal; now: Date; signal: AbortSignal },
): Promise<Tried> {
  const start = new Date(now.getTime() - TRIED_DAYS * DAY_MILLIS).toISOString()
  const answer = await fhir.operation<Parameters>(
    `CarePlan/${carePlan}/$simulate`,
    [{ name: 'start', valueInstant: start }, ...(goal ? [{ name: 'goal', resource: goal }] : [])],
    { signal },
  )
  return triedOf(answer)
}

/** The Tasks that a simulation would have made, by zone and by day. */
export function triedOf({ parameter = [] }: Parameters): Tried {
  const days = parameter.filter(({ name }) => name === 'day').map(toDay)
  const sum = (zone: Zone) => days.reduce((all, day) => all + day[zone], 0)
  return { red: sum('red'), yellow: sum('yellow'), grey: sum('grey'), green: sum('green'), days }
}

function toDay({ part = [] }: ParametersParameter): TriedDay {
  const find = (parts: readonly ParametersParameter[], name: string) => parts.find((one) => one.name === name)
  const count = (zone: Zone) => find(find(part, zone)?.part ?? [], 'simulated')?.valueInteger ?? 0
  const [red, yellow, grey, green] = ZONES.map(count) as [number, number, number, number]
  return { date: find(part, 'date')?.valueDate ?? '', red, yellow, grey, green }
}
