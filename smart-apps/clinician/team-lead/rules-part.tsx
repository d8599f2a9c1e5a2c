import { Select } from '@navikt/ds-react'
import { useMemo } from 'react'
import { translated } from '../../fhir/translated.ts'
import { changeQuery, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { number, span } from '../../ui/format.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { FigureTable } from './figure-table.tsx'
import { ruleFiguresOf, SHOWN_COUNT_MIN, shownCount } from './figures.ts'
import { daysBefore, type Pathway, readPathways, readRates } from './team-data.ts'
import { TEAM_TEXTS } from './texts.ts'

const MINUTE_MILLIS = 60_000

/** How loud each rule of a pathway is, and what comes of it. */
export function RulesPart({ days, team }: { days: number; team: string | undefined }) {
  const text = useTexts(TEAM_TEXTS)
  const fhir = useFhir()
  const answer = useQuery('lead pathways', (signal) => readPathways(fhir, signal))
  return (
    <AnswerView answer={answer} what={text('pathways')} rows={3}>
      {(pathways) => <Rates pathways={pathways} days={days} team={team} />}
    </AnswerView>
  )
}

type RatesProps = { pathways: readonly Pathway[]; days: number; team: string | undefined }

function Rates({ pathways, days, team }: RatesProps) {
  const text = useTexts(TEAM_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const { query } = usePlace()
  const asked = query.get('plan')
  const plan = pathways.find(({ id }) => id === asked) ?? pathways.find(({ id }) => id === 'copd') ?? pathways[0]
  const since = useMemo(() => daysBefore(new Date(), days), [days])
  const answer = useQuery(`lead rates ${plan?.id} ${days} ${team}`, async (signal) => {
    if (!plan) return []
    const rates = await readRates(fhir, plan.id, { since, team }, signal)
    return ruleFiguresOf(rates.report, rates.plan)
  })
  const choose = (
    <Select
      size="small"
      label={text('pathway')}
      hideLabel
      value={plan?.id ?? ''}
      onChange={(event) => changeQuery({ plan: event.target.value })}
    >
      {pathways.map((one) => (
        <option key={one.id} value={one.id}>
          {translated(one, 'title', language)?.text ?? one.id}
        </option>
      ))}
    </Select>
  )
  const few = { shown: text('tooFew'), csv: '' }
  return (
    <AnswerView answer={answer} what={text('rates')} rows={5}>
      {(rules) => {
        const longest = Math.max(0.01, ...rules.map(({ per100 = 0 }) => per100))
        return (
          <FigureTable
            title={text('rules', { days })}
            explained={text('rulesExplained', { count: SHOWN_COUNT_MIN })}
            tools={pathways.length > 0 ? choose : undefined}
            first={{ label: text('rule'), csv: text('rule') }}
            columns={[
              { label: text('taskCount'), csv: text('taskCount'), isNumber: true },
              { label: text('findings'), csv: text('findings'), isNumber: true },
              { label: text('per100'), csv: text('per100') },
              { label: text('actedOn'), csv: text('actedOnCsv'), isNumber: true },
              { label: text('median'), csv: text('medianCsv'), isNumber: true },
            ]}
            file="varsler"
            empty={text('noneRules')}
            rows={rules.map((rule) => {
              const isShown = shownCount(rule.tasks) !== undefined
              return {
                ...{ key: rule.id, name: ruleName(rule, text), csv: ruleName(rule, text) },
                cells: [
                  { shown: shownCount(rule.tasks) ?? text('tooFew'), csv: String(shownCount(rule.tasks) ?? '') },
                  isShown ? { shown: rule.findings, csv: String(rule.findings) } : few,
                  !isShown || rule.per100 === undefined
                    ? few
                    : {
                        shown: number(rule.per100, language, 2),
                        csv: number(rule.per100, language, 2),
                        bar: { share: rule.per100 / longest },
                      },
                  rule.actedOnPercent === undefined
                    ? few
                    : {
                        shown: `${number(rule.actedOnPercent, language, 0)} %`,
                        csv: number(rule.actedOnPercent, language, 1),
                      },
                  rule.medianMinutes === undefined
                    ? few
                    : {
                        shown: span(rule.medianMinutes * MINUTE_MILLIS, language),
                        csv: number(rule.medianMinutes, language, 0),
                      },
                ],
              }
            })}
          />
        )
      }}
    </AnswerView>
  )
}

/** What the plan itself does, beside its rules, has no title of its own. */
function ruleName(
  { id, title }: { id: string; title: string },
  text: (key: 'ofItself' | 'unevaluable', values?: { title: string }) => string,
) {
  if (title.startsWith('*')) return text('ofItself')
  return id.endsWith('!') ? text('unevaluable', { title: title.replace(/!$/, '') }) : title
}
