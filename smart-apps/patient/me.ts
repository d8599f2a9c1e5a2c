import { createFhirClient, type FhirClient } from '../fhir/client.ts'
import { SessionOver, toError, Unreachable } from '../fhir/failure.ts'
import type { Session, SessionKeeper, SessionState } from '../launch/session.ts'
import { signOut } from '../launch/sign-in.ts'
import { type Difference, keptDifferences } from './judge/differences.ts'
import { reportDifferences } from './judge/report-differences.ts'
import { openVault, type Vault } from './kept/vault.ts'
import { loadRecord } from './record/load-record.ts'
import type { OwnRecord } from './record/record.ts'
import { endPush } from './reminders/push.ts'
import type { Entry } from './sending/entry.ts'
import { type Outbox, openOutbox } from './sending/outbox.ts'
import { isSomebodyElses, isUnsent } from './sign-in/whose.ts'
import { verdictOf } from './today/zone.ts'

/** Who uses the app, and all that it holds of them. */
export type Me = {
  fhir: FhirClient
  sessions: SessionKeeper
  outbox: Outbox
  vault: Vault
  records: Records
  /**
   * Signs somebody in; what was kept of somebody else is removed first.
   * @param mayRemoveUnsent whether that goes also for what somebody else has not sent yet
   */
  enter(session: Session, mayRemoveUnsent?: boolean): Promise<Entered>
  /** Signs out: nothing of it is left on the phone. */
  leave(): Promise<void>
}

/**
 * `elsewhere`: the page still holds somebody else's in memory and must be opened anew. `unsent`: nobody was signed in, for somebody else has
 * not sent all that is theirs.
 */
export type Entered = 'here' | 'elsewhere' | 'unsent'

/** The record as it was read last, and how it stands with reading it anew. */
export type RecordState = { record?: OwnRecord; isLoading: boolean; failure?: Error }
export type Records = {
  current(): RecordState
  subscribe(listener: () => void): () => void
  reload(): Promise<void>
  /** What is being read is not kept any more. */
  forget(): void
}

const SESSION = 'session'
const RECORD = 'record'
const RENEWAL_LOCK = 'fylgje-renewal'
/** The server judges what came within a second or two, or later when it has much to do; then it is read back. */
const JUDGED_MILLIS = [2_500, 10_000, 60_000]
/** Whatever the server has not judged by then it will not: the plan may have ended. */
const UNJUDGED_MILLIS = 24 * 3_600_000

/** Opens what is kept, which needs no net. @throws DOMException where the browser keeps nothing */
export async function openMe(): Promise<Me> {
  const vault = await openVault(() => location.reload())
  const sessions = await keepSessionIn(vault)
  const fhir = createFhirClient(sessions)
  const heard = (isReached: boolean) => outbox.heard(isReached)
  const records = await keepRecord({
    ...{ vault, fhir, sessions, heard, onRead: forgetWhatCameBack },
    // Before what came back is forgotten: how it was judged here goes with it.
    differencesOf: ({ triages }, known) => keptDifferences(triages, outbox.current().entries, known),
  })
  const outbox: Outbox = await openOutbox({
    ...{ vault, fhir },
    onSent: () => {
      void records.reload()
      for (const millis of JUDGED_MILLIS) setTimeout(() => void records.reload(), millis)
    },
  })
  /** What the phone has judged stays until the server has: else a red value would be green for as long as that takes. */
  async function forgetWhatCameBack(record: OwnRecord): Promise<void> {
    const { observations, answers, communications, pictures = [], triages } = record
    const there = new Set([...observations, ...answers, ...communications, ...pictures].map(({ id }) => id))
    // Who may send pictures may perhaps not read them.
    const isBack = ({ resource, storedAs }: Entry) =>
      there.has(storedAs) || (resource.resourceType === 'Media' && record.missing.includes('Media'))
    const judged = new Set(triages.flatMap((one) => verdictOf(one, 'nb')?.about ?? []))
    const isOver = ({ verdict, sentAt, resource, storedAs }: Entry) =>
      !verdict ||
      judged.has(`${resource.resourceType}/${storedAs}`) ||
      Date.now() - Date.parse(sentAt ?? '') > UNJUDGED_MILLIS
    const back = outbox.current().entries.filter((entry) => entry.state === 'sent' && isBack(entry) && isOver(entry))
    await outbox.remove(new Set(back.map(({ id }) => id)))
  }
  return {
    ...{ fhir, sessions, outbox, vault, records },
    async enter(session, mayRemoveUnsent = false) {
      const { entries } = outbox.current()
      const kept = { session: sessions.current()?.session, patient: records.current().record?.patient.id, entries }
      // The phone may have been somebody else's; what they left unsent is not this person's to send.
      if (isSomebodyElses(kept, session)) {
        if (!mayRemoveUnsent && entries.some(isUnsent)) return 'unsent'
        outbox.forget()
        records.forget()
        await vault.wipe()
        await endPush(fhir, sessions.current()?.session.patient)
        // Kept and not begun: this page would show the other's record as theirs.
        await sessions.keep(session)
        return 'elsewhere'
      }
      await sessions.begin(session)
      void records.reload()
      void outbox.flush()
      return 'here'
    },
    async leave() {
      outbox.forget()
      records.forget()
      const session = sessions.current()?.session
      // A renewal under way keeps nothing of what it gets; the page stays as it is until the server has been told as well.
      sessions.keepNoMore()
      // First what lies here: who takes the phone before the server has answered finds nothing.
      await vault.wipe()
      await endPush(fhir, session?.patient)
      if (session) await signOut(session)
      vault.close()
      sessions.leave()
    },
  }
}

