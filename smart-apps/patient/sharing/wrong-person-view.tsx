import { Button } from '@navikt/ds-react'
import { useState } from 'react'
import { Refused } from '../../fhir/failure.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { SHARING_TEXTS } from './texts.ts'

type Props = { name: string; onWrong: () => Promise<void> }
type Step = 'asked' | 'busy' | 'notSaved' | 'askTeam'

/** The number that somebody was written with is somebody else's: then they are not let in any more, and are written anew. */
export function WrongPerson({ name, onWrong }: Props) {
  const text = useTexts(SHARING_TEXTS)
  const [step, setStep] = useState<Step>()
  const end = async () => {
    setStep('busy')
    // What the team has written is for the team to put right.
    await onWrong().catch((error: unknown) => setStep(isRefusal(error) ? 'askTeam' : 'notSaved'))
  }
  if (step === 'asked' || step === 'busy')
    return (
      <div role="alertdialog" aria-labelledby="share-wrong" aria-describedby="share-wrong-sure">
        <p id="share-wrong">
          <strong>{text('wrongSure', { name })}</strong>
        </p>
        <p id="share-wrong-sure">{text('wrongHelp')}</p>
        <div className="buttons">
          <Button type="button" variant="danger" loading={step === 'busy'} onClick={() => void end()}>
            {text('wrongYes')}
          </Button>
          <Button type="button" variant="secondary" onClick={() => setStep(undefined)}>
            {text('cancel')}
          </Button>
        </div>
      </div>
    )
  return (
    <div>
      {step && <p role="alert">{text(step)}</p>}
      {step !== 'askTeam' && (
        <Button type="button" size="small" variant="secondary" onClick={() => setStep('asked')}>
          {text('wrong')}
        </Button>
      )}
    </div>
  )
}

const isRefusal = (error: unknown) => error instanceof Refused && error.status < 500 && !error.isConflict
