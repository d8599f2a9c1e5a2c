import { Button, Chips, Select } from '@navikt/ds-react'
import { changeQuery } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { ZONE_TEXTS, ZONES, type Zone } from '../../ui/zone.ts'
import { ZoneShape } from '../../ui/zone-badge.tsx'
import { choicesOf, type Filter, isNarrowed } from './filter.ts'
import type { Row } from './row.ts'
import { WORKLIST_TEXTS } from './texts.ts'
import { ViewsMenu } from './views-menu.tsx'

type Props = {
  filter: Filter
  rows: readonly Row[]
  pathwayName: (pathway: string) => string
  /** As words: until the whole list has come, nobody knows how many there are. */
  zoneCounts: Readonly<Record<Zone, string>>
  overdueCount: string
}

/** Zones with how many there are of each, and what else narrows the list. All of it stands in the address. */
export function Filters({ filter, rows, pathwayName, zoneCounts, overdueCount }: Props) {
  const text = useTexts(WORKLIST_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const toggle = (one: Zone) => {
    const { zones } = filter
    const next = zones.includes(one) ? zones.filter((other) => other !== one) : [...zones, one]
    changeQuery({ zone: next.join(',') })
  }
  return (
    <search className="filters" aria-label={text('filters')}>
      <Chips size="small">
        {ZONES.map((one) => (
          <Chips.Toggle
            key={one}
            checkmark={false}
            selected={filter.zones.includes(one)}
            onClick={() => toggle(one)}
            data-zone={one}
            className="zone-chip"
          >
            {
              (
                <>
                  <ZoneShape zone={one} /> {zone(one)} <b>{zoneCounts[one]}</b>
                </>
              ) as unknown as string
            }
          </Chips.Toggle>
        ))}
        <Chips.Toggle
          checkmark={false}
          selected={filter.isOverdue}
          onClick={() => changeQuery({ overdue: filter.isOverdue ? undefined : 'true' })}
        >
          {`${text('overdue')} ${overdueCount}`}
        </Chips.Toggle>
      </Chips>
      <Choice
        name="pathway"
        label={text('pathway')}
        value={filter.pathway}
        choices={choicesOf(rows, (row) => ({ value: row.pathway, name: row.pathway && pathwayName(row.pathway) }))}
      />
      <Choice
        name="team"
        label={text('team')}
        value={filter.team}
        choices={choicesOf(rows, (row) => ({ value: row.team, name: row.teamName }))}
      />
      <Choice
        name="unit"
        label={text('unit')}
        value={filter.unit}
        choices={choicesOf(rows, (row) => ({ value: row.unit, name: row.unitName }))}
      />
      {isNarrowed(filter) && (
        <Button
          size="xsmall"
          variant="tertiary"
          onClick={() =>
            changeQuery({ zone: undefined, overdue: undefined, pathway: undefined, team: undefined, unit: undefined })
          }
        >
          {text('clear')}
        </Button>
      )}
      <ViewsMenu filter={filter} />
    </search>
  )
}

type ChoiceProps = {
  name: string
  label: string
  value: string | undefined
  choices: { value: string; name: string }[]
}

/** Where there is nothing to choose between, nothing is offered. */
function Choice({ name, label, value, choices }: ChoiceProps) {
  const text = useTexts(WORKLIST_TEXTS)
  if (choices.length < 2 && value === undefined) return null
  return (
    <Select
      size="small"
      label={label}
      hideLabel
      value={value ?? ''}
      onChange={(event) => changeQuery({ [name]: event.target.value || undefined })}
    >
      <option value="">{`${label}: ${text('any').toLowerCase()}`}</option>
      {choices.map((one) => (
        <option key={one.value} value={one.value}>
          {one.name}
        </option>
      ))}
    </Select>
  )
}
