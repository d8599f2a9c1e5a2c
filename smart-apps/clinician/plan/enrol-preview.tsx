import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { BodyShort, Button, Checkbox, Heading, InlineMessage, TextField } from '@navikt/ds-react'
import { useState } from 'react'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { number } from '../../ui/format.ts'
import { ZONE_TEXTS } from '../../ui/zone.ts'
import { ENROL_TEXTS } from './enrol-texts.ts'
import { measureName, unitOf } from './limits-dialog.tsx'
import { orderFaults, SLOTS, type Slot, type Wanted } from './own-limits.ts'
import { actionsOf, type Edits, type ProposedAction, proposedMeasures, warningsOf } from './proposal.ts'
import { scheduleInWords, scheduleOf, timingWith } from './schedule.ts'
import { type EditedSchedule, editedOf, ScheduleFields, scheduleFrom } from './schedule-fields.tsx'
import { PLAN_TEXTS } from './texts.ts'

type Props = { plan: PlanDefinition | undefined; proposal: CarePlan; edits: Edits; onEdit: (edits: Edits) => void }

/** What the plan proposes for this patient, each part of which can be left out or changed. */
export function EnrolPreview({ plan, proposal, edits, onEdit }: Props) {
  const text = useTexts(ENROL_TEXTS)
  const language = useLanguage()
  const [open, setOpen] = useState<string>()
  const actions = actionsOf(proposal, plan)
  const measures = proposedMeasures(proposal)
  const toggle = (id: string, isTaken: boolean) => {
    const left = new Set(edits.left)
    if (isTaken) left.delete(id)
    else left.add(id)
    onEdit({ ...edits, left })
  }
  return (
    <div className="enrol-preview">
      {warningsOf(proposal).map((words) => (
        <InlineMessage key={words} status="warning" size="small">
          {words}
        </InlineMessage>
      ))}
      <Heading size="xsmall" level="3">
        {text('asked')}
      </Heading>
      {actions.length === 0 && <p className="quiet">{text('nothing')}</p>}
      <ul className="schedule-list">
        {actions.map((one) => {
          const title = translated(one.action, 'title', language)?.text ?? one.id
          const timing = (one.request && edits.timings[one.request]) || one.timing
          const isTaken = !edits.left.has(one.id)
          return (
            <li key={one.id} data-left={isTaken ? undefined : ''}>
              <div>
                <Checkbox size="small" checked={isTaken} onChange={(event) => toggle(one.id, event.target.checked)}>
                  {title}
                </Checkbox>
                {timing && <span className="enrol-times">{scheduleInWords(timing, language)}</span>}
              </div>
              {one.timing && scheduleOf(one.timing) && isTaken && (
                <Button
                  size="xsmall"
                  variant="tertiary"
                  aria-expanded={open === one.id}
                  aria-label={text(open === one.id ? 'doneWith' : 'changeTimes', { title })}
                  onClick={() => setOpen(open === one.id ? undefined : one.id)}
                >
                  {text(open === one.id ? 'done' : 'change')}
                </Button>
              )}
              {open === one.id && isTaken && (
                <TimesEditor
                  action={one}
                  edits={edits}
                  onTiming={(next) =>
                    one.request && onEdit({ ...edits, timings: { ...edits.timings, [one.request]: next } })
                  }
                />
              )}
            </li>
          )
        })}
      </ul>
      {measures.length > 0 && (
        <>
          <Heading size="xsmall" level="3" className="schedule-head">
            {text('limits')}
          </Heading>
          {measures.map((measure) => (
            <ProposedLimits
              key={measure.key}
              measure={measure}
              wanted={edits.bounds[measure.key] ?? {}}
              onChange={(wanted) => onEdit({ ...edits, bounds: { ...edits.bounds, [measure.key]: wanted } })}
            />
          ))}
        </>
      )}
    </div>
  )
}

type TimesProps = {
  action: ProposedAction
  edits: Edits
  onTiming: (timing: NonNullable<ProposedAction['timing']>) => void
}

function TimesEditor({ action, edits, onTiming }: TimesProps) {
  const timing = (action.request && edits.timings[action.request]) || action.timing
  const [fields, setFields] = useState<EditedSchedule>(() => editedOf(timing && scheduleOf(timing)))
  return (
    <div className="times-editor">
      <ScheduleFields
        value={fields}
        onChange={(next) => {
          setFields(next)
          const schedule = scheduleFrom(next)
          if (schedule) onTiming(timingWith(action.timing, schedule))
        }}
      />
    </div>
  )
}

type LimitsProps = {
  measure: ReturnType<typeof proposedMeasures>[number]
  wanted: Wanted
  onChange: (wanted: Wanted) => void
}

function ProposedLimits({ measure, wanted, onChange }: LimitsProps) {
  const plan = useTexts(PLAN_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const language = useLanguage()
  const proposed = (slot: Slot) => measure.own[slot]?.value
  const [fields, setFields] = useState<Partial<Record<Slot, string>>>({})
  const slots = SLOTS.filter((slot) => proposed(slot) !== undefined)
  const all = Object.fromEntries(slots.map((slot) => [slot, wanted[slot] ?? proposed(slot)])) as Wanted
  const faults = orderFaults(measure, all)
  return (
    <fieldset className="proposed-limits">
      <legend>
        <BodyShort as="span" size="small" weight="semibold">
          {measureName(measure, language)} ({unitOf(measure, language)})
        </BodyShort>
      </legend>
      <div className="limit-fields">
        {slots.map((slot) => (
          <TextField
            key={slot}
            size="small"
            htmlSize={6}
            inputMode="decimal"
            label={plan(slot.endsWith('Low') ? 'lowColumn' : 'highColumn', {
              zone: zone(slot.startsWith('red') ? 'red' : 'yellow'),
            })}
            value={fields[slot] ?? number(all[slot] ?? 0, language, 2)}
            error={
              toNumber(fields[slot] ?? '0') === undefined
                ? plan('limitsNumber')
                : faults.includes(slot)
                  ? plan('limitsOrderShort')
                  : undefined
            }
            onChange={(event) => {
              setFields({ ...fields, [slot]: event.target.value })
              const value = toNumber(event.target.value)
              if (value !== undefined) onChange({ ...wanted, [slot]: value })
            }}
          />
        ))}
      </div>
    </fieldset>
  )
}

/** @returns undefined for what is no number; what was proposed then stays */
function toNumber(field: string): number | undefined {
  const plain = field.replaceAll(/\s/g, '').replace(',', '.').replace('−', '-')
  const value = Number(plain)
  return plain !== '' && Number.isFinite(value) ? value : undefined
}
