import { Button } from '@navikt/ds-react'
import { useRef, useState } from 'react'
import { Refused } from '../../fhir/failure.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { useMe, useRecord, useSigned } from '../me-context.ts'
import { hasRecipient, toMessage } from '../messages/message.ts'
import { madeBy } from '../sign-in/whose.ts'
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
      {step === 'askTeam' && <AskTeam name={name} />}
      {step !== 'askTeam' && (
        <Button type="button" size="small" variant="secondary" onClick={() => setStep('asked')}>
          {text('wrong')}
        </Button>
      )}
    </div>
  )
}

/** The team is asked in a message, which waits for a net as every message does. */
function AskTeam({ name }: { name: string }) {
  const text = useTexts(SHARING_TEXTS)
  const { outbox } = useMe()
  const { session } = useSigned()
  const { record } = useRecord()
  const [step, setStep] = useState<'busy' | 'asked' | 'notSaved'>()
  // Pressed twice, it is one.
  const id = useRef(crypto.randomUUID())
  if (!record || !hasRecipient(record)) return null
  const ask = async () => {
    setStep('busy')
    const written = { by: madeBy(session), text: text('askTeamWords', { name }), at: new Date() }
    const saved = outbox.add([{ id: id.current, resource: toMessage(record, written) }])
    setStep(await saved.then(() => 'asked' as const).catch(() => 'notSaved' as const))
  }
  return (
    <>
      <p role="status">{step === 'asked' && text('askTeamDone')}</p>
      {step === 'notSaved' && <p role="alert">{text('notSaved')}</p>}
      {step !== 'asked' && (
        <Button type="button" size="small" loading={step === 'busy'} onClick={() => void ask()}>
          {text('askTeamButton')}
        </Button>
      )}
    </>
  )
}

const isRefusal = (error: unknown) => error instanceof Refused && error.status < 500 && !error.isConflict
