import { isPerson, purposeOf } from '../audit/agent.ts'
import type { FoundRecord, RecordsAsked } from '../audit/find-records.ts'
import type { Language } from '../core/decide/words/language.ts'
import { type Act, type LogEntry, logEntries } from './entries.ts'
import { createNames } from './name-of.ts'
import {
  actInWords,
  purposeInWords,
  relationsInWords,
  roleInWords,
  systemInWords,
  timeInWords,
  typesInWords,
} from './words.ts'

/** One look into a record, as the patient reads it. */
export type ToldEntry = {
  start: string
  end: string
  /** When, in words. */
  when: string
  act: Act
  /** Name of the person, or of the system. */
  who: string
  /** `Practitioner/kari`; undefined for a system. */
  reference: string | undefined
  role: string
  organization: string
  purpose: string
  /** How they had to do with the patient, a sentence each. */
  because: string[]
  /** Kinds of data. */
  data: string[]
  /** The same without when, for whoever writes that above it. */
  said: string
  /** All of it as a sentence. */
  text: string
  count: number
}

export type AccessLogRooms = {
  records: (asked: RecordsAsked) => AsyncIterable<FoundRecord>
  /** A resource by `Type/id`, for the names of people and organisations; undefined where it is not there any more. */
  read: (reference: string) => Promise<object | undefined>
}

export type AccessLogAsked = {
  /** id */
  patient: string
  language: Language
  countMax: number
  /** Only what was done within [from, to). */
  from?: string | undefined
  to?: string | undefined
}

/** `next`: where there is more, the instant before which it was done. */
export type AccessLog = { entries: ToldEntry[]; next?: string }

/** Who has seen and changed a patient's record, newest first, in words that a patient understands. */
export async function readAccessLog(rooms: AccessLogRooms, asked: AccessLogAsked): Promise<AccessLog> {
  const { patient, language, countMax, from = '-infinity', to = 'infinity' } = asked
  const records = rooms.records({ tokens: [[`patient=${patient}`]], order: 'newest', from, to })
  const nameOf = createNames(rooms.read)
  const entries: ToldEntry[] = []
  for await (const entry of logEntries(records, patient)) {
    if (entries.length === countMax) return { entries, next: entries.at(-1)?.start ?? entry.end }
    entries.push(await tell(nameOf, entry, language))
  }
  return { entries }
}

async function tell(nameOf: ReturnType<typeof createNames>, entry: LogEntry, language: Language): Promise<ToldEntry> {
  const { agent, act, start, end, types, relations, count } = entry
  const isSomebody = isPerson(agent.who)
  const unit = agent.pointOfCare ?? agent.legalEntity
  const who = isSomebody ? (agent.name ?? (await nameOf(agent.who)) ?? agent.who) : systemInWords(agent, language)
  const organization = (unit && (await nameOf(unit))) ?? agent.login?.organization ?? ''
  const role = roleInWords(agent.roles ?? (agent.who.startsWith('Patient/') ? ['patient'] : []), language)
  const isOpened = relations.includes('break-glass') || relations.includes('opened')
  const code = entry.purpose ?? (isOpened ? 'BTG' : purposeOf(agent))
  const purpose = code === undefined ? '' : purposeInWords(code, language)
  const data = typesInWords(types, language)
  const when = timeInWords(entry, language)
  const known = [role, organization].filter(Boolean).join(', ')
  const subject = known ? `${who} (${known})` : who
  const seen = data.length > 0 ? ` ${data.join(', ').toLowerCase()}` : ''
  const done = `${subject} ${actInWords(act, language)}${seen}`
  const why = purpose ? ` ${purpose}.` : ''
  return {
    ...{ start, end, when, act, who, role, organization, purpose, data, count },
    ...{ said: `${done}.${why}`, text: `${done}, ${when}.${why}` },
    reference: isSomebody ? agent.who : undefined,
    because: relationsInWords(relations, language),
  }
}
