import type { Patient } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits, reachOf } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Look, Reply, Rooms } from '../exchange.ts'
import { opensWholeRecord } from '../store/relations/ties.ts'
import type { Ties } from '../store/store.ts'
import { type KeptBack, keptFrom } from './looked-up-shown.ts'

/** Of which types something is looked for elsewhere, as it would be asked for here. */
export type LookScope = readonly [type: string, letter: 'r' | 's']

/** @throws Refusal forbidden (a scope or the policy lets the caller have nothing of a type) */
export function mustPermit(access: Access, scopes: readonly LookScope[]): void {
  for (const scope of scopes) if (!permits(access, ...scope)) throw notPermitted(...scope)
}

/**
 * By which relations the caller would be shown whatever there is of these types of the patient. Nothing that lies elsewhere can be asked whether it is what
 * a scope with a filter lets through.
 * @param patient id @returns undefined: by any @throws Refusal forbidden (a part of a type alone)
 */
export function kindsShowingAll(
  access: Access,
  patient: string,
  scopes: readonly LookScope[],
): ReadonlySet<string> | undefined {
  return scopes.reduce<ReadonlySet<string> | undefined>((known, [type, letter]) => {
    const reach = reachOf(access, type, letter)
    if (reach.kind === 'all' || (reach.kind === 'compartment' && reach.patient === patient)) return known
    const parts = reach.kind === 'parts' ? reach.parts : []
    const whole = parts.filter(
      (part) => part.filters.length === 0 && (part.patient === undefined || part.patient === patient),
    )
    if (whole.some(({ whose }) => whose.kind === 'any')) return known
    const kinds = new Set(whole.flatMap(({ whose }) => (whose.kind === 'related' ? whose.relations : [])))
    if (kinds.size === 0)
      throw refuse(
        'forbidden',
        `The scopes of this access let through a part of ${type} alone, and what lies elsewhere cannot be judged by it; one such as user/${type}.${letter} is needed.`,
      )
    return known ? known.intersection(kinds) : kinds
  }, undefined)
}

/**
 * What says that they have to do with each other. Others may have written what the patient has closed here, and nothing says whether they have: nobody
 * looks to whom anything is closed, nor to whom the patient has opened a part of the record alone.
 * @param what is asked, as it is called in a sentence
 * @param kinds of relations that would show whatever there is; all where it is left out
 * @throws Refusal business-rule (no relation that opens the whole record), suppressed (the patient has closed something to them)
 */
export function decisionOf(
  { relations, closedBy }: Pick<Ties, 'relations' | 'closedBy'>,
  what: string,
  kinds?: ReadonlySet<string>,
): Look['decision'] {
  const opening = relations.filter((one) => opensWholeRecord(one) && (kinds?.has(one.kind) ?? true))
  const care = opening.find(({ kind }) => kind !== 'break-glass')
  const [decision] = care ? [care] : opening
  if (!decision)
    throw refuse(
      'business-rule',
      relations.some(({ isLimited }) => isLimited)
        ? `A part of this patient’s record is open to you, and ${what} could tell more than that.`
        : `Only of a patient with whom you have something to do can ${what} be asked.`,
    )
  if (closedBy.length > 0)
    throw refuse(
      'suppressed',
      `The patient has closed something to you, which ${what} could tell. With their consent, or in an emergency, $open-restricted opens it.`,
    )
  return { id: decision.source, isUserSelected: care === undefined }
}

/** Of whom others are asked, by what the caller has to do with them, and what is kept from the caller of what others say. */
export type LookedAt = { patient: Patient; decision: Look['decision']; kept: KeptBack }

/**
 * The same relation opens it that opens the record here, and what the patient has closed here closes it too.
 * @param what is asked, as it is called in a sentence
 * @throws Refusal not-found, and as kindsShowingAll and decisionOf
 */
export async function patientToLookAt(
  { store }: Pick<Rooms, 'store'>,
  { access, id }: Pick<Exchange, 'access' | 'id'>,
  what: string,
  scopes: readonly LookScope[],
): Promise<LookedAt> {
  const patient = JSON.parse((await store.read(access, 'Patient', id)).text ?? '{}') as Patient
  const kinds = kindsShowingAll(access, id, scopes)
  const ties = await store.ties(access, [id])
  return { patient, decision: decisionOf(ties, what, kinds), kept: keptFrom(access, ties.isAddressWithheld) }
}

/**
 * What the log here tells of a look in kjernejournal. Whoever has broken the glass may attest it as urgent treatment; here it is told, by what follows from
 * how they have to do with the patient, that it was broken.
 */
export const auditOfLook = ({
  purpose,
  basis,
  decision,
}: Pick<Look, 'purpose' | 'basis' | 'decision'>): NonNullable<Reply['audit']> =>
  decision.isUserSelected
    ? { reason: `kjernejournal: ${basis}, ${purpose}` }
    : { purpose, reason: `kjernejournal: ${basis}` }
