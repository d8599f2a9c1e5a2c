import { useCallback, useEffect, useRef, useState } from 'react'
import { SessionOver, toError } from '../../fhir/failure.ts'
import { LEAVING } from '../session-context.ts'

/** How a question to the server stands. What was answered before stays while it is asked again, and when that fails. */
export type Answer<T> = {
  data?: T
  /** Why the last question was not answered; with `data`, that is old. */
  failure?: Error
  isLoading: boolean
  /** When `data` was right. */
  answeredAt?: Date
  reload: () => void
}

/** Well or not, at least once. */
export const isAnswered = ({ data, failure }: Answer<unknown>): boolean => data !== undefined || failure !== undefined

type Ask<T> = (signal: AbortSignal) => Promise<T>
type Begun = { answer: Promise<unknown>; stop: AbortController; forgotten: ReturnType<typeof setTimeout> }

/** Longer than any screen takes to be drawn: an answer that nobody has taken by then is of a page that nobody went to. */
const BEGUN_MILLIS = 10_000
const begun = new Map<string, Begun>()

/**
 * Asks before what shows the answer is drawn: `useQuery` with the same key takes it over. Only for what somebody has opened: what is
 * read of a patient stands in the patient's log.
 */
export function beginQuery<T>(key: string, ask: Ask<T>): void {
  if (begun.has(key)) return
  const stop = new AbortController()
  const answer = ask(stop.signal)
  // Told to whoever takes it over.
  answer.catch(() => {})
  const forgotten = setTimeout(() => takeBegun(key)?.stop.abort(), BEGUN_MILLIS)
  begun.set(key, { answer, stop, forgotten })
}

function takeBegun(key: string): Begun | undefined {
  const found = begun.get(key)
  begun.delete(key)
  clearTimeout(found?.forgotten)
  return found
}

// What one user began is not the next one's.
addEventListener(LEAVING, () => {
  for (const key of [...begun.keys()]) takeBegun(key)?.stop.abort()
})

/**
 * Asks once, and again when `key` changes or `reload` is called. An answer that comes after its question was given up is thrown away.
 * @param key all that the question depends on
 * @param known what is shown until it is answered, where the page knows it already
 */
export function useQuery<T>(key: string, ask: Ask<T>, known?: T): Answer<T> {
  const [state, setState] = useState<{ key: string } & Omit<Answer<T>, 'reload'>>({ key, isLoading: true })
  const [turn, setTurn] = useState(0)
  const latest = useRef(ask)
  latest.current = ask
  useEffect(() => {
    const early = turn === 0 ? takeBegun(key) : undefined
    const stop = early?.stop ?? new AbortController()
    const answer = (early?.answer as Promise<T> | undefined) ?? latest.current(stop.signal)
    setState((before) => ({ ...(before.key === key ? before : {}), key, isLoading: true }))
    answer.then(
      (data) => {
        if (!stop.signal.aborted) setState({ key, data, isLoading: false, answeredAt: new Date() })
      },
      (error: unknown) => {
        if (stop.signal.aborted) return
        // The dialog over the page asks to sign in; behind it all stays as it was, and is asked anew afterwards.
        const failure = toError(error)
        setState((before) => ({ ...before, isLoading: false, ...(failure instanceof SessionOver ? {} : { failure }) }))
      },
    )
    return () => stop.abort()
  }, [key, turn])
  const reload = useCallback(() => setTurn((count) => count + 1), [])
  useEffect(() => {
    addEventListener(SESSION_BEGAN, reload)
    return () => removeEventListener(SESSION_BEGAN, reload)
  }, [reload])
  const shown = state.key === key ? state : { isLoading: true }
  return { ...(known === undefined ? {} : { data: known }), ...shown, reload }
}

/** Told to the window when somebody has signed in again. */
export const SESSION_BEGAN = 'fylgje-session-began'
