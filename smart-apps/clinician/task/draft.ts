import { useCallback, useState } from 'react'
import { forget, keep, kept } from '../../launch/kept.ts'
import { DRAFTS } from '../../launch/session.ts'

/**
 * What somebody is writing. It is there again after a reload, the end of a session or a look at something else, until it is sent or they leave.
 * @param name what it is for, by ids alone: `Task/7 call`
 */
export function useDraft<T extends object>(name: string, empty: T): [T, (changes: Partial<T>) => void, () => void] {
  const key = DRAFTS + name
  const [draft, setDraft] = useState<T>(() => ({ ...empty, ...kept<T>(key) }))
  const change = useCallback(
    (changes: Partial<T>) =>
      setDraft((before) => {
        const next = { ...before, ...changes }
        keep(key, next)
        return next
      }),
    [key],
  )
  const clear = useCallback(() => forget(key), [key])
  return [draft, change, clear]
}

export const hasDraft = (name: string): boolean => kept(DRAFTS + name) !== undefined

export const forgetDraft = (name: string): void => forget(DRAFTS + name)
export const keepDraft = (name: string, draft: object): void => keep(DRAFTS + name, draft)
