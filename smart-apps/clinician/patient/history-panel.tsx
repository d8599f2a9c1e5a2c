import { BodyShort, Heading } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { readShared, readTasks, type Shared } from './patient-data.ts'
import { TaskList } from './task-list.tsx'
import { PATIENT_TEXTS } from './texts.ts'

/** What has been done before and by whom: Tasks and how they ended, messages and notes, documents and laboratory answers. */
export default function HistoryPanel({ patient }: { patient: string }) {
  const text = useTexts(PATIENT_TEXTS)
  const fhir = useFhir()
  const tasks = useQuery(`tasks ${patient}`, (signal) => readTasks(fhir, patient, signal))
  const shared = useQuery(`shared ${patient}`, (signal) => readShared(fhir, patient, signal))
  return (
    <div className="columns">
      <TaskList answer={tasks} which="earlier" />
      <div>
        <section aria-labelledby="notes" className="card">
          <Heading size="small" level="2" id="notes">
            {text('notes')}
          </Heading>
          <AnswerView
            answer={shared}
            what={text('messages')}
            rows={3}
            isEmpty={({ communications }) => communications.length === 0}
            empty={<p className="quiet">{text('noMessages')}</p>}
          >
            {({ communications }) => (
              <ul className="task-list">
                {communications.map((one) => (
                  <li key={one.id}>
                    <BodyShort size="small" className="message">
                      {one.payload
                        ?.map(({ contentString }) => contentString)
                        .filter(Boolean)
                        .join(' ') ||
                        one.topic?.text ||
                        one.category?.[0]?.text}
                    </BodyShort>
                    <span className="quiet">
                      {(one.sent ?? one.received ?? one.meta?.lastUpdated) && (
                        <Moment at={new Date(one.sent ?? one.received ?? one.meta?.lastUpdated ?? '')} />
                      )}
                      {one.sender?.display && ` · ${one.sender.display}`}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </AnswerView>
        </section>
        <section aria-labelledby="documents" className="card">
          <Heading size="small" level="2" id="documents">
            {text('documents')}
          </Heading>
          <AnswerView
            answer={shared}
            what={text('documents')}
            rows={2}
            isEmpty={(data) => documentsOf(data).length === 0}
            empty={<p className="quiet">{text('noDocuments')}</p>}
          >
            {(data) => (
              <ul className="task-list">
                {documentsOf(data).map(({ id, title, at }) => (
                  <li key={id}>
                    {title}
                    {at && (
                      <span className="quiet">
                        <Moment at={new Date(at)} />
                      </span>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </AnswerView>
        </section>
      </div>
    </div>
  )
}

/** Documents and reports together, the newest first. */
function documentsOf({ documents, reports }: Shared): { id: string; title: string; at?: string }[] {
  return [
    ...documents.map(({ id = '', description, type, date }) => ({
      id,
      title: description ?? type?.text ?? type?.coding?.[0]?.display ?? '–',
      ...(date ? { at: date } : {}),
    })),
    ...reports.map(({ id = '', code, conclusion, effectiveDateTime: at }) => ({
      id,
      title: [code?.text ?? code?.coding?.[0]?.display, conclusion].filter(Boolean).join(': ') || '–',
      ...(at ? { at } : {}),
    })),
  ].sort((one, other) => (other.at ?? '').localeCompare(one.at ?? ''))
}
