import type { FoundRecord } from '../audit/find-records.ts'
import type { Agent, AuditRecord } from '../audit/record.ts'
import { typesOf } from '../audit/types-of.ts'

/** What somebody has done with a patient's record, in one sitting. */
export type LogEntry = {
  agent: Agent
  act: Act
  /** instants; the same where it was one moment */
  start: string
  end: string
  /** Resource types, those met first at the front. */
  types: string[]
  /** How they had to do with the patient: kinds of a relation. */
  relations: string[]
  purpose: string | undefined
  /** How many single things it was. */
  count: number
}

/** `opened`: the glass was broken, or what was closed was opened; `shared`: an app was let in or shut out; `sent`: to a national service. */
export type Act = 'seen' | 'changed' | 'opened' | 'shared' | 'sent'

/** What somebody does within so long is one sitting. */
const SITTING_MILLIS = { person: 30 * 60_000, system: 24 * 3600_000 }

/**
 * Gathers records, newest first, into what a person would call one look: the same one, doing the same, with no long pause. What was
 * refused, and what the server does to its own audit, is no look into the record.
 * @param patient id
 */
export async function* logEntries(found: AsyncIterable<FoundRecord>, patient: string): AsyncGenerator<LogEntry> {
  const open = new Map<string, LogEntry>()
  for await (const { record, recordedAt } of found) {
    const act = actOf(record)
    if (act === undefined || !record.patients?.includes(patient)) continue
    // Newest first: what began long after this moment is complete, and what ended last comes first.
    for (const [key, entry] of open) {
      if (Date.parse(entry.start) - Date.parse(recordedAt) <= sittingOf(entry.agent)) break
      open.delete(key)
      yield entry
    }
    const key = `${act} ${record.agent.who} ${record.agent.client}`
    const entry = open.get(key)
    const isSame = entry && Date.parse(entry.start) - Date.parse(recordedAt) <= sittingOf(entry.agent)
    if (entry && !isSame) {
      open.delete(key)
      yield entry
    }
    if (entry && isSame) join(entry, record, recordedAt, patient)
    else open.set(key, join(begin(record, act, recordedAt), record, recordedAt, patient))
  }
  yield* open.values()
}

function begin({ agent, purpose }: AuditRecord, act: Act, at: string): LogEntry {
  return { agent, act, start: at, end: at, types: [], relations: [], purpose, count: 0 }
}

function join(entry: LogEntry, record: AuditRecord, at: string, patient: string): LogEntry {
  entry.start = at
  entry.count++
  entry.purpose ??= record.purpose
  add(entry.types, typesOf(record))
  add(
    entry.relations,
    (record.care ?? []).filter((one) => one.patient === patient).map(({ kind }) => kind),
  )
  return entry
}

function add(to: string[], some: readonly string[]): void {
  for (const one of some) if (!to.includes(one)) to.push(one)
}

const isPerson = ({ who }: Agent) => /^(?:Practitioner|PractitionerRole|Patient|RelatedPerson)\//.test(who)
const sittingOf = (agent: Agent) => (isPerson(agent) ? SITTING_MILLIS.person : SITTING_MILLIS.system)

const ACTS: Partial<Record<AuditRecord['code'], Act>> = {
  create: 'changed',
  update: 'changed',
  patch: 'changed',
  delete: 'changed',
  'break-glass': 'opened',
  'open-restricted': 'opened',
  'app-allowed': 'shared',
  'app-withdrawn': 'shared',
  sent: 'sent',
}
const NO_LOOK = new Set<AuditRecord['code']>([
  ...(['seal', 'retention', 'login', 'logout', 'launch', 'token-issued', 'token-refused', 'token-revoked'] as const),
  ...(['received', 'app-refused', 'client-registered', 'client-changed', 'client-removed', 'keys-rotated'] as const),
])

function actOf({ code, outcome }: AuditRecord): Act | undefined {
  if (outcome !== undefined || NO_LOOK.has(code)) return undefined
  return ACTS[code] ?? 'seen'
}
