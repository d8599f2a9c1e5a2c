import { useRef, useState } from 'react'
import { type Choice, type Choosing, choosing } from './choosing.ts'
import { shrink } from './shrink.ts'

export type PhotoChoice = Choice & Choosing

/** The picture of one page, which may leave its field while it is made ready. */
export function usePhoto(): PhotoChoice {
  const [choice, setChoice] = useState<Choice>({ isBusy: false, hasFailed: false })
  const held = useRef<Choosing>(undefined)
  held.current ??= choosing(shrink, setChoice)
  return { ...choice, ...held.current }
}
