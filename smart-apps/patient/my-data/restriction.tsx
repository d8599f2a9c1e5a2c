import type { Consent } from '@medplum/fhirtypes'
import { Button, Heading } from '@navikt/ds-react'
import { useState } from 'react'
import { ofType, type Stored } from '../../fhir/client.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { useMe, useSigned } from '../me-context.ts'
import { MY_DATA_TEXTS } from './texts.ts'
import { Trouble } from './trouble.tsx'
import { useReading } from './use-reading.ts'

const PRIVACY = 'http://terminology.hl7.org/CodeSystem/consentscope'

/** Sperring: the patient closes their record to all staff, and opens it again. It holds at once, and in every app. */
export function Restriction() {
  const text = useTexts(MY_DATA_TEXTS)
  const language = useLanguage()
  const { fhir } = useMe()
  const { session } = useSigned()
  const [isAsking, setIsAsking] = useState(false)
  const [hasFailed, setHasFailed] = useState(false)
  const {
    found: own,
    failure,
    read,
  } = useReading(async () => {
    const found = await fhir.search('Consent', { patient: session.patient, status: 'active' })
    return ofType(found, 'Consent').filter(isWhole)
  })
  const change = async (act: () => Promise<unknown>) => {
    setHasFailed(false)
    setIsAsking(false)
    await act().catch(() => setHasFailed(true))
    await read()
  }
  const [first] = own ?? []
  return (
    <section className="card" aria-labelledby="restriction">
      <Heading size="small" level="2" id="restriction">
        {text('restrict')}
      </Heading>
      <p>{text('restrictHelp')}</p>
      {failure !== undefined && <Trouble failure={failure} onRetry={() => void read()} />}
      {hasFailed && <p role="alert">{text('notSaved')}</p>}
      {first && (
        <>
          <p className="zone-card" data-zone="yellow" role="status">
            {text('restricted', { at: date(new Date(first.dateTime ?? Date.now()), language) })}
          </p>
          <Button onClick={() => void change(() => liftAll(own ?? []))}>{text('lift')}</Button>
        </>
      )}
      {own?.length === 0 && !isAsking && (
        <Button variant="secondary" onClick={() => setIsAsking(true)}>
          {text('restrictNow')}
        </Button>
      )}
      {isAsking && (
        <div role="alertdialog" aria-labelledby="restriction" aria-describedby="restriction-sure">
          <p id="restriction-sure">{text('restrictSure')}</p>
          <div className="buttons">
            <Button
              variant="danger"
              onClick={() => void change(() => fhir.create(wholeRecord(session.patient ?? '', new Date())))}
            >
              {text('restrictYes')}
            </Button>
            <Button variant="secondary" onClick={() => setIsAsking(false)}>
              {text('restrictNo')}
            </Button>
          </div>
        </div>
      )}
    </section>
  )

  async function liftAll(consents: readonly (Consent & Stored)[]): Promise<void> {
    for (const consent of consents) await fhir.update({ ...consent, status: 'inactive' })
  }
}

/** Closes everything, to everybody: what is closed in part was agreed otherwise, and is not ended by one button. */
const isWhole = ({ scope, provision }: Consent): boolean =>
  scope?.coding?.some(({ code }) => code === 'patient-privacy') === true &&
  provision?.type === 'deny' &&
  Object.keys(provision).length === 1

const wholeRecord = (patient: string, now: Date): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: PRIVACY, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${patient}` },
  dateTime: now.toISOString(),
  performer: [{ reference: `Patient/${patient}` }],
  policyRule: { text: 'pasient- og brukerrettighetsloven § 5-3' },
  provision: { type: 'deny' },
})
