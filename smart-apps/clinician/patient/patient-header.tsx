import { EyeSlashIcon, PadlockLockedIcon } from '@navikt/aksel-icons'
import { Heading, InlineMessage, Tag } from '@navikt/ds-react'
import type { ReactNode } from 'react'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { ageOf, isDeceased, nameOf, nationalNumberOf } from '../../ui/person.ts'
import { useSession } from '../session-context.ts'
import type { Person, StoredPatient } from './patient-data.ts'
import { PATIENT_TEXTS } from './texts.ts'
import { planOf } from './zone-plan.tsx'

const STAGE = 'http://fylgje.no/fhir/StructureDefinition/care-plan-stage'

/** Who it is, at all times; by whom followed, and what is not shown. An EHR that shows the person itself says so at the launch. */
export function PatientHeader({ patient, children }: { patient: StoredPatient; children: ReactNode }) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const { session } = useSession()
  const age = ageOf(patient.birthDate)
  const number = nationalNumberOf(patient.identifier)
  const shows = session.needPatientBanner || session.patient !== patient.id
  const isMasked = patient.meta?.security?.some(({ code }) => code === 'REDACTED') ?? false
  return (
    <header className="patient-header">
      <div className="patient-who">
        <Heading size="medium" level="1" className={shows ? undefined : 'visually-hidden'}>
          {nameOf(patient.name) ?? text('patient')}
        </Heading>
        {shows && (
          <dl className="patient-facts">
            {age !== undefined && (
              <>
                <dt className="visually-hidden">{text('age')}</dt>
                <dd>{text('years', { age })}</dd>
              </>
            )}
            {patient.birthDate && (
              <>
                <dt className="visually-hidden">{text('birthDate')}</dt>
                <dd>{text('born', { date: date(new Date(patient.birthDate), language) })}</dd>
              </>
            )}
            {number && (
              <>
                <dt className="visually-hidden">{text('fnr')}</dt>
                <dd className="number">{number}</dd>
              </>
            )}
          </dl>
        )}
        {isDeceased(patient) && (
          <Tag variant="neutral-moderate" size="small">
            {text('dead')}
          </Tag>
        )}
      </div>
      {children}
      {isMasked && (
        <InlineMessage status="info" size="small" className="closed">
          <EyeSlashIcon aria-hidden /> {text('addressHidden')}
        </InlineMessage>
      )}
    </header>
  )
}

/** By whom, in what and for how long somebody is followed, who of their next of kin sees it, and whether something is closed. */
export function Followed({ person: { carePlans, plans, teams, kin, isPartlyClosed, missing } }: { person: Person }) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  return (
    <>
      <dl className="patient-followed">
        {carePlans.length === 0 && (
          <div>
            <dt className="visually-hidden">{text('followedIn')}</dt>
            <dd>{text('notFollowed')}</dd>
          </div>
        )}
        {carePlans.map((plan) => (
          <div key={plan.id}>
            <dt>{text('followedIn')}</dt>
            <dd>
              {plan.title ?? plan.instantiatesCanonical?.[0]}
              {plan.period?.start && ` ${text('since', { date: date(new Date(plan.period.start), language) })}`}
              {plan.status === 'on-hold' && (
                <Tag variant="warning-moderate" size="xsmall">
                  {text('onHold')}
                </Tag>
              )}
            </dd>
            <Stage name={stageOf(plan, plans, language)} />
            <dt>{text('team')}</dt>
            <dd>{teamOf(plan, teams)}</dd>
          </div>
        ))}
        <div>
          <dt>{text('kin')}</dt>
          <dd>
            {missing.includes('kin')
              ? '–'
              : kin.length === 0
                ? text('noKin')
                : kin
                    .map(({ name }) => nameOf(name))
                    .filter(Boolean)
                    .join(', ')}
          </dd>
        </div>
      </dl>
      {isPartlyClosed && (
        <InlineMessage status="warning" size="small" className="closed">
          <PadlockLockedIcon aria-hidden /> {text('closed')}
        </InlineMessage>
      )}
    </>
  )
}

function Stage({ name }: { name: string | undefined }) {
  const text = useTexts(PATIENT_TEXTS)
  if (!name) return null
  return (
    <>
      <dt>{text('phase')}</dt>
      <dd>{name}</dd>
    </>
  )
}

type Plan = Person['carePlans'][number]

/** What the plan calls the stage that somebody is in: the one without an end. */
function stageOf(carePlan: Plan, plans: Person['plans'], language: Language): string | undefined {
  const open = carePlan.extension?.find(
    ({ url, extension: parts }) =>
      url === STAGE && !parts?.some(({ url, valuePeriod }) => url === 'period' && valuePeriod?.end !== undefined),
  )
  const stage = open?.extension?.find(({ url }) => url === 'stage')?.valueId
  const action = stage && planOf(carePlan, plans)?.action?.find(({ id }) => id === stage)
  return action ? translated(action, 'title', language)?.text : undefined
}

function teamOf({ careTeam }: Plan, teams: Person['teams']): string {
  const reference = careTeam?.[0]
  const team = teams.find(({ id }) => reference?.reference === `CareTeam/${id}`)
  return reference?.display ?? team?.name ?? '–'
}
