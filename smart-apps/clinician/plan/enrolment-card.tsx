import type { CodeableConcept, Goal, Parameters, PlanDefinition, Timing } from '@medplum/fhirtypes'
import { BodyShort, Button, Heading, InlineMessage, Table, Tag } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import { changesToCome, type PlannedStatus } from '../../../server/core/decide/planned-change/planned-change.ts'
import { ofType } from '../../fhir/client.ts'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date, moment, number } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import { ZONE_TEXTS } from '../../ui/zone.ts'
import type { Person } from '../patient/patient-data.ts'
import { useMay, useSession } from '../session-context.ts'
import { GRACE_MILLIS, planTitle, SOON_MILLIS } from './act-words.ts'
import { ChangedMeanwhile, lastReason, orCompared, plannedIn } from './changed-meanwhile.ts'
import { EndDialog } from './end-dialog.tsx'
import { LimitsDialog, measureName, unitOf } from './limits-dialog.tsx'
import type { Notice } from './notice-view.tsx'
import { boundIn, isOwn, type MeasureLimits, measuresOf, SLOTS, type Slot } from './own-limits.ts'
import { PauseDialog } from './pause-dialog.tsx'
import {
  changeWithReason,
  type Enrolment,
  newerVersion,
  type PlanWork,
  requestsOf,
  type StoredRequest,
  suggestion,
} from './plan-data.ts'
import { ResumeDialog } from './resume-dialog.tsx'
import { scheduleInWords, scheduleOf } from './schedule.ts'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { SuggestDialog } from './suggest-dialog.tsx'
import { PLAN_TEXTS } from './texts.ts'
import { VersionDialog } from './version-dialog.tsx'

type Props = {
  name: string
  carePlan: Enrolment
  plan: PlanDefinition | undefined
  person: Person
  work: PlanWork
  isOurs: boolean
  onDone: (notice: Notice) => void
  /** Somebody else has changed something: what is shown is asked for anew. */
  onStale: () => void
}

type Open =
  | 'pause'
  | 'resume'
  | 'end'
  | 'version'
  | 'suggest'
  | { limits: MeasureLimits }
  | { request: StoredRequest; timing: Timing | undefined }

