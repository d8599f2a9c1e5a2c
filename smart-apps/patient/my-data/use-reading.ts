import { useEffect, useState } from 'react'

export type Reading<T> = {
  found: T | undefined
  failure: unknown
  /** Reads anew. @returns undefined where that failed */
  read: () => Promise<T | undefined>
}

/** What must be of now, and so is read of the server when it is shown, and again when asked: never from the phone. */
export function useReading<T>(readNow: () => Promise<T>): Reading<T> {
  const [found, setFound] = useState<T>()
  const [failure, setFailure] = useState<unknown>()
  const read = async () => {
    setFailure(undefined)
    try {
      const now = await readNow()
      setFound(now)
      return now
    } catch (error) {
      setFailure(error)
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    void read()
  }, [])
  return { found, failure, read }
}
