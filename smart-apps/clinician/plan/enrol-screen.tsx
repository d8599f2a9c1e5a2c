import type { CarePlan } from '@medplum/fhirtypes'
import { ArrowLeftIcon } from '@navikt/aksel-icons'
import {
  BodyShort,
  Button,
  Checkbox,
  CheckboxGroup,
  DatePicker,
  ErrorSummary,
  Heading,
  InlineMessage,
  Select,
  TextField,
  useDatepicker,
} from '@navikt/ds-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { translated } from '../../fhir/translated.ts'
import { Go, navigate, useParam } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date, moment } from '../../ui/format.ts'
import { ageOf, nameOf, nationalNumberOf } from '../../ui/person.ts'
import { useQuery } from '../fhir/use-query.ts'
import { InvitationPanel } from '../invitation/invitation-panel.tsx'
import { useFhir, useSession } from '../session-context.ts'
import { useHeldActs } from '../task/use-held-acts.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { ActDialog } from './act-dialog.tsx'
import { startOfDay } from './act-words.ts'
import { type Choices, demandedPolicies, enrolment, handOutTask, LAWS, readChoices } from './enrol-data.ts'
import { EnrolPreview } from './enrol-preview.tsx'
import { ENROL_TEXTS } from './enrol-texts.ts'
import { orderFaults } from './own-limits.ts'
import { actionsOf, type Edits, edited, fitting, NO_EDITS, proposedMeasures } from './proposal.ts'
import './plan.css'
import '../patient/patient.css'

/** A patient begins to be followed: what, whether it is right, by what right, by whom, and what it will be, before anything is stored. */
export default function EnrolScreen() {
  const text = useTexts(ENROL_TEXTS)
  const fhir = useFhir()
  const id = useParam('id')
  const answer = useQuery(`enrol ${id}`, (signal) => readChoices(fhir, id, signal))
  return (
    <div className="patient enrol">
      <Go to={`patient/${id}?tab=limits`} className="back">
        <ArrowLeftIcon aria-hidden /> {text('back')}
      </Go>
      <AnswerView
        answer={answer}
        what={text('choices')}
        rows={6}
        missing={({ isPartial }) => (isPartial ? text('record') : undefined)}
      >
        {(choices) => <EnrolForm choices={choices} />}
      </AnswerView>
    </div>
  )
}

const CONFIRMED = ['canMeasure', 'informed', 'outOfHours'] as const
type Confirmed = (typeof CONFIRMED)[number]
/** As `CodeSystem/eligibility-criterion` has them. */
const CRITERIA = {
  canMeasure: 'can-measure',
  informed: 'informed',
  outOfHours: 'knows-hours',
} as const satisfies Record<Confirmed, string>
/** Fields that may stand in the summary of what is missing. */
type Missing = { field: string; words: string }

