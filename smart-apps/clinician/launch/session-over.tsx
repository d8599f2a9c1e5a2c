import { BodyShort, Button, Modal } from '@navikt/ds-react'
import { useState } from 'react'
import { goingOn, hindranceOf, type Session } from '../../launch/session.ts'
import { demoUserOf, signInForDemo, signInInWindow } from '../../launch/sign-in.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { scopeAsked } from './scopes.ts'
import { LAUNCH_TEXTS } from './texts.ts'

type Props = {
  session: Session
  /** Nobody was there for a while: whoever comes now proves who they are, also where the server remembers somebody. */
  isIdle: boolean
  onSignedIn: (session: Session) => void
}

/**
 * Over the page, which stays as it is with all that was typed: whoever signs in again, in a window of its own, goes on where they were.
 * Only the same person may, and only for the same patient.
 */
export function SessionOver({ session, isIdle, onSignedIn }: Props) {
  const text = useTexts(LAUNCH_TEXTS)
  const [isBusy, setIsBusy] = useState(false)
  const [problem, setProblem] = useState<'otherUser' | 'otherPatient' | 'deniedHelp'>()
  const again = async () => {
    setIsBusy(true)
    setProblem(undefined)
    try {
      const next = session.isDemo
        ? await signInForDemo(session, demoUserOf(session))
        : await signInInWindow(
            { iss: session.iss, clientId: session.clientId, ...scopeOf(session) },
            { scope: scopeAsked(false), isOtherPerson: isIdle },
          )
      const hindrance = hindranceOf(session, next)
      if (hindrance) setProblem(hindrance)
      else onSignedIn(goingOn(session, next))
    } catch {
      setProblem('deniedHelp')
    }
    setIsBusy(false)
  }
  return (
    <Modal
      open
      className="session-over"
      onClose={() => {}}
      onBeforeClose={() => false}
      header={{ heading: text('over'), closeButton: false }}
    >
      <Modal.Body>
        {isIdle && <BodyShort spacing>{text('overIdle')}</BodyShort>}
        <BodyShort>{text(session.patient ? 'overLaunched' : 'overText')}</BodyShort>
        {problem && (
          <BodyShort role="alert" className="problem">
            {text(problem)}
          </BodyShort>
        )}
      </Modal.Body>
      <Modal.Footer>
        <Button onClick={again} loading={isBusy}>
          {text('again')}
        </Button>
      </Modal.Footer>
    </Modal>
  )
}

const scopeOf = ({ askedScope }: Session) => (askedScope ? { scope: askedScope } : {})
