import { Button, Table } from '@navikt/ds-react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { ZONE_TEXTS } from '../../ui/zone.ts'
import { boundInWords, slotInWords } from './limit-words.ts'
import { measureName, unitOf } from './limits-dialog.tsx'
import { boundIn, isOwn, type MeasureLimits, SLOTS, type Slot } from './own-limits.ts'
import { PLAN_TEXTS } from './texts.ts'

type TableProps = {
  measures: readonly MeasureLimits[]
  mayChange: boolean
  onChange: (measure: MeasureLimits) => void
}

/** The limits of each measure, by zone, and whose they are. */
export function LimitsTable({ measures, mayChange, onChange }: TableProps) {
  const text = useTexts(PLAN_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const language = useLanguage()
  const heading = (slot: Slot) => slotInWords(slot, text, zone)
  return (
    <div className="table-holder">
      <Table size="small" className="limits-table">
        <Table.Header>
          <Table.Row>
            <Table.HeaderCell scope="col">{text('measure')}</Table.HeaderCell>
            {SLOTS.map((slot) => (
              <Table.HeaderCell key={slot} scope="col">
                {heading(slot)}
              </Table.HeaderCell>
            ))}
            <Table.HeaderCell scope="col">{text('whose')}</Table.HeaderCell>
            {mayChange && (
              <Table.HeaderCell scope="col">
                <span className="visually-hidden">{text('change')}</span>
              </Table.HeaderCell>
            )}
          </Table.Row>
        </Table.Header>
        <Table.Body>
          {measures.map((measure) => (
            <Table.Row key={measure.key}>
              <Table.HeaderCell scope="row" data-label={text('measure')}>
                {measureName(measure, language)} <span className="quiet">{unitOf(measure, language)}</span>
              </Table.HeaderCell>
              {SLOTS.map((slot) => {
                const bound = boundIn(measure, slot)
                return (
                  <Table.DataCell
                    key={slot}
                    data-label={heading(slot)}
                    data-zone={slot.startsWith('red') ? 'red' : 'yellow'}
                    className="bound"
                  >
                    {bound ? (
                      <span data-own={isOwn(measure, slot) ? '' : undefined}>{boundInWords(bound, language)}</span>
                    ) : (
                      '–'
                    )}
                  </Table.DataCell>
                )
              })}
              <Table.DataCell data-label={text('whose')}>
                {text(SLOTS.some((slot) => isOwn(measure, slot)) ? 'own' : 'ofPlan')}
              </Table.DataCell>
              {mayChange && (
                <Table.DataCell align="right" className="row-act">
                  <Button
                    size="xsmall"
                    variant="tertiary"
                    aria-label={text('changeLimitsOf', { measure: measureName(measure, language) })}
                    onClick={() => onChange(measure)}
                  >
                    {text('change')}
                  </Button>
                </Table.DataCell>
              )}
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </div>
  )
}