function EnrolForm({ choices }: { choices: Choices }) {
  const text = useTexts(ENROL_TEXTS)
  const language = useLanguage()
  const { fhir, session } = useSession()
  const { patient, plans, followed, teams, consents, conditions, devices } = choices
  const [key] = useState(() => crypto.randomUUID())
  const [planId, setPlanId] = useState('')
  const [confirmed, setConfirmed] = useState<readonly Confirmed[]>([])
  const [law, setLaw] = useState('')
  const [given, setGiven] = useState<readonly string[]>([])
  const [team, setTeam] = useState(choices.suggestedTeam ?? (teams.length === 1 ? `CareTeam/${teams[0]?.id}` : ''))
  const [start, setStart] = useState<Date>()
  const [end, setEnd] = useState<Date>()
  const [handsOut, setHandsOut] = useState(false)
  const [handOut, setHandOut] = useState('')
  const [edits, setEdits] = useState<Edits>(NO_EDITS)
  const [isAsked, setIsAsked] = useState(false)
  const [isOpen, setIsOpen] = useState(false)
  const [done, setDone] = useState<string>()
  const { hold, acts } = useHeldActs()
  const summary = useRef<HTMLDivElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const startPicker = useDatepicker({ fromDate: new Date(), onDateChange: setStart })
  const endPicker = useDatepicker({ fromDate: start ?? new Date(), onDateChange: setEnd })

  const plan = plans.find((one) => one.id === planId)
  const proposal = useQuery(`proposal ${patient.id} ${planId}`, async (signal) =>
    planId === ''
      ? null
      : fhir.operation<CarePlan>(
          `PlanDefinition/${planId}/$apply`,
          [{ name: 'subject', valueString: `Patient/${patient.id}` }],
          { signal },
        ),
  )
  const name = nameOf(patient.name) ?? ''
  const planName = (translated(plan, 'title', language)?.text ?? '') || planId
  const teamName = teams.find((one) => `CareTeam/${one.id}` === team)?.name ?? ''
  const measures = proposal.data ? proposedMeasures(proposal.data) : []
  const contradicts = measures.some(
    (measure) =>
      orderFaults(measure, {
        ...Object.fromEntries(Object.entries(measure.own).map(([slot, bound]) => [slot, bound.value])),
        ...edits.bounds[measure.key],
      }).length > 0,
  )
  const missing: Missing[] = [
    ...(plan && proposal.data ? [] : [{ field: 'enrol-plan', words: text('missingPlan') }]),
    ...(confirmed.length === CONFIRMED.length ? [] : [{ field: 'enrol-confirm', words: text('missingConfirm') }]),
    ...(law || given.length > 0 ? [] : [{ field: 'enrol-law', words: text('missingBasis') }]),
    ...(team ? [] : [{ field: 'enrol-team', words: text('missingTeam') }]),
    ...(contradicts ? [{ field: 'enrol-preview', words: text('missingLimits') }] : []),
  ]
  const wordsOf = (field: string) => (isAsked ? missing.find((one) => one.field === field)?.words : undefined)

  const go = () => {
    setIsAsked(true)
    if (missing.length === 0) return setIsOpen(true)
    requestAnimationFrame(() => summary.current?.focus())
  }
  const submit = async (reason: string) => {
    if (!plan || !proposal.data) return
    const what = handsOut ? handOut.trim() : ''
    const task = what
      ? handOutTask({
          ...{ words: text('handOutTask', { what }), patient: patient.id, team },
          ...{ practitioner: session.fhirUser, now: new Date() },
        })
      : undefined
    hold({
      ...{ id: key, patient: patient.id, taskIds: [] },
      words: { held: text('heldEnrol', { name }), done: text('enrolled', { name, plan: planName }) },
      request: enrolment({
        ...{ key, plan: plan.id, patient: patient.id, team, consents: given, policies: law ? [law] : [] },
        ...{ start: start ? startOfDay(start) : new Date(), ...(end && { end: startOfDay(end) }) },
        ...{ reason, proposal: edited(proposal.data, edits), ...(task && { task }) },
        eligibility: CONFIRMED.map((one) => ({ code: CRITERIA[one], words: text(one) })),
      }),
    })
    setIsOpen(false)
  }
  const enrolling = acts.find(({ id }) => id === key)
  const state = enrolling?.state
  useEffect(() => {
    if (state === 'done') setDone(text('enrolled', { name, plan: planName }))
  }, [state, text, name, planName])
  const isWaiting = state === 'held' || state === 'sending' || state === 'waiting'
  useEffect(() => {
    if (done || isWaiting) heading.current?.focus()
  }, [done, isWaiting])

  if (done || isWaiting)
    return (
      <section className="card enrol-part">
        <Heading size="medium" level="1" tabIndex={-1} ref={heading}>
          {done ?? text('enrolling', { name, plan: planName })}
        </Heading>
        {done ? (
          <>
            <InvitationPanel patient={patient.id} name={name} />
            <div>
              <Button size="small" onClick={() => navigate(`patient/${patient.id}?tab=limits`)}>
                {text('toPlan')}
              </Button>
            </div>
          </>
        ) : (
          <BodyShort>{text('enrollingHelp')}</BodyShort>
        )}
      </section>
    )
  const found = plan ? fitting(plan, conditions) : []
  const laws = plan ? demandedPolicies(plan).filter((uri) => !LAWS.some((one) => one.uri === uri)) : []
  return (
    <>
      <header className="patient-header">
        <Heading size="medium" level="1">
          {text('title')}
        </Heading>
        <p className="enrol-who">
          <strong>{name}</strong> · {ageOf(patient.birthDate)} · {nationalNumberOf(patient.identifier)}
        </p>
      </header>
      <div className="enrol-columns">
        <div>
          <Part title={text('which')}>
            <Select
              id="enrol-plan"
              size="small"
              label={text('pathway')}
              value={planId}
              error={wordsOf('enrol-plan')}
              onChange={(event) => {
                setPlanId(event.target.value)
                setEdits(NO_EDITS)
              }}
            >
              <option value="">{text('choose')}</option>
              {plans.map((one) => {
                const title = translated(one, 'title', language)?.text ?? one.id
                const isIn = followed.has(one.url ?? '')
                return (
                  <option key={one.id} value={one.id} disabled={isIn}>
                    {isIn ? text('isIn', { plan: title }) : title}
                  </option>
                )
              })}
            </Select>
            {plan && <BodyShort size="small">{translated(plan, 'description', language)?.text}</BodyShort>}
          </Part>
          <Part title={text('eligible')}>
            {plan &&
              (found.length > 0 ? (
                <InlineMessage status="success" size="small">
                  {text('fits', {
                    conditions: found.map(({ code }) => code?.text ?? code?.coding?.[0]?.display ?? '').join(', '),
                  })}
                </InlineMessage>
              ) : (
                <InlineMessage status="warning" size="small">
                  {text('fitsNot')}
                </InlineMessage>
              ))}
            <CheckboxGroup
              id="enrol-confirm"
              tabIndex={-1}
              size="small"
              legend={text('confirm')}
              value={[...confirmed]}
              onChange={setConfirmed}
              error={wordsOf('enrol-confirm')}
            >
              {CONFIRMED.map((one) => (
                <Checkbox key={one} value={one}>
                  {text(one)}
                </Checkbox>
              ))}
            </CheckboxGroup>
          </Part>
          <Part title={text('basis')}>
            <Select
              id="enrol-law"
              size="small"
              label={text('law')}
              description={text('basisHelp')}
              value={law}
              onChange={(event) => setLaw(event.target.value)}
              error={wordsOf('enrol-law')}
            >
              <option value="">–</option>
              {laws.map((uri) => (
                <option key={uri} value={uri}>
                  {text('demanded')}: {uri}
                </option>
              ))}
              {LAWS.map(({ uri, text: words }) => (
                <option key={uri} value={uri}>
                  {text(words)}
                </option>
              ))}
            </Select>
            {consents.length > 0 && (
              <CheckboxGroup size="small" legend={text('consents')} value={[...given]} onChange={setGiven}>
                {consents.map((one) => (
                  <Checkbox key={one.id} value={`Consent/${one.id}`}>
                    {one.category[0]?.text ??
                      one.category[0]?.coding?.[0]?.display ??
                      text('consentOf', { date: one.dateTime ? date(new Date(one.dateTime), language) : one.id })}
                  </Checkbox>
                ))}
              </CheckboxGroup>
            )}
          </Part>
          <Part title={text('who')}>
            <Select
              id="enrol-team"
              size="small"
              label={text('team')}
              value={team}
              onChange={(event) => setTeam(event.target.value)}
              error={wordsOf('enrol-team')}
              description={
                choices.suggestedTeam
                  ? text('suggested', {
                      team: teams.find(({ id }) => choices.suggestedTeam === `CareTeam/${id}`)?.name ?? '',
                    })
                  : undefined
              }
            >
              <option value="">–</option>
              {teams.map((one) => (
                <option key={one.id} value={`CareTeam/${one.id}`}>
                  {one.name}
                </option>
              ))}
            </Select>
            <div className="field-row">
              <DatePicker {...startPicker.datepickerProps}>
                <DatePicker.Input
                  {...startPicker.inputProps}
                  size="small"
                  label={text('start')}
                  placeholder={text('today')}
                />
              </DatePicker>
              <DatePicker {...endPicker.datepickerProps}>
                <DatePicker.Input {...endPicker.inputProps} size="small" label={text('end')} />
              </DatePicker>
            </div>
            <div>
              <BodyShort size="small" weight="semibold">
                {text('devices')}
              </BodyShort>
              <BodyShort size="small">
                {devices.length > 0
                  ? text('has', {
                      devices: devices
                        .map(({ deviceName, type }) => deviceName?.[0]?.name ?? type?.text ?? '')
                        .filter(Boolean)
                        .join(', '),
                    })
                  : text('hasNone')}
              </BodyShort>
              <Checkbox size="small" checked={handsOut} onChange={(event) => setHandsOut(event.target.checked)}>
                {text('handOut')}
              </Checkbox>
              {handsOut && (
                <TextField
                  size="small"
                  label={text('handOutWhat')}
                  value={handOut}
                  onChange={(event) => setHandOut(event.target.value)}
                />
              )}
            </div>
          </Part>
        </div>
        <div id="enrol-preview" tabIndex={-1}>
          <Part title={text('preview')}>
            <BodyShort size="small" className="quiet">
              {text('previewHelp')}
            </BodyShort>
            <AnswerView answer={proposal} what={text('proposal')} rows={5}>
              {(shown) =>
                shown ? (
                  <EnrolPreview key={planId} plan={plan} proposal={shown} edits={edits} onEdit={setEdits} />
                ) : (
                  <p className="quiet">{text('missingPlan')}</p>
                )
              }
            </AnswerView>
          </Part>
          {isAsked && missing.length > 0 && (
            <ErrorSummary ref={summary} heading={text('missing')} size="small">
              {missing.map(({ field, words }) => (
                <ErrorSummary.Item key={field} href={`#${field}`}>
                  {words}
                </ErrorSummary.Item>
              ))}
            </ErrorSummary>
          )}
          <Button size="small" onClick={go}>
            {text('go')}
          </Button>
        </div>
      </div>
      {isOpen && proposal.data && (
        <ActDialog
          title={text('goTitle', { plan: planName, name })}
          will={text('goWill', {
            ...{ name, team: teamName, start: start ? moment(startOfDay(start), language) : text('today') },
            count: actionsOf(edited(proposal.data, edits), plan).length,
          })}
          confirm={text('goDo')}
          onAct={submit}
          onClose={() => setIsOpen(false)}
        />
      )}
    </>
  )
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="card enrol-part">
    <Heading size="xsmall" level="2">
      {title}
    </Heading>
    {children}
  </section>
)
