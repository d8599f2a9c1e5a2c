import { useRef, useState } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { useRecord, useSigned } from '../me-context.ts'
import type { Saving } from '../sending/entry.ts'
import { madeBy } from '../sign-in/whose.ts'
import { type Choice, type Choosing, choosing } from './choosing.ts'
import { toPhotoSavings } from './photo.ts'
import { shrink } from './shrink.ts'
import { PHOTO_TEXTS } from './texts.ts'

export type PhotoChoice = Choice &
  Pick<Choosing, 'choose' | 'remove'> & {
    /**
     * What is saved of it, once it is made ready: nothing where none is chosen. Asked for twice, it is the same.
     * @param what it shows, as the team reads it
     * @param of what is saved with it
     * @returns `isLost`: it was still made ready when this was asked for, and cannot be used
     */
    toSavings(what: string, of: readonly Saving[]): Promise<{ savings: Saving[]; isLost: boolean }>
  }

/** The picture of one page, which may leave its field while it is made ready. */
export function usePhoto(): PhotoChoice {
  const text = useTexts(PHOTO_TEXTS)
  const { record } = useRecord()
  const { session } = useSigned()
  const [choice, setChoice] = useState<Choice>({ isBusy: false, hasFailed: false })
  const ids = useRef({ photo: crypto.randomUUID(), message: crypto.randomUUID() })
  const held = useRef<Choosing>(undefined)
  held.current ??= choosing(shrink, setChoice)
  const { choose, remove, settled } = held.current
  return {
    ...{ ...choice, choose, remove },
    async toSavings(what, of) {
      const { photo, hasFailed } = await settled()
      const words = text('pictureOf', { what })
      const sent = { words, of, by: madeBy(session), at: new Date(), ids: ids.current }
      return {
        savings: photo && record ? toPhotoSavings({ ...sent, photo, record }) : [],
        // What could not be used before was told where it was chosen.
        isLost: choice.isBusy && hasFailed,
      }
    },
  }
}
