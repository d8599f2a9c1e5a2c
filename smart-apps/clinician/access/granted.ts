import type { BundleEntry, Provenance } from '@medplum/fhirtypes'
import { type As, overWith } from '../../sharing/attempts.ts'
import { type Grant, kinWith, permitFor, type Share, type StoredKin } from '../../sharing/grants.ts'
import { named, nameOf, once } from '../task/act.ts'

/** Who has no access although they are known: not by a grant that counts now. */
export const withoutAccess = (kin: readonly StoredKin[], grants: readonly Grant[]): StoredKin[] =>
  kin.filter(
    ({ id, active }) =>
      active !== false &&
      !grants.some(
        ({ isOver, isClosing, actors }) =>
          !isOver && !isClosing && actors.some(({ reference }) => reference === `RelatedPerson/${id}`),
      ),
  )

const CONSENT = 'consent'
/** By which a grant is found, also one whose answer was lost. */
export const identifierOf = (act: string): string => nameOf(act, CONSENT)

export type Granting = As & {
  /** UUID of who is new. */
  person: string
  now: Date
  patient: string
  practitioner: string
  /** One who is known; or who somebody is, and what to the patient. */
  who: { id: string; name: string } | { name: string; phone: string; relation: string }
  /** Empty: all of the record. */
  shares: readonly Share[]
  until: Date | undefined
  /** How the patient has said so. */
  reason: string
}

/** The person where they are new, what they may see, and who has written it down and why: all of it or nothing. */
export function granted(granting: Granting): BundleEntry[] {
  const { act, person, over, now, patient, practitioner, who, shares, until, reason } = granting
  const at = now.toISOString()
  const isNew = !('id' in who)
  const kinUrl = `urn:uuid:${person}`
  const consentUrl = `urn:uuid:${act}`
  const subject = { reference: `Patient/${patient}` }
  const actor = { reference: isNew ? kinUrl : `RelatedPerson/${who.id}`, display: who.name }
  const consent = permitFor({ now, patient, actor, shares, until })
  const provenance: Provenance = {
    ...{ resourceType: 'Provenance', recorded: at, reason: [{ text: reason }] },
    target: [{ reference: consentUrl }, subject],
    agent: [{ who: { reference: practitioner } }],
  }
  return [
    ...(isNew ? [{ ...once(kinWith(who, subject), person, 'kin'), fullUrl: kinUrl }] : []),
    {
      ...(over ? overWith(named(consent, act, CONSENT), over) : once(consent, act, CONSENT)),
      fullUrl: consentUrl,
    },
    { resource: provenance, request: { method: 'POST', url: 'Provenance' } },
  ]
}