/** One plan that somebody is in: how it stands, its limits and its schedule, and what can be done. */
export function EnrolmentCard({ name, carePlan, plan, person, work, isOurs, onDone, onStale }: Props) {
  const text = useTexts(PLAN_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const language = useLanguage()
  const { fhir, session } = useSession()
  const may = useMay()
  const [open, setOpen] = useState<Open>()
  const title = planTitle(carePlan, plan, language)
  const mayChange = isOurs && may('CarePlan', 'u')
  const isOnHold = carePlan.status === 'on-hold'
  const newer = newerVersion(carePlan, person.plans)
  const team = carePlan.careTeam?.[0]
  const teamName =
    person.teams.find(({ id }) => team?.reference === `CareTeam/${id}`)?.name ?? team?.display ?? text('noTeam')
  const patient = person.patient.id
  const planned = changesToCome(carePlan)
  const close = () => setOpen(undefined)
  const done = (notice: Notice) => {
    close()
    onDone(notice)
  }
  const withdraw = (ids: readonly string[]) => async () => {
    for (const id of ids)
      await fhir.operation(`CarePlan/${carePlan.id}/$withdraw-change`, [{ name: 'change', valueId: id }])
    return text('undone')
  }
  /** @returns the ids of what is planned by it and was not before */
  const seen = useRef(carePlan)
  useEffect(() => {
    seen.current = carePlan
  }, [carePlan])
  const planChange = async (parameter: { at: Date; until?: Date; status: PlannedStatus; reason: string }) => {
    const before = new Set(changesToCome(seen.current).map(({ id }) => id))
    const changed = await orCompared(
      () =>
        fhir.operation<Enrolment>(
          `CarePlan/${carePlan.id}/$plan-change`,
          [
            { name: 'at', valueInstant: parameter.at.toISOString() },
            ...(parameter.until ? [{ name: 'until', valueInstant: parameter.until.toISOString() }] : []),
            { name: 'status', valueCode: parameter.status },
            { name: 'reason', valueString: parameter.reason },
          ],
          ifSeen(seen.current),
        ),
      async () => {
        const now = (await fhir.read('CarePlan', carePlan.id)) as Enrolment
        const mine = [...plannedIn(seen.current), { at: parameter.at, status: parameter.status }]
        const inWords = (all: ReturnType<typeof plannedIn>) =>
          all
            .map(
              ({ at, status }) => `${text(CHANGE_TEXTS[status as keyof typeof CHANGE_TEXTS])} ${moment(at, language)}`,
            )
            .join(', ') || '–'
        const statusOf = ({ status }: Enrolment) =>
          text(status === 'on-hold' ? 'isOnHold' : status === 'active' ? 'isActive' : 'changeCompleted')
        const differences = [
          { field: text('fieldStatus'), mine: statusOf(seen.current), theirs: statusOf(now) },
          { field: text('fieldPlanned'), mine: inWords(mine), theirs: inWords(plannedIn(now)) },
          { field: text('fieldTeam'), mine: teamOf(seen.current), theirs: teamOf(now) },
        ]
        seen.current = now
        onStale()
        return new ChangedMeanwhile(differences, changesToCome(now).at(-1)?.reason)
      },
    )
    return changesToCome(changed)
      .map(({ id }) => id)
      .filter((id) => !before.has(id))
  }
  const change = { practitioner: session.fhirUser ?? '', patient }

  const saveLimits = async (limits: MeasureLimits, goal: Goal | undefined, reason: string) => {
    const before = limits.goal
    const measure = measureName(limits, language)
    const set = (given: Goal, why: string, versionId?: string, options = {}) =>
      fhir.operation<Parameters>(
        `CarePlan/${carePlan.id}/$set-limits`,
        [
          { name: 'goal', resource: given },
          { name: 'reason', valueString: why },
          ...(versionId ? [{ name: 'versionId', valueId: versionId }] : []),
        ],
        options,
      )
    /** What stands now beside what was to be; the fields stay as they are, and are then held against it. */
    const compare = async () => {
      const [now, goals] = await Promise.all([
        fhir.read('CarePlan', carePlan.id),
        fhir.search('Goal', { patient, _count: 100 }),
      ])
      const theirs = measuresOf(now as Enrolment, ofType(goals, 'Goal'), plan).find(({ key }) => key === limits.key)
      const own = goal && { ...goal, id: goal.id ?? 'mine' }
      const named = { ...carePlan, goal: own ? [{ reference: `Goal/${own.id}` }] : [] }
      const mine = measuresOf(named, own ? [own] : [], plan).find(({ key }) => key === limits.key)
      const shown = (of: MeasureLimits | undefined, slot: Slot) => {
        const bound = of && boundIn(of, slot)
        return bound ? `${SIGNS[bound.comparator]} ${number(bound.value, language, 2)}` : '–'
      }
      const differences = SLOTS.map((slot) => ({
        field: slotInWords(slot, text, zone),
        ...{ mine: shown(mine, slot), theirs: shown(theirs, slot) },
      }))
      seen.current = now as Enrolment
      if (theirs) setOpen({ limits: theirs })
      onStale()
      const reasonTold = theirs?.goal && (await lastReason(fhir, `Goal/${theirs.goal.id}`))
      return new ChangedMeanwhile(differences, reasonTold)
    }
    const words = text('limitsSaved', { measure, name })
    if (!goal) {
      if (!before) return close()
      await orCompared(() => fhir.update({ ...before, lifecycleStatus: 'cancelled', statusReason: reason }), compare)
      const undo = async () => {
        const { meta: _meta, ...rest } = before
        await set(rest, text('undoReason', { reason }))
        return text('limitsUndone', { measure })
      }
      return done({ words, undo })
    }
    // Over the Goal that was seen; a new one over the plan that had none.
    const { parameter = [] } = await orCompared(
      () => set(goal, reason, before?.meta?.versionId, before ? {} : ifSeen(seen.current)),
      compare,
    )
    const stored = parameter.find((one) => one.name === 'goal')?.resource as (Goal & { id: string }) | undefined
    const undo = async () => {
      const why = text('undoReason', { reason })
      if (before) {
        const { meta: _meta, ...rest } = before
        await set(rest, why)
      } else if (stored) await fhir.update({ ...stored, lifecycleStatus: 'cancelled', statusReason: why })
      return text('limitsUndone', { measure })
    }
    done({ words, undo })
  }

  const saveSchedule = async (request: StoredRequest, timing: Timing, reason: string) => {
    const versionId = await orCompared(
      () => changeWithReason(fhir, { ...request, occurrenceTiming: timing }, { ...change, reason, now: new Date() }),
      async () => {
        const now = (await fhir.read('ServiceRequest', request.id)) as StoredRequest
        setOpen({ request: now, timing: now.occurrenceTiming })
        onStale()
        const field = (name: 'fieldSchedule' | 'fieldPriority' | 'fieldStatus', mine: string, theirs: string) => ({
          field: text(name),
          ...{ mine, theirs },
        })
        return new ChangedMeanwhile(
          [
            field('fieldSchedule', scheduleInWords(timing, language), scheduleInWords(now.occurrenceTiming, language)),
            field('fieldPriority', request.priority ?? '–', now.priority ?? '–'),
            field('fieldStatus', request.status ?? '–', now.status ?? '–'),
          ],
          await lastReason(fhir, `ServiceRequest/${now.id}`),
        )
      },
    )
    const undo = async () => {
      const back = { ...request, meta: { ...request.meta, versionId } }
      await changeWithReason(fhir, back, { ...change, reason: text('undoReason', { reason }), now: new Date() })
      return text('scheduleUndone', { title: requestTitle(request, language) })
    }
    done({ words: text('scheduleSaved', { title: requestTitle(request, language), name }), undo })
  }

  const measures = measuresOf(carePlan, work.goals, plan)
  const requests = requestsOf(work.requests, carePlan)
  return (
    <section className="card enrolment" aria-labelledby={`plan-${carePlan.id}`}>
      <div className="card-head">
        <div>
          <Heading size="small" level="2" id={`plan-${carePlan.id}`}>
            {title}{' '}
            <Tag size="small" variant={isOnHold ? 'warning-moderate' : 'success-moderate'}>
              {text(isOnHold ? 'isOnHold' : 'isActive')}
            </Tag>
          </Heading>
          <BodyShort size="small" className="quiet">
            {[
              versionOf(carePlan) && text('version', { version: versionOf(carePlan) ?? '' }),
              carePlan.period?.start && text('since', { date: date(new Date(carePlan.period.start), language) }),
              teamName,
            ]
              .filter(Boolean)
              .join(' · ')}
          </BodyShort>
        </div>
        <div className="card-tools">
          {mayChange && isOnHold && (
            <Button size="small" variant="secondary" onClick={() => setOpen('resume')}>
              {text('resume')}
            </Button>
          )}
          {mayChange && !isOnHold && (
            <Button size="small" variant="secondary" onClick={() => setOpen('pause')}>
              {text('pause')}
            </Button>
          )}
          {mayChange && newer && may('PlanDefinition', 'u') && (
            <Button size="small" variant="secondary" onClick={() => setOpen('version')}>
              {text('changeVersion')}
            </Button>
          )}
          {mayChange && (
            <Button size="small" variant="tertiary" data-color="danger" onClick={() => setOpen('end')}>
              {text('end')}
            </Button>
          )}
          {!isOurs && may('Task', 'c') && (
            <Button size="small" variant="secondary" onClick={() => setOpen('suggest')}>
              {text('suggest')}
            </Button>
          )}
        </div>
      </div>
      {!isOurs && (
        <InlineMessage status="info" size="small">
          {text('owned', { team: teamName })}
        </InlineMessage>
      )}
      {planned.length > 0 && (
        <ul className="planned">
          {planned.map(({ id, at, status, reason }) => (
            <li key={id}>
              <span>
                <Moment at={new Date(at)} />: {text(CHANGE_TEXTS[status ?? 'team'])} · {reason}
              </span>
              {mayChange && (
                <Button
                  size="xsmall"
                  variant="tertiary"
                  onClick={() =>
                    void withdraw([id])().then(
                      (words) => onDone({ words }),
                      () => onDone({ words: text('notWithdrawn') }),
                    )
                  }
                >
                  {text('withdraw')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <Heading size="xsmall" level="3" spacing>
        {text('limits')}
      </Heading>
      {measures.length === 0 ? (
        <p className="quiet">{text('noLimits')}</p>
      ) : (
        <LimitsTable
          measures={measures}
          mayChange={mayChange && may('Goal', 'u')}
          onChange={(limits) => setOpen({ limits })}
        />
      )}
      <Heading size="xsmall" level="3" className="schedule-head">
        {text('schedule')}
      </Heading>
      {requests.length === 0 ? (
        <p className="quiet">{text('noSchedule')}</p>
      ) : (
        <ul className="schedule-list">
          {requests.map((request) => {
            const isShared = (request.basedOn?.length ?? 0) > 1
            const timing = request.occurrenceTiming
            const isChosen = timing === undefined || scheduleOf(timing) !== undefined
            return (
              <li key={request.id}>
                <div>
                  <strong>{requestTitle(request, language)}</strong>
                  <span>
                    {scheduleInWords(timing, language)}
                    {isShared && ` · ${text('shared')}`}
                    {request.status === 'on-hold' && ` · ${text('isOnHold').toLowerCase()}`}
                    {request.status === 'draft' && ` · ${text('waits')}`}
                  </span>
                </div>
                {mayChange && isChosen && timing && may('ServiceRequest', 'u') && (
                  <Button
                    size="xsmall"
                    variant="tertiary"
                    aria-label={text('changeOf', { title: requestTitle(request, language) })}
                    onClick={() => setOpen({ request, timing })}
                  >
                    {text('change')}
                  </Button>
                )}
              </li>
            )
          })}
        </ul>
      )}
      {open === 'pause' && (
        <PauseDialog
          name={name}
          plan={title}
          onClose={close}
          onPause={async ({ at, until, reason }) => {
            const ids = await planChange({ at, until, status: 'on-hold', reason })
            const isNow = at.getTime() - Date.now() < GRACE_MILLIS
            done({
              words: isNow
                ? text('pausedNow', { name, until: moment(until, language) })
                : text('pausedLater', { name, from: moment(at, language), until: moment(until, language) }),
              // What has begun is resumed instead, with a reason.
              ...(isNow ? {} : { undo: withdraw(ids) }),
            })
          }}
        />
      )}
      {open === 'resume' && (
        <ResumeDialog
          name={name}
          plan={title}
          onClose={close}
          onResume={async (reason) => {
            await planChange({ at: new Date(Date.now() + SOON_MILLIS), status: 'active', reason })
            done({ words: text('resumed', { name }) })
          }}
        />
      )}
      {open === 'end' && (
        <EndDialog
          name={name}
          plan={title}
          onClose={close}
          onEnd={async ({ status, reason }) => {
            const until = new Date(Date.now() + GRACE_MILLIS)
            const ids = await planChange({ at: until, status, reason })
            done({ words: text('ending', { name, plan: title }), undo: withdraw(ids), until })
          }}
        />
      )}
      {open === 'suggest' && (
        <SuggestDialog
          plan={title}
          team={teamName}
          onClose={close}
          onSuggest={async (words) => {
            const now = new Date()
            await fhir.create(suggestion(carePlan, { words, practitioner: change.practitioner, now }))
            done({ words: text('suggested', { team: teamName }) })
          }}
        />
      )}
      {open === 'version' && newer && (
        <VersionDialog name={name} carePlan={carePlan} newer={newer} onClose={close} onMoved={done} />
      )}
      {typeof open === 'object' && 'limits' in open && (
        <LimitsDialog
          name={name}
          carePlan={carePlan}
          limits={open.limits}
          onClose={close}
          onSave={(goal, reason) => saveLimits(open.limits, goal, reason)}
        />
      )}
      {typeof open === 'object' && 'request' in open && (
        <ScheduleDialog
          name={name}
          title={requestTitle(open.request, language)}
          timing={open.timing}
          onClose={close}
          onSave={(timing, reason) => saveSchedule(open.request, timing, reason)}
        />
      )}
    </section>
  )
}

const CHANGE_TEXTS = {
  'on-hold': 'changeOnHold',
  active: 'changeActive',
  completed: 'changeCompleted',
  revoked: 'changeCompleted',
  team: 'changeTeam',
} as const

/** Only over what was seen. */
const ifSeen = ({ meta }: Enrolment): { ifMatch?: string } => (meta?.versionId ? { ifMatch: meta.versionId } : {})

const teamOf = ({ careTeam }: Enrolment): string => careTeam?.[0]?.display ?? careTeam?.[0]?.reference ?? '–'

const versionOf = ({ instantiatesCanonical }: Enrolment): string | undefined =>
  instantiatesCanonical?.[0]?.split('|')[1]

/** What the patient is asked to do, as the plan calls it. */
export function requestTitle({ code }: { code?: CodeableConcept }, language: ReturnType<typeof useLanguage>): string {
  return translated(code, 'text', language)?.text ?? code?.coding?.[0]?.display ?? '–'
}

type TableProps = {
  measures: readonly MeasureLimits[]
  mayChange: boolean
  onChange: (measure: MeasureLimits) => void
}

function LimitsTable({ measures, mayChange, onChange }: TableProps) {
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
                      <span data-own={isOwn(measure, slot) ? '' : undefined}>
                        {SIGNS[bound.comparator]} {number(bound.value, language, 2)}
                      </span>
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

type PlanText = ReturnType<typeof useTexts<keyof (typeof PLAN_TEXTS)['nb']>>
type ZoneText = ReturnType<typeof useTexts<keyof (typeof ZONE_TEXTS)['nb']>>

/** "Rød under" */
const slotInWords = (slot: Slot, text: PlanText, zone: ZoneText): string =>
  text(slot.endsWith('Low') ? 'lowColumn' : 'highColumn', { zone: zone(slot.startsWith('red') ? 'red' : 'yellow') })

const SIGNS = { '<': '<', '<=': '≤', '>': '>', '>=': '≥' } as const
