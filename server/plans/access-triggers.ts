import type { CarePlan, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { keysOf, keysOfRequirement } from '../core/decide/plan/compile-plan.ts'
import { toDataAccess } from '../core/decide/plan/data-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { versionedReference } from '../core/fhir/versioned-reference.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Change } from '../store/change.ts'
import { readStanding } from './facts.ts'

const ACCESS = engineAccess('data-access')

/** How long a plan that another process has brought into force may go unheard here. */
const LOOK_MILLISECONDS = 2_000
/** An app that looks again every few seconds has not read it anew. */
const REPEAT_MILLISECONDS = 10 * 60_000
const REPEAT_COUNT_MAX = 10_000

/** What a plan can wait for the reading of (exchange.ts). */
type Seen = { type: string; id: string; text?: string | undefined }

export type AccessTriggersRooms = {
  db: Queryable
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
export function followAccessTriggers({ db, write, now, onFailure }: AccessTriggersRooms) {
  let keys: ReadonlySet<string> = new Set()
  let types: ReadonlySet<string> = new Set()
  let lookedAt = 0
  const told = new Map<string, number>()

  async function refresh(): Promise<void> {
    lookedAt = Date.now()
    keys = await readKeys(db)
    types = new Set([...keys].map((key) => key.slice(0, key.indexOf(' '))))
  }

  /** Of those that come from one caller, what was not told of a moment ago. */
  function fresh(access: Access, resources: Resource[]): Resource[] {
    const at = Date.now()
    for (const [known, until] of told) if (until < at || told.size > REPEAT_COUNT_MAX) told.delete(known)
    return resources.filter((resource) => {
      const key = `${access.actor} ${access.clientId} ${versionedReference(resource)}`
      if (told.has(key)) return false
      told.set(key, at + REPEAT_MILLISECONDS)
      return true
    })
  }

  return {
    refresh,
    hears(type: string): boolean {
      if (Date.now() - lookedAt > LOOK_MILLISECONDS) refresh().catch(onFailure)
      return types.has(type)
    },
    async tell(access: Access, seen: Seen[]): Promise<void> {
      const parsed = seen.flatMap(({ text }) => (text ? [JSON.parse(text) as Resource] : []))
      const waitedFor = parsed.filter((resource) => keysOf(resource).some((key) => keys.has(key)))
      const byPatient = Map.groupBy(fresh(access, waitedFor), patientOf)
      const followed = await followedOf(
        db,
        [...byPatient.keys()].filter((patient) => patient !== ''),
      )
      const at = now().toISOString()
      const changes = followed.map((patient): Change => {
        const given = (byPatient.get(patient) ?? []).map(versionedReference)
        const basic = toDataAccess({ subject: `Patient/${patient}`, at, author: authorOf(access), given })
        return { interaction: 'create', resource: basic as unknown as Resource }
      })
      if (changes.length > 0) await write(ACCESS, changes)
    },
  }
}

/** What the plans that are or were in force wait for, as the keys by which a resource is looked up among listeners. */
async function readKeys(db: Queryable): Promise<Set<string>> {
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE type = 'PlanDefinition' AND NOT deleted AND content LIKE '%"data-access%'`),
  )
  const plans = rows.map(({ content }) => JSON.parse(content) as PlanDefinition)
  return new Set(plans.filter(({ status }) => status !== 'draft').flatMap(({ action }) => keysIn(action)))
}

const keysIn = (actions: PlanDefinitionAction[] = []): string[] =>
  actions.flatMap(({ trigger = [], action }) => [
    ...trigger.flatMap(({ type, data = [] }) =>
      type.startsWith('data-access') ? data.flatMap(keysOfRequirement) : [],
    ),
    ...keysIn(action),
  ])

/** Those of whom an active CarePlan follows some plan; which one, the engine knows. */
async function followedOf(db: Queryable, patients: string[]): Promise<string[]> {
  const standing = await readStanding(db, patients, ['CarePlan'])
  const isFollowed = ({ status, instantiatesCanonical }: CarePlan) =>
    status === 'active' && instantiatesCanonical?.length
  return patients.filter((patient) => standing.get(patient)?.carePlans.some(isFollowed))
}

/** Whose record a resource is part of, as it says itself; '' where it is nobody's. */
function patientOf({ resourceType, id, subject, patient, for: whom }: Resource): string {
  if (resourceType === 'Patient') return String(id)
  const [reference = ''] = [subject, patient, whom].flatMap(
    (one) => (one as { reference?: string } | undefined)?.reference ?? [],
  )
  return /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})$/.exec(reference)?.[1] ?? ''
}

/** A Basic's author is somebody; a system that reads is told by the audit alone. */
const authorOf = ({ actor }: Access): string | undefined =>
  /^(Practitioner|PractitionerRole|Patient|RelatedPerson|Organization)\//.test(actor) ? actor : undefined
