import type { Task } from '@medplum/fhirtypes'
import { Heading } from '@navikt/ds-react'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { ZONES, type Zone } from '../../ui/zone.ts'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import type { Answer } from '../fhir/use-query.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { PATIENT_TEXTS } from './texts.ts'

const OPEN = ['requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold', 'draft']
export const isOpen = ({ status }: Task): boolean => OPEN.includes(status ?? '')

const zoneOf = ({ businessStatus }: Task): Zone | undefined =>
  ZONES.find((zone) => businessStatus?.coding?.some(({ code }) => code === zone))

/** What waits for the team about this patient, the most urgent first; or what was done, the newest first, and how it ended. */
export function TaskList({ answer, which }: { answer: Answer<Task[]>; which: 'open' | 'earlier' }) {
  const text = useTexts(PATIENT_TEXTS)
  const heading = `tasks-${which}`
  const isWanted = (task: Task) => isOpen(task) === (which === 'open')
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
        {(tasks) => (
          <ul className="task-list">
            {tasks
              .filter(isWanted)
              .sort(which === 'open' ? byUrgency : () => 0)
              .map((task) => (
                <TaskLine key={task.id} task={task} />
              ))}
          </ul>
        )}
      </AnswerView>
    </section>
  )
}

const byUrgency = (one: Task, other: Task): number =>
  rank(one) - rank(other) || (one.restriction?.period?.end ?? '9').localeCompare(other.restriction?.period?.end ?? '9')
const rank = (task: Task): number => {
  const zone = zoneOf(task)
  return zone ? ZONES.indexOf(zone) : ZONES.length
}

function TaskLine({ task }: { task: Task }) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const zone = zoneOf(task)
  const reason = translated(task.reasonCode, 'text', language)
  const said = reason ?? translated(task, 'description', language)
  const ending = task.statusReason?.text ?? task.note?.at(-1)?.text
  const end = task.restriction?.period?.end
  return (
    <li>
      {zone && <ZoneBadge zone={zone} />}
      <span className="why" lang={said?.lang}>
        {said?.text ?? task.code?.text ?? task.code?.coding?.[0]?.display ?? text('tasks')}
      </span>
      <span className="quiet">
        {task.authoredOn && <Moment at={new Date(task.authoredOn)} />}
        {isOpen(task) && end && (
          <>
            {' · '}
            {text('deadline')} <Moment at={new Date(end)} />
          </>
        )}
        {task.owner?.display && ` · ${task.owner.display}`}
      </span>
      {!isOpen(task) && ending && <span className="ending">«{ending}»</span>}
    </li>
  )
}
