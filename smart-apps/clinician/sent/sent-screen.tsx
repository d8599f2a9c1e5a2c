import { BodyShort, Button, Heading, InlineMessage, Select, Table } from '@navikt/ds-react'
import { useState } from 'react'
import { Refused } from '../../fhir/failure.ts'
import { changeQuery, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { NoTask, readSent, resend, type Sent, type SentReason, STATES } from './sent-data.ts'
import { SENT_TEXTS } from './texts.ts'
import '../patient/patient.css'
import '../team-lead/team-lead.css'

/** For an administrator: what was sent to national services and what became of it, and what can be sent again. */
export default function SentScreen() {
  const text = useTexts(SENT_TEXTS)
  const { query } = usePlace()
  const state = STATES.find((one) => one === query.get('state'))
  const before = query.get('before') || undefined
  const fhir = useFhir()
  const answer = useQuery(`sent ${state} ${before}`, (signal) => readSent(fhir, { state, before }, signal))
  return (
    <div className="patient team-lead">
      <div className="card-head">
        <Heading size="medium" level="1">
          {text('title')}
        </Heading>
        <div className="card-tools">
          <Select
            size="small"
            label={text('state')}
            value={state ?? ''}
            onChange={(event) => changeQuery({ state: event.target.value || undefined, before: undefined })}
          >
            <option value="">{text('all')}</option>
            {STATES.map((one) => (
              <option key={one} value={one}>
                {text(one)}
              </option>
            ))}
          </Select>
        </div>
      </div>
      <BodyShort className="quiet">{text('lead')}</BodyShort>
      <AnswerView answer={answer} what={text('what')} onlyFor={text('onlyFor')}>
        {(sent) => <SentTable sent={sent} onSent={answer.reload} />}
      </AnswerView>
      <div className="buttons">
        {answer.data?.next && (
          <Button size="small" variant="secondary" onClick={() => changeQuery({ before: answer.data?.next })}>
            {text('older')}
          </Button>
        )}
        {before && (
          <Button size="small" variant="tertiary" onClick={() => changeQuery({ before: undefined })}>
            {text('newest')}
          </Button>
        )}
      </div>
    </div>
  )
}

/** What the server says of it is in English, and for its people. */
function notSentBecause(error: unknown): 'noTask' | 'seenTo' | 'onlyFor' | 'failedToSend' {
  if (error instanceof NoTask) return 'noTask'
  if (!(error instanceof Refused)) return 'failedToSend'
  if (error.isForbidden) return 'onlyFor'
  return error.isConflict || error.status === 422 ? 'seenTo' : 'failedToSend'
}

function Why({ reason }: { reason: SentReason }) {
  const { text, lang } = reason(useLanguage())
  return <span lang={lang}>{text}</span>
}

type Told = { status: 'success' | 'warning' | 'error'; text: string }

function SentTable({ sent, onSent }: { sent: Sent; onSent: () => void }) {
  const text = useTexts(SENT_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const [busy, setBusy] = useState<string>()
  const [told, setTold] = useState<Told>()
  const again = async (id: string) => {
    setBusy(id)
    try {
      await resend(fhir, id)
      setTold({ status: 'success', text: text('resent') })
    } catch (error) {
      const name = notSentBecause(error)
      setTold({ status: name === 'failedToSend' ? 'error' : 'warning', text: text(name) })
    }
    setBusy(undefined)
    onSent()
  }
  const shown = STATES.filter((state) => sent.totals.has(state))
  return (
    <section className="card figures" aria-label={text('title')}>
      {told && (
        <div role="status">
          <InlineMessage status={told.status} size="small">
            {told.text}
          </InlineMessage>
        </div>
      )}
      {shown.length > 0 && (
        <dl className="tiles">
          {shown.map((state) => (
            <div key={state} className="tile">
              <dt>{text(state)}</dt>
              <dd>{sent.totals.get(state)}</dd>
            </div>
          ))}
        </dl>
      )}
      {sent.messages.length === 0 ? (
        <BodyShort className="quiet">{text('none')}</BodyShort>
      ) : (
        <div className="table-holder">
          <Table size="small">
            <Table.Header>
              <Table.Row>
                {(['caused', 'receiver', 'organization', 'state', 'attempts', 'reason'] as const).map((name) => (
                  <Table.HeaderCell key={name} scope="col">
                    {text(name)}
                  </Table.HeaderCell>
                ))}
                <Table.HeaderCell scope="col">
                  <span className="visually-hidden">{text('resend')}</span>
                </Table.HeaderCell>
              </Table.Row>
            </Table.Header>
            <Table.Body>
              {sent.messages.map(
                ({ id, receiver, organization, state, attempts, reason, caused, accepted, journaled }) => {
                  const since = journaled ?? accepted
                  return (
                    <Table.Row key={id}>
                      <Table.HeaderCell scope="row" data-label={text('caused')}>
                        {caused ? moment(caused, language) : '–'}
                      </Table.HeaderCell>
                      <Table.DataCell data-label={text('receiver')}>{receiver.toUpperCase()}</Table.DataCell>
                      <Table.DataCell data-label={text('organization')}>{organization}</Table.DataCell>
                      <Table.DataCell data-label={text('state')}>
                        {text(state)}
                        {since && <span className="quiet"> · {moment(since, language)}</span>}
                      </Table.DataCell>
                      <Table.DataCell data-label={text('attempts')}>{attempts}</Table.DataCell>
                      <Table.DataCell data-label={text('reason')}>{reason && <Why reason={reason} />}</Table.DataCell>
                      <Table.DataCell>
                        {state === 'dead' && (
                          <Button
                            size="xsmall"
                            variant="secondary"
                            loading={busy === id}
                            onClick={() => void again(id)}
                          >
                            {text('resend')}
                          </Button>
                        )}
                      </Table.DataCell>
                    </Table.Row>
                  )
                },
              )}
            </Table.Body>
          </Table>
        </div>
      )}
    </section>
  )
}
