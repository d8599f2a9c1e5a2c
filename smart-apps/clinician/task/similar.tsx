import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import { reasonOf, type StoredTask, zoneOf } from '../worklist/row.ts'
import { STATUS_WORDS } from './status-words.ts'
import { type Around, similarEnded } from './task-data.ts'
import { TASK_TEXTS } from './texts.ts'

const SHOWN_MAX = 5

/** What came of it the times before: the same rule, or the same kind of Task. */
export function Similar({ around, task }: { around: Around; task: StoredTask }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const found = similarEnded(around, task).slice(0, SHOWN_MAX)
  if (found.length === 0) return <p className="quiet">{text('noSimilar')}</p>
  return (
    <ul className="plain-list">
      {found.map((one) => {
        const ending =
          translated(one.statusReason, 'text', language)?.text ?? STATUS_WORDS[one.status ?? '']?.[language]
        const note = one.note?.at(-1)?.text
        return (
          <li key={one.id}>
            <ZoneBadge zone={zoneOf(one)} /> {reasonOf(one, language).text}
            <span className="quiet">
              {' '}
              {one.authoredOn && <Moment at={new Date(one.authoredOn)} />}
              {one.owner?.display && ` · ${one.owner.display}`}
            </span>
            <span className="ending">
              {ending}
              {note && `: «${note}»`}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
