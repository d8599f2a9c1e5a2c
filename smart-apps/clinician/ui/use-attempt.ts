import { useState } from 'react'
import { toError } from '../../fhir/failure.ts'

export type Attempt = {
  isBusy: boolean
  /** Why the last one did not succeed. */
  failure: Error | undefined
  /** Never throws: what failed is told beside what was tried. */
  attempt: (work: () => Promise<unknown>) => Promise<void>
}

/** Something that is done when somebody asks for it, and can be asked for again. */
export function useAttempt(): Attempt {
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<Error>()
  const attempt = async (work: () => Promise<unknown>) => {
    setIsBusy(true)
    setFailure(undefined)
    try {
      await work()
    } catch (error) {
      setFailure(toError(error))
    } finally {
      setIsBusy(false)
    }
  }
  return { isBusy, failure, attempt }
}
