import { Button } from '@navikt/ds-react'
import { Refused } from '../../fhir/failure.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { MY_DATA_TEXTS } from './texts.ts'

/** Why something of the server is not there: no net, or it said no. */
export function Trouble({ failure, onRetry }: { failure: unknown; onRetry: () => void }) {
  const text = useTexts(MY_DATA_TEXTS)
  return (
    <div role="alert">
      <p>{failure instanceof Refused ? text('refused', { reason: failure.message }) : text('away')}</p>
      <Button size="small" variant="secondary" onClick={onRetry}>
        {text('tryAgain')}
      </Button>
    </div>
  )
}
