import { shareOf } from '../../sharing/grants.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { SHARING_TEXTS } from './texts.ts'

/** What somebody may see, in the groups in which it is given; what belongs to none is not named one by one. @returns undefined: everything */
export function useShareWords(types: readonly string[] | undefined): string | undefined {
  const text = useTexts(SHARING_TEXTS)
  if (!types) return undefined
  const { shares, others } = shareOf(types)
  return [...shares.map((share) => text(share)), ...(others.length > 0 ? [text('others')] : [])].join(', ')
}
