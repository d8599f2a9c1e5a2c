import { Heading, Select, ToggleGroup } from '@navikt/ds-react'
import { changeQuery, usePlace } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AdherencePart } from './adherence-part.tsx'
import { ForecastPart } from './forecast-part.tsx'
import { LoadPart } from './load-part.tsx'
import { ResponsePart } from './response-part.tsx'
import { RulesPart } from './rules-part.tsx'
import { readTeams, type Teams } from './team-data.ts'
import { TEAM_TEXTS } from './texts.ts'
import '../patient/patient.css'
import './team-lead.css'

const PERIODS = ['7', '30', '90'] as const

/** How the work goes: what waits, how fast it is answered, which rules are loud, who measures, and whether there are people enough. */
export default function TeamLeadScreen() {
  const text = useTexts(TEAM_TEXTS)
  const { query } = usePlace()
  const days = PERIODS.find((one) => one === query.get('days')) ?? '30'
  const team = query.get('team') || undefined
  const fhir = useFhir()
  const teams = useQuery('lead teams', (signal) => readTeams(fhir, signal)).data
  return (
    <div className="patient team-lead">
      <div className="card-head">
        <Heading size="medium" level="1">
          {text('title')}
        </Heading>
        <div className="card-tools">
          <TeamChoice team={team} teams={teams} />
          <ToggleGroup
            size="small"
            label={text('period')}
            value={days}
            onChange={(value) => changeQuery({ days: value === '30' ? undefined : value })}
          >
            {PERIODS.map((one) => (
              <ToggleGroup.Item key={one} value={one} label={text('days', { count: one })} />
            ))}
          </ToggleGroup>
        </div>
      </div>
      <LoadPart team={team} names={teams?.names} />
      <div className="team-columns">
        <ResponsePart days={Number(days)} team={team} />
        <AdherencePart team={team} />
      </div>
      <RulesPart days={Number(days)} team={team} />
      <ForecastPart team={team} names={teams?.names} />
    </div>
  )
}

/** Which team all of it is about. It stands in the address; where there is nothing to choose between, nothing is offered. */
function TeamChoice({ team, teams }: { team: string | undefined; teams: Teams | undefined }) {
  const text = useTexts(TEAM_TEXTS)
  const shared = teams?.shared ?? []
  if (shared.length < 2 && team === undefined) return null
  return (
    <Select
      size="small"
      label={text('team')}
      value={team ?? ''}
      onChange={(event) => changeQuery({ team: event.target.value || undefined })}
    >
      <option value="">{text('allTeams')}</option>
      {team !== undefined && !shared.some(({ reference }) => reference === team) && (
        <option value={team}>{teams?.names.get(team) || team}</option>
      )}
      {shared.map(({ reference, name }) => (
        <option key={reference} value={reference}>
          {name}
        </option>
      ))}
    </Select>
  )
}
