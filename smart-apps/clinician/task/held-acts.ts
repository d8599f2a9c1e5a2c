import { SessionOver, toError, Unreachable } from '../../fhir/failure.ts'
import type { Act } from './act.ts'
import type { Tally } from './send-act.ts'

/**
 * Nothing that cannot be taken back leaves this window before so long: a Task that is closed is never opened again, and what a patient has
 * read is read. Until then, undoing is not sending.
 */
export const HELD_MILLIS = 10_000
const RETRY_MILLIS = 5_000

/** `waiting`: it could not be sent, and is tried again. `failed`: the server said no. */
export type HeldAct = Act & {
  state: 'held' | 'sending' | 'waiting' | 'done' | 'failed'
  sendAt: number
  failure?: Error
  /** Of one that is done one by one, once it is. */
  tally?: Tally
}

export type HeldActs = {
  hold(act: Act): void
  /** Not sent, and not to be sent. @returns undefined where it is too late */
  undo(id: string): Act | undefined
  sendNow(id: string): void
  /** Tries one that was refused once more, changed. */
  retry(act: Act): void
  dismiss(id: string): void
  /** Everything at once, while the page closes. */
  flush(): void
  /** Another person's list begins empty. */
  clear(): void
  current(): readonly HeldAct[]
  subscribe(listener: () => void): () => void
}

type Needs = {
  send: (act: Act, isLast: boolean) => Promise<Tally | undefined>
  /** What had not been sent for certain when the page was closed last. */
  kept: () => readonly Act[]
  keep: (acts: readonly Act[]) => void
  onDone: (act: Act) => void
}

/** Acts wait here for their moment, one list for the window: going to another screen sends nothing sooner and loses nothing. */
export function createHeldActs({ send, kept, keep, onDone }: Needs): HeldActs {
  let acts: readonly HeldAct[] = []
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const listeners = new Set<() => void>()

  const show = (next: readonly HeldAct[]) => {
    acts = next
    keep(
      acts
        .filter(({ state }) => state === 'held' || state === 'sending' || state === 'waiting')
        .map(({ state: _state, sendAt: _sendAt, failure: _failure, tally: _tally, ...act }) => act),
    )
    for (const listener of listeners) listener()
  }
  const change = (id: string, changes: Partial<HeldAct>) =>
    show(acts.map((act) => (act.id === id ? { ...act, ...changes } : act)))
  const wait = (id: string, millis: number) => {
    clearTimeout(timers.get(id))
    timers.set(
      id,
      setTimeout(() => void run(id), millis),
    )
  }

  const run = async (id: string, isLast = false) => {
    clearTimeout(timers.get(id))
    const act = acts.find((one) => one.id === id)
    if (!act || (act.state !== 'held' && act.state !== 'waiting')) return
    change(id, { state: 'sending' })
    try {
      const tally = await send(act, isLast)
      change(id, { state: 'done', ...(tally && { tally }) })
      onDone(act)
    } catch (error) {
      const failure = toError(error)
      // Sent again it is not done again, so whatever is uncertain is sent until somebody answers.
      if (failure instanceof Unreachable || failure instanceof SessionOver) {
        change(id, { state: 'waiting', failure })
        wait(id, RETRY_MILLIS)
      } else change(id, { state: 'failed', failure })
    }
  }
  const add = (act: Act, millis: number) => {
    if (acts.some(({ id, state }) => id === act.id && state !== 'failed')) return
    show([...acts.filter(({ id }) => id !== act.id), { ...act, state: 'held', sendAt: Date.now() + millis }])
    wait(act.id, millis)
  }

  const held: HeldActs = {
    hold: (act) => add(act, HELD_MILLIS),
    undo(id) {
      const act = acts.find((one) => one.id === id)
      if (act?.state !== 'held') return undefined
      clearTimeout(timers.get(id))
      show(acts.filter((one) => one !== act))
      return act
    },
    sendNow: (id) => void run(id),
    retry: (act) => add(act, 0),
    dismiss: (id) => show(acts.filter((act) => act.id !== id || act.state === 'sending' || act.state === 'held')),
    flush() {
      for (const { id } of acts) void run(id, true)
    },
    clear() {
      for (const timer of timers.values()) clearTimeout(timer)
      show([])
    },
    current: () => acts,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  // What the page took with it when it was closed may still be on its way; a moment later it is there, and found.
  for (const act of kept()) add(act, RETRY_MILLIS / 2)
  return held
}
