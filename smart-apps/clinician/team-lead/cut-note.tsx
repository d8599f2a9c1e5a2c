import { InlineMessage } from '@navikt/ds-react'

/** There is more than was read: said beside the figures, and nowhere where there is not. */
export const cutNote = ({ isCut }: { isCut: boolean }, words: string) =>
  isCut ? (
    <InlineMessage status="warning" size="small">
      {words}
    </InlineMessage>
  ) : undefined
