import { Heading } from '@navikt/ds-react'
import { isOpen } from '../../../server/core/decide/task/task-status.ts'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import type { Answer } from '../fhir/use-query.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { byUrgency, type Patients, type Row, reasonOf, type StoredTask, toRow } from '../worklist/row.ts'
import { PATIENT_TEXTS } from './texts.ts'

/** What waits for the team about this patient, the most urgent first; or what was done, the newest first, and how it ended. */
export function TaskList({ answer, which }: { answer: Answer<StoredTask[]>; which: 'open' | 'earlier' }) {
  const text = useTexts(PATIENT_TEXTS)
  const heading = `tasks-${which}`
  const isWanted = (task: StoredTask) => isOpen(task) === (which === 'open')
  return (
    <section aria-labelledby={heading} className="card">
      <Heading size="small" level="2" id={heading}>
        {text(which === 'open' ? 'openTasks' : 'earlierTasks')}
      </Heading>
      <AnswerView
        answer={answer}
        what={text('tasks')}
        rows={2}
        isEmpty={(tasks) => !tasks.some(isWanted)}
        empty={
          <p className="quiet">
            {which === 'open' ? `${text('noOpenTasks')}. ${text('noOpenTasksHelp')}` : text('noEarlierTasks')}
          </p>
        }
      >
        {(tasks) => {
          const rows = tasks.filter(isWanted).map((task) => toRow(task, NOBODY))
          return (
            <ul className="task-list">
              {(which === 'open' ? rows.sort(byUrgency) : rows).map((row) => (
                <TaskLine key={row.id} row={row} />
              ))}
            </ul>
          )
        }}
      </AnswerView>
    </section>
  )
}

/** Whose they are is said above them. */
const NOBODY: Patients = new Map()

function TaskLine({ row: { zone, authoredOn, deadline, isOpen: isStillOpen, task } }: { row: Row }) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const said = reasonOf(task, language)
  const ended = translated(task.statusReason, 'text', language)
  const note = task.note?.at(-1)
  return (
    <li>
      <ZoneBadge zone={zone} />
      <span className="why" lang={said.lang}>
        {said.text || text('tasks')}
      </span>
      <span className="quiet">
        <Moment at={authoredOn} />
        {isStillOpen && deadline && (
          <>
            {' · '}
            {text('deadline')} <Moment at={deadline} />
          </>
        )}
        {task.owner?.display && ` · ${task.owner.display}`}
      </span>
      {!isStillOpen && (ended || note?.text) && (
        <span className="ending">
          {ended && <strong lang={ended.lang}>{ended.text}</strong>}
          {ended && note?.text && ': '}
          {note?.text && `«${note.text}»`}
        </span>
      )}
    </li>
  )
}
