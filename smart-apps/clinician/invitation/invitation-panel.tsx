import type { Parameters } from '@medplum/fhirtypes'
import { BodyShort, Button, CopyButton, Heading, InlineMessage } from '@navikt/ds-react'
import { lazy, Suspense, useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useMay, useSession } from '../session-context.ts'
import { INVITATION_TEXTS } from './texts.ts'
import './invitation.css'

// Few look at one, and it is large for what it is.
const QrCode = lazy(async () => ({ default: (await import('./qr-code.tsx')).QrCode }))

type Invitation = { link: string; expires: Date }

/** Gives a patient the link by which they begin to use the app: on the screen, to be copied, or on paper. */
export function InvitationPanel({ patient, name }: { patient: string; name: string }) {
  const text = useTexts(INVITATION_TEXTS)
  const language = useLanguage()
  const { fhir } = useSession()
  const may = useMay()
  const [invitation, setInvitation] = useState<Invitation>()
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  if (!may('Task', 'c')) return null
  const make = async () => {
    setIsBusy(true)
    setFailure(undefined)
    try {
      setInvitation(toInvitation(await fhir.operation<Parameters>(`Patient/${patient}/$invite`)))
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error))
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <section className="card invitation" aria-labelledby="invitation">
      <Heading size="xsmall" level="2" id="invitation">
        {text('title', { name })}
      </Heading>
      <BodyShort size="small">{text('help')}</BodyShort>
      <div aria-live="polite">
        {failure !== undefined && (
          <InlineMessage status="error" size="small">
            {text('failed', { reason: failure })}
          </InlineMessage>
        )}
        {invitation && (
          <div className="invitation-paper">
            <p className="on-paper paper-title">{text('paperTitle')}</p>
            <p className="on-paper">{text('paperHow')}</p>
            <Suspense>
              <QrCode text={invitation.link} title={text('code')} />
            </Suspense>
            <p className="invitation-link">
              <span className="quiet">{text('link')}</span>
              <code>{invitation.link}</code>
            </p>
            <BodyShort size="small">{text('expires', { at: moment(invitation.expires, language) })}</BodyShort>
            <p className="on-paper">{text('paperNot')}</p>
          </div>
        )}
      </div>
      <div className="buttons">
        {invitation && (
          <>
            <CopyButton
              size="small"
              variant="action"
              copyText={invitation.link}
              text={text('copy')}
              activeText={text('copied')}
            />
            <Button size="small" variant="secondary" onClick={() => print()}>
              {text('print')}
            </Button>
          </>
        )}
        <Button size="small" variant={invitation ? 'tertiary' : 'secondary'} loading={isBusy} onClick={make}>
          {text(invitation ? 'makeNew' : 'make')}
        </Button>
      </div>
      {invitation && (
        <BodyShort size="small" className="quiet">
          {text('replaced')}
        </BodyShort>
      )}
    </section>
  )
}

function toInvitation({ parameter = [] }: Parameters): Invitation {
  const of = (name: string) => parameter.find((one) => one.name === name)
  return { link: of('link')?.valueUri ?? '', expires: new Date(of('expires')?.valueInstant ?? '') }
}
