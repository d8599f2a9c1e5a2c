import type { Goal, Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { BodyShort, Button, InlineMessage, Loader, Table, TextField } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { translated } from '../../fhir/translated.ts'
import { findKnownMeasure } from '../../measures/known-measures.ts'
import type { Language } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { number } from '../../ui/format.ts'
import { ZONE_TEXTS } from '../../ui/zone.ts'
import { ZoneShape } from '../../ui/zone-badge.tsx'
import { useFhir } from '../session-context.ts'
import { ActDialog } from './act-dialog.tsx'
import {
  boundIn,
  goalWith,
  type MeasureLimits,
  orderFaults,
  proposedBounds,
  SLOTS,
  type Slot,
  type Wanted,
} from './own-limits.ts'
import type { Enrolment } from './plan-data.ts'
import { PLAN_TEXTS } from './texts.ts'
import { TRIED_DAYS, type Tried, tryLimits } from './what-if.ts'

/** While somebody types, nothing is tried. */
const TRY_AFTER_MILLIS = 700

export const measureName = ({ measure }: MeasureLimits, language: Language): string =>
  findKnownMeasure(measure)?.title[language] ??
  translated(measure, 'text', language)?.text ??
  measure.coding?.[0]?.display ??
  ''

/** As the plan writes it, which is in bokmål; of what is a word, the word in the reader's language. */
export const unitOf = ({ unit }: MeasureLimits, language: Language): string =>
  unit.unit === 'slag/min' ? BEATS[language] : (unit.unit ?? unit.code ?? '')
const BEATS = { nb: 'slag/min', nn: 'slag/min', en: 'beats/min' } as const satisfies Record<Language, string>

type Props = {
  name: string
  carePlan: Enrolment
  limits: MeasureLimits
  /** @param goal undefined when all of the person's own limits are taken away */
  onSave: (goal: Goal | undefined, reason: string) => Promise<void>
  onClose: () => void
}

/** The limits of one measure, tried on what the person has measured before they are saved. */
export function LimitsDialog({ name, carePlan, limits, onSave, onClose }: Props) {
  const text = useTexts(PLAN_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const language = useLanguage()
  const [fields, setFields] = useState<Record<Slot, string>>(() => fieldsOf(limits, language))
  const [advice, setAdvice] = useState<string>()
  const wanted = wantedFrom(fields)
  const measure = measureName(limits, language)
  const faults = wanted ? orderFaults(limits, wanted) : []
  const made =
    wanted &&
    goalWith(limits, wanted, {
      subject: carePlan.subject,
      description: text('ownGoal', { measure }),
    })
  const isChanged = SLOTS.some((slot) => wanted?.[slot] !== boundIn(limits, slot)?.value)
  const isReady = wanted !== undefined && faults.length === 0 && isChanged
  const trial = useTrial(carePlan.id, isReady ? made : undefined)
  return (
    <ActDialog
      title={text('limitsTitle', { measure, name })}
      width="640px"
      will={text('limitsWill', { name })}
      confirm={text('limitsDo')}
      isReady={isReady}
      notReady={text(faults.length > 0 ? 'limitsOrder' : wanted ? 'limitsSame' : 'limitsNumber')}
      onAct={(reason) => onSave(made, reason)}
      onClose={onClose}
    >
      <div className="limit-fields">
        {SLOTS.map((slot) => (
          <TextField
            key={slot}
            size="small"
            htmlSize={8}
            inputMode="decimal"
            label={
              <span className="limit-label" data-zone={zoneOf(slot)}>
                <ZoneShape zone={zoneOf(slot)} />
                {text(slot.endsWith('Low') ? 'below' : 'above', {
                  zone: zone(zoneOf(slot)),
                  unit: unitOf(limits, language),
                })}
              </span>
            }
            description={
              limits.ofPlan[slot]
                ? text('planSays', { value: number(limits.ofPlan[slot].value, language, 2) })
                : text('planSaysNone')
            }
            value={fields[slot]}
            onChange={(event) => setFields({ ...fields, [slot]: event.target.value })}
            error={
              parse(fields[slot]) === null
                ? text('limitsNumber')
                : faults.includes(slot)
                  ? text('limitsOrderShort')
                  : undefined
            }
          />
        ))}
      </div>
      <Proposal
        carePlan={carePlan}
        limits={limits}
        said={advice}
        onPropose={(proposed, said) => {
          setAdvice(said)
          if (proposed)
            setFields(
              Object.fromEntries(
                SLOTS.map((slot) => [slot, shown(proposed[slot] ?? wanted?.[slot], language)]),
              ) as Record<Slot, string>,
            )
        }}
      />
      {limits.others.length > 0 && (
        <BodyShort size="small" className="quiet">
          {text('othersStay', { count: limits.others.length })}
        </BodyShort>
      )}
      <WhatIf trial={trial} isChanged={isReady} />
    </ActDialog>
  )
}

const zoneOf = (slot: Slot) => (slot.startsWith('red') ? 'red' : 'yellow')
const shown = (value: number | undefined, language: Language): string =>
  value === undefined ? '' : number(value, language, 2)
const fieldsOf = (limits: MeasureLimits, language: Language) =>
  Object.fromEntries(SLOTS.map((slot) => [slot, shown(boundIn(limits, slot)?.value, language)])) as Record<Slot, string>

/** @returns undefined for an empty field, null for what is no number */
function parse(field: string): number | undefined | null {
  const plain = field.replaceAll(/\s/g, '').replace(',', '.').replace('−', '-')
  if (plain === '') return undefined
  const value = Number(plain)
  return Number.isFinite(value) ? value : null
}

function wantedFrom(fields: Record<Slot, string>): Wanted | undefined {
  const wanted: Wanted = {}
  for (const slot of SLOTS) {
    const value = parse(fields[slot])
    if (value === null) return undefined
    if (value !== undefined) wanted[slot] = value
  }
  return wanted
}

type Trial = { isBusy: boolean; failure?: Error; before?: Tried; after?: Tried }

/** The limits of today once, and each change that somebody has stopped typing at. */
function useTrial(carePlan: string, goal: Goal | undefined): Trial {
  const fhir = useFhir()
  const [before, setBefore] = useState<Tried>()
  const [state, setState] = useState<{ of: string; after?: Tried; failure?: Error }>({ of: '' })
  useEffect(() => {
    const stop = new AbortController()
    tryLimits(fhir, carePlan, { now: new Date(), signal: stop.signal }).then(setBefore, (failure: Error) => {
      if (!stop.signal.aborted) setState((known) => ({ ...known, failure }))
    })
    return () => stop.abort()
  }, [fhir, carePlan])
  const asked = goal ? JSON.stringify(goal) : ''
  useEffect(() => {
    if (asked === '') return
    const stop = new AbortController()
    const timer = setTimeout(() => {
      tryLimits(fhir, carePlan, { goal: JSON.parse(asked) as Goal, now: new Date(), signal: stop.signal }).then(
        (after) => setState({ of: asked, after }),
        (failure: Error) => {
          if (!stop.signal.aborted) setState({ of: asked, failure })
        },
      )
    }, TRY_AFTER_MILLIS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [fhir, carePlan, asked])
  const isOf = state.of === asked
  return {
    isBusy: !state.failure && (!before || (asked !== '' && !isOf)),
    ...(state.failure && { failure: state.failure }),
    ...(before && { before }),
    ...(isOf && state.after && { after: state.after }),
  }
}

function WhatIf({ trial: { isBusy, failure, before, after }, isChanged }: { trial: Trial; isChanged: boolean }) {
  const text = useTexts(PLAN_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const rows = [['limitsNow', before] as const, ...(isChanged ? [['limitsThen', after] as const] : [])]
  return (
    <section className="what-if" aria-live="polite" aria-busy={isBusy}>
      <BodyShort weight="semibold" size="small">
        {after && isChanged
          ? text('wouldHave', { days: TRIED_DAYS, yellow: after.yellow, red: after.red })
          : text('whatIf', { days: TRIED_DAYS })}
      </BodyShort>
      {failure ? (
        <InlineMessage status="warning" size="small">
          {text('notTried')}
        </InlineMessage>
      ) : (
        <Table size="small">
          <Table.Header>
            <Table.Row>
              <Table.HeaderCell scope="col">
                <span className="visually-hidden">{text('withLimits')}</span>
              </Table.HeaderCell>
              {(['red', 'yellow', 'grey'] as const).map((one) => (
                <Table.HeaderCell key={one} scope="col" align="right">
                  <span className="limit-label" data-zone={one}>
                    <ZoneShape zone={one} /> {zone(one)}
                  </span>
                </Table.HeaderCell>
              ))}
            </Table.Row>
          </Table.Header>
          <Table.Body>
            {rows.map(([name, tried]) => (
              <Table.Row key={name}>
                <Table.HeaderCell scope="row">{text(name)}</Table.HeaderCell>
                {(['red', 'yellow', 'grey'] as const).map((one) => (
                  <Table.DataCell key={one} align="right">
                    {tried ? tried[one] : <Loader size="xsmall" title={text('trying')} />}
                  </Table.DataCell>
                ))}
              </Table.Row>
            ))}
          </Table.Body>
        </Table>
      )}
      <BodyShort size="small" className="quiet">
        {text('whatIfHelp')}
      </BodyShort>
    </section>
  )
}

type ProposalProps = {
  carePlan: Enrolment
  limits: MeasureLimits
  said: string | undefined
  onPropose: (wanted: Wanted | undefined, said: string) => void
}

/** What the person's own usual values would make of the limits; taken into the fields, where it can be changed. */
function Proposal({ carePlan, limits, said, onPropose }: ProposalProps) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const [isBusy, setIsBusy] = useState(false)
  const propose = async () => {
    setIsBusy(true)
    try {
      const { parameter = [] } = await fhir.operation<Parameters>(`CarePlan/${carePlan.id}/$propose-limits`)
      const proposal = parameter.find((one) => one.name === 'proposal' && isOf(one, limits))
      const few = parameter.some(
        (one) => one.name === 'too-few' && part(one, 'measure')?.valueString === limits.measure.text,
      )
      if (!proposal) return onPropose(undefined, text(few ? 'tooFew' : 'fitsAlready'))
      onPropose(
        proposedBounds(part(proposal, 'goal')?.resource as Goal, limits),
        translated(part(proposal, 'reason'), 'valueString', language)?.text ?? '',
      )
    } catch {
      onPropose(undefined, text('notProposed'))
    } finally {
      setIsBusy(false)
    }
  }
  return (
    <div className="proposal" aria-live="polite">
      <Button type="button" size="xsmall" variant="secondary" onClick={() => void propose()} loading={isBusy}>
        {text('propose')}
      </Button>
      {said && <BodyShort size="small">{said}</BodyShort>}
    </div>
  )
}

const part = ({ part: parts = [] }: ParametersParameter, name: string) => parts.find((one) => one.name === name)

function isOf(proposal: ParametersParameter, { key }: MeasureLimits): boolean {
  const goal = part(proposal, 'goal')?.resource as Goal | undefined
  return (
    goal?.target?.some(({ measure }) =>
      measure?.coding?.some(({ system, code }) => `${system ?? ''}|${code}` === key),
    ) ?? false
  )
}
