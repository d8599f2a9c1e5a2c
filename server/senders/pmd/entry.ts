import type { Identifier, Observation } from '@medplum/fhirtypes'
import { ORGANIZATION_NUMBER } from '../../national-numbers/systems.ts'
import { urnOfName } from '../name-uuid.ts'
import { toObservation } from '../vkp-observation.ts'
import { withoutEmpty } from '../without-empty.ts'

/** How measurements go: each with what is to be done with it, or as they are, as the older description of the service has it. */
export type BundleType = 'batch' | 'collection'

export type Placed = {
  /** Organisation number of whose measurements they are. */
  organization: string
  /** Four digits. */
  municipality: string
  bundleType: BundleType
  patient: Identifier
  /** What the receiver calls it, `Observation/17`, where it has it already. */
  place?: string
}

export type Entry = {
  fullUrl: string
  resource: Observation
  request?: { method: 'POST' | 'PUT'; url: string }
}

/** kommunenummer. */
export const MUNICIPALITY = 'urn:oid:2.16.578.1.12.4.1.1.3402'
const DATA_ABSENT = 'http://terminology.hl7.org/CodeSystem/data-absent-reason'

/**
 * A measurement as the service takes it: what was measured, when, in which zones. No interpretation, no comment, no device and nobody's name
 * but the organisation's. It bears the same name in every version, so that one that comes twice can be seen to be the same.
 * @throws Refusal value for a unit that is not taken for the measure
 */
export function toEntry(observation: Observation, placed: Placed): Entry {
  const { interpretation: _ours, note: _words, ...told } = toObservation(observation, placed.patient)
  return entryOf(observation, told, placed)
}

/**
 * That a measurement is void, once it was entered in error, deleted, or is of something else: which it was and when, and nothing of what it said.
 * No value is worked out, so that one in a unit that is not taken can be void.
 * @param observation the version that was told last, whose code is of the table
 */
export function toWithdrawal(
  { id, code, category, effectiveDateTime, effectivePeriod, effectiveInstant }: Observation,
  placed: Placed,
): Entry {
  const bare: Observation = {
    ...{ resourceType: 'Observation', id, status: 'entered-in-error', code, category },
    ...{ effectiveDateTime, effectivePeriod, effectiveInstant },
  }
  const absent = { coding: [{ system: DATA_ABSENT, code: 'error' }] }
  return entryOf(bare, { ...toObservation(bare, placed.patient), dataAbsentReason: absent }, placed)
}

function entryOf(
  { id }: Observation,
  told: Observation,
  { organization, municipality, bundleType, place }: Placed,
): Entry {
  const name = urnOfName(`pmd ${organization} Observation/${id}`)
  const resource: Observation = {
    ...told,
    ...(place ? { id: place.slice('Observation/'.length) } : {}),
    meta: { tag: [{ system: MUNICIPALITY, code: municipality }] },
    identifier: [{ system: 'urn:ietf:rfc:3986', value: name }],
    performer: [{ identifier: { system: ORGANIZATION_NUMBER, value: organization } }],
  }
  const request = place ? { method: 'PUT' as const, url: place } : { method: 'POST' as const, url: 'Observation' }
  return {
    fullUrl: name,
    resource: withoutEmpty(resource) as Observation,
    ...(bundleType === 'batch' ? { request } : {}),
  }
}
