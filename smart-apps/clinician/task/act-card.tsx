import { Button } from '@navikt/ds-react'
import type { ReactNode } from 'react'
import type { Language } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { reasonOf, type StoredTask } from '../worklist/row.ts'
import { ACT_KINDS, type ActKind, suggestedAct } from './suggestion.ts'
import { Card } from './task-card.tsx'
import { TASK_TEXTS } from './texts.ts'

type Props = {
  task: StoredTask
  /** What the plan tells the patient in the Task's zone; undefined where it tells nothing. */
  advice: string | undefined
  /** It asks for answers, which are given above: nothing else is suggested. */
  hasForm: boolean
  /** Whether there are readings that could be called invalid. */
  canMark: boolean
  /** The act whose form is open. */
  isOpen: ActKind | undefined
  onOpen: (kind: ActKind) => void
  children: ReactNode
}

/** What can be done with the Task, what the plan suggests first, and the form of what was chosen. */
export function ActCard({ task, advice, hasForm, canMark, isOpen, onOpen, children }: Props) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const suggested = suggestedAct(task)
  return (
    <Card title={text('acts')} className="acts-card">
      {!hasForm && task.description && suggested && (
        <div className="suggestion">
          <p>
            <span className="quiet">{text('suggests')}:</span> <strong>{reasonlessDescription(task, language)}</strong>
          </p>
          <Button size="small" variant="primary" onClick={() => onOpen(suggested)}>
            {text(suggested === 'close' ? 'finish' : suggested)}
          </Button>
        </div>
      )}
      <div className="act-buttons" role="toolbar" aria-label={text('acts')}>
        {ACT_KINDS.filter(
          (one) => one !== 'close' && (one !== 'advice' || advice) && (one !== 'invalid' || canMark),
        ).map((one) => (
          <Button
            key={one}
            size="small"
            variant={isOpen === one ? 'secondary' : 'tertiary'}
            aria-expanded={isOpen === one}
            onClick={() => onOpen(one)}
          >
            {text(one)}
          </Button>
        ))}
        <Button size="small" variant="secondary" aria-expanded={isOpen === 'close'} onClick={() => onOpen('close')}>
          {text('finish')}
        </Button>
      </div>
      {children}
    </Card>
  )
}

function reasonlessDescription(task: StoredTask, language: Language): string {
  const { reasonCode: _reason, ...rest } = task
  return reasonOf(rest as StoredTask, language).text
}