type Kept = SessionKeeper & {
  begin(session: Session): Promise<void>
  keep(session: Session): Promise<void>
  keepNoMore(): void
}

async function keepSessionIn(vault: Vault): Promise<Kept> {
  const stored = await vault.read<Session>(SESSION)
  let state: SessionState | undefined = stored && { session: stored, isOver: false }
  const listeners = new Set<() => void>()
  const become = (next: SessionState | undefined) => {
    state = next
    for (const listener of listeners) listener()
  }
  let isKept = true
  const keep = async (session: Session) => {
    if (isKept) await vault.write({ [SESSION]: session })
  }
  return {
    current: () => state,
    keepNoMore: () => {
      isKept = false
    },
    shared: {
      inTurn: async (work) => navigator.locks.request(RENEWAL_LOCK, work),
      newest: () => vault.read<Session>(SESSION).catch(() => undefined),
    },
    keep,
    async begin(session) {
      become({ session, isOver: false })
      await keep(session)
    },
    end: () => void (state && !state.isOver && become({ ...state, isOver: true })),
    leave: () => become(undefined),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

type RecordRooms = {
  vault: Vault
  fhir: FhirClient
  sessions: SessionKeeper
  heard: (isReached: boolean) => void
  onRead: (record: OwnRecord) => Promise<void>
  differencesOf: (record: OwnRecord, known: readonly Difference[] | undefined) => Difference[]
}

async function keepRecord({ vault, fhir, sessions, heard, onRead, differencesOf }: RecordRooms): Promise<Records> {
  const kept = await vault.read<OwnRecord>(RECORD)
  let state: RecordState = { ...(kept && { record: kept }), isLoading: false }
  const listeners = new Set<() => void>()
  const become = (next: RecordState) => {
    state = next
    for (const listener of listeners) listener()
  }
  let reading: Promise<void> | undefined
  let isForgotten = false
  const read = async () => {
    const patient = sessions.current()?.session.patient
    if (patient === undefined) return
    become({ ...state, isLoading: true })
    try {
      const loaded = await loadRecord(fhir, patient, state.record, new Date())
      const record = { ...loaded, differences: differencesOf(loaded, state.record?.differences) }
      // Signed out meanwhile: nothing of it may be written any more.
      if (isForgotten || sessions.current()?.session.patient !== patient) return
      await vault.write({ [RECORD]: record })
      become({ record, isLoading: false })
      heard(true)
      await onRead(record)
      const told = await reportDifferences(fhir, record.differences)
      if (told === record.differences || isForgotten) return
      await vault.write({ [RECORD]: { ...record, differences: told } })
      become({ record: { ...record, differences: told }, isLoading: false })
    } catch (error) {
      const failure = toError(error)
      become({ ...(state.record && { record: state.record }), isLoading: false, failure })
      if (failure instanceof Unreachable) heard(false)
      else if (failure instanceof SessionOver) heard(true)
    }
  }
  sessions.subscribe(() => {
    if (!sessions.current()) become({ isLoading: false })
  })
  return {
    current: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    reload() {
      reading ??= read().finally(() => {
        reading = undefined
      })
      return reading
    },
    forget: () => {
      isForgotten = true
    },
  }
}
