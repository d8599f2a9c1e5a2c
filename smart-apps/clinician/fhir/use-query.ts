import { useCallback, useEffect, useRef, useState } from 'react'
import { SessionOver } from '../../fhir/failure.ts'

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

/**
 * Asks once, and again when `key` changes or `reload` is called. An answer that comes after its question was given up is thrown away.
 * @param key all that the question depends on
 */
export function useQuery<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [state, setState] = useState<{ key: string } & Omit<Answer<T>, 'reload'>>({ key, isLoading: true })
  const [turn, setTurn] = useState(0)
  const latest = useRef(ask)
  latest.current = ask
  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is what reload changes
  useEffect(() => {
    const stop = new AbortController()
    setState((before) => ({ ...(before.key === key ? before : {}), key, isLoading: true }))
    latest.current(stop.signal).then(
      (data) => {
        if (!stop.signal.aborted) setState({ key, data, isLoading: false, answeredAt: new Date() })
      },
      (error: unknown) => {
        if (stop.signal.aborted) return
        // The dialog over the page asks to sign in; behind it all stays as it was, and is asked anew afterwards.
        const failure = error instanceof Error ? error : new Error(String(error))
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
  return { ...(state.key === key ? state : { isLoading: true }), reload }
}

/** Told to the window when somebody has signed in again. */
export const SESSION_BEGAN = 'fylgje-session-began'
