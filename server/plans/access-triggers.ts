import type { CarePlan } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { isStub, isWithheld } from '../access/address/withhold.ts'
import { engineAccess } from '../access/engine-access.ts'
import { allRules, type CompiledPlan, keysOf, keysOfRequirement } from '../core/decide/plan/compile-plan.ts'
import { DATA_ACCESS_WRITER, toDataAccess } from '../core/decide/plan/data-access.ts'
import { isAccessTrigger } from '../core/decide/plan/trigger.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { versionedReference } from '../core/fhir/versioned-reference.ts'
import type { Queryable } from '../db/pool.ts'
import type { Change } from '../store/change.ts'
import { readStanding } from './facts.ts'
import type { ReadKeptBook } from './kept-plan-book.ts'
import { type PlanBook, plansOf } from './plan-book.ts'

const ACCESS = engineAccess(DATA_ACCESS_WRITER)

/** How long a plan that another process has brought into force may go unheard here; as long is waited after a look that failed. */
const LOOK_MILLISECONDS = 2_000
/** An app that looks again every few seconds has not read it anew. */
const REPEAT_MILLISECONDS = 10 * 60_000
const REPEAT_COUNT_MAX = 10_000

/** What somebody was given, and the ids of the Patients whom it names. */
type Seen = { text?: string | undefined; patients: string[] }
/** Of the record of one patient. */
type Given = { resource: Resource; patient: string }

export type AccessTriggersRooms = {
  db: Queryable
  readBook: ReadKeptBook
  /** The id of the Patient whose record a resource is of; null where it is nobody's. */
  patientOf: (resource: Resource) => string | null
  write: (access: Access, changes: Change[]) => Promise<unknown>
  now: () => Date
  /** Told why the plans could not be looked at; the next look comes soon. */
  onFailure: (error: unknown) => void
}

/**
 * Hears for the plans that somebody is given data: triggers `data-accessed` and `data-access-ended`. Where no plan has one, which is
 * nearly always, a read costs a look into an empty set. Else what such a plan waits for, of patients whom some plan follows, is told as
 * a Basic of the patient's record, which the engine hears in its turn.
 * @see docs/decisions/0072-reading-can-pull-a-trigger.md
 */
export function followAccessTriggers({ db, readBook, patientOf, write, now, onFailure }: AccessTriggersRooms) {
  let book: PlanBook | undefined
  let keys: ReadonlySet<string> = new Set()
  let types: ReadonlySet<string> = new Set()
  let lookedAt = 0
  /** Where plans cannot be looked at, not everybody who reads waits for one more look that fails. */
  let failedAt = 0
  let looking: Promise<void> | undefined
  /** Until when what was told is not told again. */
  const told = new Map<string, number>()

  async function refresh(): Promise<void> {
    const began = Date.now()
    const read = await readBook(db)
    lookedAt = began
    if (read === book) return
    book = read
    keys = keysIn(book.plans)
    types = new Set([...keys].map((key) => key.slice(0, key.indexOf(' '))))
  }

  /** What somebody was given, if a plan waits for the reading of such; whoever is only named in it has no part in that. */
  function waited({ text, patients }: Seen): Given[] {
    if (!text || patients.length === 0) return []
    const resource = JSON.parse(text) as Resource
    if (!keysOf(resource).some((key) => keys.has(key)) || isStub(resource)) return []
    const patient = patientOf(resource)
    return patient === null ? [] : [{ resource, patient }]
  }

  /** Those whom some plan follows that waits for the reading of something; of what, the engine looks at. */
  async function followed(patients: string[]): Promise<string[]> {
    const standing = await readStanding(db, patients, ['CarePlan'])
    const isFollowed = (carePlan: CarePlan) =>
      carePlan.status === 'active' && book !== undefined && keysIn(plansOf(carePlan, book).plans).size > 0
    return patients.filter((patient) => standing.get(patient)?.carePlans.some(isFollowed))
  }

  /** Of those that come from one caller, what was not told of a moment ago, by the keys under which it is kept that it is told now. */
  function fresh(access: Access, given: Given[]): Map<string, Given> {
    const at = now().getTime()
    for (const [known, until] of told) if (until < at || told.size > REPEAT_COUNT_MAX) told.delete(known)
    const untold = given.flatMap((one): [string, Given][] => {
      const key = `${access.actor} ${access.clientId} ${versionedReference(one.resource)}`
      return told.has(key) ? [] : [[key, one]]
    })
    for (const [key] of untold) told.set(key, at + REPEAT_MILLISECONDS)
    return new Map(untold)
  }

  return {
    refresh,
    /** Whoever reads first after a while waits for it: a plan may have come into force in another process, and nobody has read since. */
    look(): Promise<void> | undefined {
      if (Date.now() - Math.max(lookedAt, failedAt) <= LOOK_MILLISECONDS) return undefined
      looking ??= refresh()
        .catch((error) => {
          failedAt = Date.now()
          onFailure(error)
        })
        .finally(() => {
          looking = undefined
        })
      return looking
    },
    hears: (type: string): boolean => types.has(type),
    async tell(access: Access, seen: Seen[]): Promise<void> {
      const waitedFor = seen.flatMap((one) => waited(one))
      if (waitedFor.length === 0) return
      const patients = await followed([...new Set(waitedFor.map(({ patient }) => patient))])
      const given = fresh(
        access,
        waitedFor.filter(({ patient }) => patients.includes(patient)),
      )
      if (given.size === 0) return
      const about = { at: now().toISOString(), author: authorOf(access) }
      const byPatient = Map.groupBy(given.values(), ({ patient }) => patient)
      const changes = [...byPatient].map(([patient, own]): Change => {
        const basic = toDataAccess({ ...about, subject: `Patient/${patient}`, ...namesOf(own) })
        return { interaction: 'create', resource: basic as unknown as Resource }
      })
      try {
        await write(ACCESS, changes)
      } catch (error) {
        // Who asks again must be heard.
        for (const key of given.keys()) told.delete(key)
        throw error
      }
    },
  }
}

/** What some plan waits for the reading of, as the keys by which a resource is looked up among its listeners. */
const keysIn = (plans: CompiledPlan[]): Set<string> =>
  new Set(
    plans
      .flatMap(({ rules }) => allRules(rules).flatMap(({ triggers }) => triggers))
      .flatMap(({ type, data = [] }) => (isAccessTrigger(type) ? data.flatMap(keysOfRequirement) : [])),
  )

/** By version, and which of them were not given whole. */
function namesOf(given: Given[]): { given: string[]; masked: ReadonlySet<string> } {
  const masked = given.filter(({ resource }) => isWithheld(resource))
  return {
    given: given.map(({ resource }) => versionedReference(resource)),
    masked: new Set(masked.map(({ resource }) => versionedReference(resource))),
  }
}

/** A Basic's author is somebody; a system that reads is told by the audit alone. */
const authorOf = ({ actor }: Access): string | undefined =>
  /^(Practitioner|PractitionerRole|Patient|RelatedPerson|Organization)\//.test(actor) ? actor : undefined
