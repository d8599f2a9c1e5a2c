import { BodyShort, Heading } from '@navikt/ds-react'
import { isCall } from '../../fhir/thread.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { readNotes } from './shared-data.ts'
import { PATIENT_TEXTS } from './texts.ts'

/** What was written and said, the newest first. */
export function NotesCard({ patient }: { patient: string }) {
  const text = useTexts(PATIENT_TEXTS)
  const fhir = useFhir()
  const answer = useQuery(`notes ${patient}`, (signal) => readNotes(fhir, patient, signal))
  useLive('messages', patient, answer.reload)
  return (
    <section aria-labelledby="notes" className="card">
      <Heading size="small" level="2" id="notes">
        {text('notes')}
      </Heading>
      <AnswerView
        answer={answer}
        what={text('messages')}
        rows={3}
        isEmpty={(notes) => notes.length === 0}
        empty={<p className="quiet">{text('noMessages')}</p>}
      >
        {(notes) => (
          <ul className="task-list">
            {notes.map((note) => {
              const { id, status, payload, topic, category, sent, received, meta, sender } = note
              const at = sent ?? received ?? meta?.lastUpdated
              return (
                <li key={id}>
                  <BodyShort size="small" className="message">
                    {payload
                      ?.map(({ contentString }) => contentString)
                      .filter(Boolean)
                      .join(' ') ||
                      topic?.text ||
                      category?.[0]?.text}
                  </BodyShort>
                  <span className="quiet">
                    {isCall(note) && `${text(status === 'not-done' ? 'callNotAnswered' : 'aCall')} · `}
                    {at && <Moment at={new Date(at)} />}
                    {sender?.display && ` · ${sender.display}`}
                  </span>
                </li>
              )
            })}
          </ul>
        )}
      </AnswerView>
    </section>
  )
}
