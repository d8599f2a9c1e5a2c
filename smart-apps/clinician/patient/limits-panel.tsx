import type { Goal, GoalTarget, Provenance, Quantity } from '@medplum/fhirtypes'
import { BodyShort, Heading } from '@navikt/ds-react'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { number } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { limitOf } from '../plan/own-limits.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { type Agreed, type Person, readAgreed } from './patient-data.ts'
import { PATIENT_TEXTS } from './texts.ts'
import { ZonePlan } from './zone-plan.tsx'

/** The person's own limits as they are, and each time that they were changed: who, when and why. */
export default function LimitsPanel({ person }: { person: Person }) {
  const text = useTexts(PATIENT_TEXTS)
  const fhir = useFhir()
  const { id } = person.patient
  const answer = useQuery(`agreed ${id}`, (signal) => readAgreed(fhir, id, signal))
  return (
    <div className="columns">
      <section aria-labelledby="own-limits" className="card">
        <Heading size="small" level="2" id="own-limits">
          {text('ownLimits')}
        </Heading>
        <AnswerView
          answer={answer}
          what={text('goals')}
          rows={4}
          missing={({ isPartial }) => (isPartial ? text('reasonsPart') : undefined)}
          isEmpty={({ goals }) => !goals.some(hasLimits)}
          empty={<p className="quiet">{text('noGoals')}</p>}
        >
          {({ goals, provenances, names }) => (
            <>
              {goals.filter(hasLimits).map((goal) => (
                <GoalLimits
                  key={goal.id}
                  goal={goal}
                  changes={provenances.filter((one) => isOf(one, goal.id))}
                  names={names}
                />
              ))}
            </>
          )}
        </AnswerView>
      </section>
      <ZonePlan person={person} />
    </div>
  )
}

const hasLimits = ({ target }: Goal): boolean => target?.some(limitOf) ?? false
const isOf = ({ target }: Provenance, goal: string): boolean =>
  target?.some(({ reference }) => reference?.startsWith(`Goal/${goal}/`) || reference === `Goal/${goal}`) ?? false

type GoalProps = { goal: Goal; changes: readonly Provenance[] } & Pick<Agreed, 'names'>

function GoalLimits({ goal, changes, names }: GoalProps) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const description = translated(goal.description, 'text', language)
  return (
    <article className="goal">
      <Heading size="xsmall" level="3" lang={description?.lang}>
        {description?.text}
      </Heading>
      <ul className="limit-list">
        {goal.target?.filter(limitOf).map((target, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a target has no other name than its place
          <LimitLine key={i} target={target} />
        ))}
      </ul>
      {changes.length > 0 && (
        <>
          <BodyShort size="small" weight="semibold">
            {text('limitHistory')}
          </BodyShort>
          <ol className="change-list">
            {[...changes]
              .sort((one, other) => other.recorded.localeCompare(one.recorded))
              .map((change) => (
                <li key={change.id}>
                  <Moment at={new Date(change.recorded)} /> · {whoOf(change, names)}
                  <span className="quiet">
                    {change.reason?.[0]?.text ? text('because', { reason: change.reason[0].text }) : text('noReason')}
                  </span>
                </li>
              ))}
          </ol>
        </>
      )}
    </article>
  )
}

const whoOf = ({ agent: [first] }: Provenance, names: Agreed['names']): string =>
  first?.who.display ?? names.get(first?.who.reference ?? '') ?? '–'

function LimitLine({ target }: { target: GoalTarget }) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const part = (name: string) => limitOf(target)?.extension?.find(({ url }) => url === name)
  const zone = part('zone')?.valueCode
  const side = part('side')?.valueCode
  const window = part('window')?.valueDuration
  const relativeTo = part('relativeTo')?.valueCode
  const plain = ({ value, unit, code }: Quantity) => `${number(value ?? 0, language, 2)} ${unit ?? code ?? ''}`.trim()
  const { detailQuantity, detailRange } = target
  const value = detailQuantity
    ? plain(detailQuantity)
    : [detailRange?.low, detailRange?.high].flatMap((one) => (one ? [plain(one)] : [])).join('–')
  const said = relativeTo
    ? text('relative', { value })
    : window
      ? text('course', { value, window: plain(window) })
      : value
  return (
    <li>
      {zone === 'red' || zone === 'yellow' ? (
        <ZoneBadge zone={zone} />
      ) : (
        <span>{text(zone === 'plausible' ? 'plausible' : 'baseline')}</span>
      )}
      <span>
        {target.measure?.text ?? target.measure?.coding?.[0]?.display ?? target.measure?.coding?.[0]?.code}{' '}
        {side === 'low' || side === 'high' ? text(side) : ''} <strong>{said}</strong>
      </span>
    </li>
  )
}
