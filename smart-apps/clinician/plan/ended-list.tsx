import type { Composition } from '@medplum/fhirtypes'
import { Button, Heading } from '@navikt/ds-react'
import { useState } from 'react'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { ReadingDialog } from '../ui/reading-dialog.tsx'
import { narrativeOf } from './narrative.ts'
import type { PlanWork } from './plan-data.ts'
import { PLAN_TEXTS } from './texts.ts'

/** What somebody was followed by before, with the summary that was written at its end. */
export function EndedList({ work: { ended, summaries } }: { work: PlanWork }) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  const [shown, setShown] = useState<Composition>()
  if (ended.length === 0) return null
  return (
    <section className="card" aria-labelledby="ended">
      <Heading size="small" level="2" id="ended">
        {text('endedPlans')}
      </Heading>
      <ul className="schedule-list">
        {ended.map((carePlan) => {
          const summary = summaries.find(({ identifier }) => identifier?.value === `CarePlan/${carePlan.id}`)
          const { start, end } = carePlan.period ?? {}
          return (
            <li key={carePlan.id}>
              <div>
                <strong>{carePlan.title ?? carePlan.instantiatesCanonical?.[0]}</strong>
                <span>
                  {[start, end].map((at) => (at ? date(new Date(at), language) : '–')).join(' – ')} ·{' '}
                  {text(carePlan.status === 'completed' ? 'wasCompleted' : 'wasRevoked')}
                </span>
              </div>
              {summary && (
                <Button size="xsmall" variant="tertiary" onClick={() => setShown(summary)}>
                  {text('showSummary')}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
      {shown && <SummaryDialog summary={shown} onClose={() => setShown(undefined)} />}
    </section>
  )
}

function SummaryDialog({ summary, onClose }: { summary: Composition; onClose: () => void }) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  return (
    <ReadingDialog title={translated(summary, 'title', language)?.text ?? text('showSummary')} onClose={onClose}>
      {summary.section?.map((section) => (
        <section key={section.title} className="summary-part">
          <Heading size="xsmall" level="2">
            {translated(section, 'title', language)?.text}
          </Heading>
          <table>
            <tbody>
              {narrativeOf(section.text?.div, language).map((cells) => (
                <tr key={cells.join('|')}>
                  {cells.map((cell, i) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: cells have no other name than their place
                    <td key={i}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </ReadingDialog>
  )
}
