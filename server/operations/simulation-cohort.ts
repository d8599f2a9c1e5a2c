import type { CarePlan, Group } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits, reachOf } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'

/** What a simulation looks at, and whose counts it gives away. */
const LOOKED_AT = ['CarePlan', 'Goal', 'Observation', 'QuestionnaireResponse', 'ServiceRequest', 'Task'] as const
/** Whoever does not see everything is answered for so many patients at most: each is looked at. */
const LOOKED_MAX = 200
const PAGE = 1_000

type Looking = {
  rooms: Pick<Rooms, 'store' | 'definitions'>
  access: Access
  /** Types that are looked at beside the usual ones. */
  also: string[]
}

const lookedAt = ({ also }: Looking): string[] => [...new Set([...LOOKED_AT, ...also])]

/**
 * The patients that somebody means, of whom the caller may see everything that a simulation looks at: its counts would otherwise
 * tell of what is hidden.
 * @param subjects references to Patients and Groups, a Group being its active members; none for everybody in the plan
 * @returns undefined for everybody
 * @throws Refusal forbidden (a type that the caller may not read), not-found, value (another type; a Group without members), too-costly
 */
export async function cohortFor(looking: Looking, subjects: string[], planUrl: string): Promise<string[] | undefined> {
  const { access } = looking
  for (const type of lookedAt(looking)) if (!permits(access, type, 'r')) throw notPermitted(type, 'r')
  const named = subjects.length > 0 ? await readNamed(looking, subjects) : undefined
  if (lookedAt(looking).every((type) => reachOf(access, type, 'r').kind === 'all')) return named
  const wanted = named ?? (await readFollowed(looking, planUrl))
  if (wanted.length > LOOKED_MAX) {
    throw refuse('too-costly', `Name at most ${LOOKED_MAX} patients; not all of them are yours to see.`, 'subject')
  }
  const seen: string[] = []
  for (const patient of wanted) if (await seesAllOf(looking, patient)) seen.push(patient)
  return seen
}

async function readNamed({ rooms, access }: Looking, subjects: string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const subject of subjects) {
    const [type, id] = subject.split('/').slice(-2)
    if (!id || (type !== 'Patient' && type !== 'Group')) {
      throw refuse('value', `subject is Patient/… or Group/…, not ${subject}.`, 'subject')
    }
    const { text } = await rooms.store.read(access, type, id)
    if (type === 'Patient') found.add(id)
    else for (const member of membersOf(JSON.parse(text ?? '{}') as Group)) found.add(member)
  }
  return [...found]
}

function membersOf({ id, member = [] }: Group): string[] {
  const patients = member.flatMap(({ entity, inactive }) =>
    inactive ? [] : (/(?:^|\/)Patient\/([^/]+)$/.exec(entity?.reference ?? '')?.[1] ?? []),
  )
  if (patients.length === 0) throw refuse('value', `Group/${id} has no patients as active members.`, 'subject')
  return patients
}

async function readFollowed(looking: Looking, planUrl: string): Promise<string[]> {
  const found = await search(looking, looking.access, 'CarePlan', [['instantiates-canonical', planUrl]])
  const subjects = found.matches.map(({ text }) => (JSON.parse(text ?? '{}') as CarePlan).subject?.reference)
  return [...new Set(subjects)].flatMap((subject) => (subject?.startsWith('Patient/') ? subject.slice(8) : []))
}

/** Nothing of the patient's is kept from the caller: as many are found by them as there are. */
async function seesAllOf(looking: Looking, patient: string): Promise<boolean> {
  for (const type of lookedAt(looking)) {
    const count = async (access: Access) =>
      (
        await search(looking, access, type, [
          ['patient', patient],
          ['_summary', 'count'],
        ])
      ).total ?? 0
    if ((await count(looking.access)) !== (await count(engineAccess('simulation')))) return false
  }
  return true
}

function search({ rooms }: Looking, access: Access, type: string, params: [string, string][]) {
  const query = new URLSearchParams([...params, ['_count', String(PAGE)]])
  return rooms.store.search(access, parseSearch(rooms.definitions, type, query, 'strict'))
}
