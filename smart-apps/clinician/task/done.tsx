import { ChatIcon, CheckmarkIcon, InformationIcon, PhoneIcon, TasklistIcon } from '@navikt/aksel-icons'
import type { ReactNode } from 'react'
import { isCall } from '../../fhir/thread.ts'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { reasonOf, type StoredTask } from '../worklist/row.ts'
import { STATUS_WORDS } from './status-words.ts'
import { type Around, cameOf, saidAbout } from './task-data.ts'
import { TASK_TEXTS } from './texts.ts'

type Line = { id: string; at: string; icon: ReactNode; head: string; body?: string; by?: string | undefined }

/** Calls, messages, questions to others and notes about this Task, the newest first. */
export function Done({ around, task }: { around: Around; task: StoredTask }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  /** What whoever was asked has written back. */
  const answerLines = (one: StoredTask): Line[] =>
    (one.note ?? []).map((note, i) => ({
      id: `${one.id} ${i}`,
      at: note.time ?? '',
      icon: <ChatIcon aria-hidden />,
      head: text('answered'),
      body: translated(note, 'text', language)?.text ?? '',
      by: note.authorReference?.display ?? note.authorString ?? one.owner?.display,
    }))
  const lines: Line[] = [
    ...saidAbout(around, task).map((one): Line => {
      const wasCall = isCall(one)
      const head = text(
        wasCall ? 'calledPatient' : one.sender?.reference === task.for?.reference ? 'fromPatient' : 'wrotePatient',
      )
      return {
        id: one.id,
        at: one.sent ?? one.meta?.lastUpdated ?? '',
        icon: wasCall ? <PhoneIcon aria-hidden /> : <ChatIcon aria-hidden />,
        head: one.status === 'not-done' ? `${head} · ${text('noAnswer')}` : head,
        body: one.payload?.map(({ contentString }) => contentString ?? '').join('\n') ?? '',
        by: one.sender?.display,
      }
    }),
    ...cameOf(around, task).flatMap(answerLines),
    ...cameOf(around, task).map((one): Line => {
      const { reasonCode: _reason, ...rest } = one
      return {
        id: one.id,
        at: one.authoredOn ?? '',
        icon: <TasklistIcon aria-hidden />,
        head: text('toOther', { to: one.owner?.display ?? one.for?.display ?? '' }),
        body: `${reasonOf(rest as StoredTask, language).text} (${STATUS_WORDS[one.status ?? '']?.[language] ?? one.status})`,
        by: one.requester?.display,
      }
    }),
    ...(task.note ?? []).map(
      (one, i): Line => ({
        id: `note ${i}`,
        at: one.time ?? '',
        icon: <InformationIcon aria-hidden />,
        head: text('note'),
        body: translated(one, 'text', language)?.text ?? '',
        by: one.authorReference?.display ?? one.authorString,
      }),
    ),
    ...(task.statusReason && task.status === 'completed'
      ? [
          {
            id: 'end',
            at: task.executionPeriod?.end ?? task.lastModified ?? '',
            icon: <CheckmarkIcon aria-hidden />,
            head: text('closedAs'),
            body: translated(task.statusReason, 'text', language)?.text ?? '',
            by: task.owner?.display,
          },
        ]
      : []),
  ].sort((one, other) => other.at.localeCompare(one.at))
  if (lines.length === 0) return <p className="quiet">{text('nothingDone')}</p>
  return (
    <ul className="plain-list done-list">
      {lines.map(({ id, at, icon, head, body, by }) => (
        <li key={id}>
          {icon}
          <div>
            <span>
              <strong>{head}</strong>{' '}
              <span className="quiet">
                {at && <Moment at={new Date(at)} />}
                {by && ` · ${by}`}
              </span>
            </span>
            {body && <p className="said">{body}</p>}
          </div>
        </li>
      ))}
    </ul>
  )
}
