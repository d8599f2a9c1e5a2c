import { CheckmarkIcon } from '@navikt/aksel-icons'
import { ReadMore } from '@navikt/ds-react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { number } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import { ZoneShape } from '../../ui/zone-badge.tsx'
import type { StoredTask } from '../worklist/row.ts'
import { reasonOf } from '../worklist/row.ts'
import { type Explanation, type LimitSeen, limitsThatCount, type SourceSeen } from './explanation.ts'
import { TASK_TEXTS } from './texts.ts'

type Props = { task: StoredTask; explanation: Explanation | undefined; pathwayName: (pathway: string) => string }

/** Each value beside its limit, those that were passed first. */
export function LimitsSeen({ explanation }: { explanation: Explanation | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const limits = explanation ? limitsThatCount(explanation) : []
  if (limits.length === 0) return null
  return (
    <table className="limits-seen">
      <thead>
        <tr>
          <th scope="col">{text('value')}</th>
          <th scope="col">{text('limit')}</th>
        </tr>
      </thead>
      <tbody>
        {limits.map((limit) => (
          <LimitRow key={`${limit.measure} ${limit.zone} ${limit.comparator} ${limit.value}`} limit={limit} />
        ))}
      </tbody>
    </table>
  )
}

/** Which rule in which version, whether it comes out the same today, and all of it in words for whoever wants more. */
export function ExplanationView({ task, explanation, pathwayName }: Props) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  if (!explanation || (!explanation.text && !explanation.cause)) return <p className="quiet">{text('noExplanation')}</p>
  return (
    <>
      {explanation.cause && explanation.cause !== reasonOf(task, language).text && <p>{explanation.cause}</p>}
      {explanation.occurrences.length > 0 && (
        <ul>
          {explanation.occurrences.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      {explanation.decisions.map(({ rules, plan, at, isReproduced }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: decisions stand in their order and are not moved
        <div key={i} className="rule-line quiet">
          {rules.map(({ id, title, sources }) => (
            <div key={id}>
              <p>
                {text('rule')} <strong>{title}</strong>
              </p>
              {sources.map((source) => (
                <p key={source.display}>{source.isProposal ? text('proposal') : <Source source={source} />}</p>
              ))}
            </div>
          ))}
          <p>
            {planWords(plan, pathwayName, (version) => text('version', { version }))}
            {at && (
              <>
                {' · '}
                {text('assessedAt')} <Moment at={at} />
              </>
            )}
          </p>
          {isReproduced && (
            <p className="reproduced">
              <CheckmarkIcon aria-hidden /> {text('again')}
            </p>
          )}
        </div>
      ))}
      <ReadMore header={text('whole')} size="small">
        <p className="whole">{plainWords(explanation.text)}</p>
        {explanation.decisions
          .flatMap(({ whatIf }) => whatIf)
          .map((one) => (
            <p key={one}>{one}</p>
          ))}
        {explanation.plannedChanges.map((one) => (
          <p key={one}>
            {text('planned')}: {one}
          </p>
        ))}
      </ReadMore>
    </>
  )
}

function Source({ source: { display, url } }: { source: SourceSeen }) {
  const text = useTexts(TASK_TEXTS)
  const words = text('source', { source: display })
  return url?.startsWith('https://') ? (
    <a href={url} target="_blank" rel="noreferrer">
      {words}
    </a>
  ) : (
    <span>{words}</span>
  )
}

function LimitRow({ limit }: { limit: LimitSeen }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const {
    measure,
    zone,
    comparator,
    value,
    valueMax,
    unit,
    isRelative,
    isOwn,
    observed,
    observedUnit,
    baseline,
    isHit,
  } = limit
  const said = (one: number, itsUnit = unit) => `${number(one, language, 1)}\u00a0${itsUnit}`
  const bound =
    zone === 'plausible'
      ? text('possible', { low: number(value, language, 1), high: said(valueMax ?? value) })
      : text(comparator.startsWith('<') ? 'below' : 'above', {
          value: isRelative ? text('relative', { value: said(value) }) : said(value),
        })
  return (
    <tr data-zone={zone === 'plausible' ? 'grey' : zone} data-hit={isHit === (zone !== 'plausible') || undefined}>
      <td>
        {measure} <strong>{observed === undefined ? '–' : said(observed, observedUnit)}</strong>
        {baseline !== undefined && (
          <span className="quiet"> {text('usual', { value: said(baseline, observedUnit) })}</span>
        )}
      </td>
      <td>
        <ZoneShape zone={zone === 'plausible' ? 'grey' : zone} /> {bound}
        <span className="quiet">
          {' '}
          {text(isHit === (zone !== 'plausible') ? 'beyond' : 'within')} · {text(isOwn ? 'own' : 'ofPlan')}
        </span>
      </td>
    </tr>
  )
}

/** `http://…/copd|1.0.0` as "KOLS versjon 1.0.0" */
function planWords(plan: string, pathwayName: Props['pathwayName'], version: (version: string) => string): string {
  const [url = '', number] = plan.split('|')
  const name = pathwayName(url.slice(url.lastIndexOf('/') + 1))
  return number ? `${name}, ${version(number)}` : name
}

/** Ids of what was written are for machines. */
const plainWords = (words: string): string => words.replace(/ \((?:Task|Observation)\/[^)]+\)/g, '')
