import type { HealthcareService } from '@medplum/fhirtypes'
import { addOpenMinutes, isOpenAt, openingHoursOf } from '../../../server/core/decide/time/opening-hours.ts'
import type { OwnRecord } from './record.ts'

/** Says of a HealthcareService which team it is; so the engine finds a team's hours too. */
const CARE_TEAM = 'http://fylgje.no/fhir/StructureDefinition/care-team'

export type Contact = {
  name: string
  phone?: string
  isOpen: boolean
  /** When they are closed: when they open again. */
  opensAt?: Date
  /** By day, as the service has written them. */
  hours: { days: string[]; from: string; to: string }[]
}

/** Who follows the patient, and whether they answer now. The teams that their plans name; none is none. */
export function contactsOf({ carePlans, services }: Pick<OwnRecord, 'carePlans' | 'services'>, now: Date): Contact[] {
  const teams = new Set(carePlans.flatMap(({ careTeam = [] }) => careTeam.map(({ reference }) => reference)))
  const ours = services.filter(({ extension = [] }) =>
    extension.some(({ url, valueReference }) => url === CARE_TEAM && teams.has(valueReference?.reference)),
  )
  return ours.map((service) => toContact(service, now))
}

function toContact(service: HealthcareService, now: Date): Contact {
  const phone = service.telecom?.find(({ system }) => system === 'phone')?.value
  const hours = openingHoursOf(service)
  const isOpen = isOpenAt(hours, now)
  const opensAt = isOpen ? undefined : addOpenMinutes(hours, now, 0)
  return {
    name: service.name ?? '',
    ...(phone ? { phone } : {}),
    isOpen,
    ...(opensAt ? { opensAt } : {}),
    hours: (service.availableTime ?? []).flatMap(({ daysOfWeek = [], availableStartTime, availableEndTime, allDay }) =>
      allDay || !availableStartTime || !availableEndTime
        ? []
        : [{ days: daysOfWeek, from: availableStartTime.slice(0, 5), to: availableEndTime.slice(0, 5) }],
    ),
  }
}
