import { Button } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import { useMe } from '../me-context.ts'
import type { Entry } from './entry.ts'
import { SENDING_TEXTS } from './texts.ts'

/** What the server said against something, kept until the person has seen it. */
export function RefusalView({ entry: { id, refusal } }: { entry: Entry }) {
  const text = useTexts(SENDING_TEXTS)
  const { outbox } = useMe()
  const said = refusal?.issues.flatMap(({ details, diagnostics }) => details?.text ?? diagnostics ?? []) ?? []
  return (
    <div className="refusal">
      <p>{text('refusedHelp')}</p>
      <details>
        <summary>{text('why')}</summary>
        <p>{text('serverSaid')}</p>
        {/* What a server says of a refusal is in English. */}
        <p lang="en">{said.join(' ') || `HTTP ${refusal?.status}`}</p>
      </details>
      <Button size="small" variant="secondary" onClick={() => void outbox.remove(new Set([id]))}>
        {text('remove')}
      </Button>
    </div>
  )
}
