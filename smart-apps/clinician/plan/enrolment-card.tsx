import type { PlanDefinition } from '@medplum/fhirtypes'
import { BodyShort, Heading, InlineMessage, Tag } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import { changesToCome } from '../../../server/core/decide/planned-change/planned-change.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date, moment } from '../../ui/format.ts'
import { ZONE_TEXTS } from '../../ui/zone.ts'
import type { Person } from '../patient/patient-data.ts'
import { useMay, useSession } from '../session-context.ts'
import { GRACE_MILLIS, planTitle, SOON_MILLIS } from './act-words.ts'
import { EndDialog } from './end-dialog.tsx'
import { EnrolmentActs, type PlanAct } from './enrolment-acts.tsx'
import type { EnrolmentChange } from './enrolment-change.ts'
import { LimitsDialog } from './limits-dialog.tsx'
import { LimitsTable } from './limits-table.tsx'
import type { Notice } from './notice-view.tsx'
import { type MeasureLimits, measuresOf } from './own-limits.ts'
import { PauseDialog } from './pause-dialog.tsx'
import { type Enrolment, newerVersion, type PlanWork, requestsOf, type StoredRequest, suggestion } from './plan-data.ts'
import { planChange, withdrawing } from './planned-change.ts'
import { PlannedList } from './planned-list.tsx'
import { requestTitle } from './request-title.ts'
import { ResumeDialog } from './resume-dialog.tsx'
import { saveLimits } from './save-limits.ts'
import { saveSchedule } from './save-schedule.ts'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { ScheduleList } from './schedule-list.tsx'
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
  /** Told when something of it begins to be changed, and when that is over. */
  onActing: (isActing: boolean) => void
  onDone: (notice: Notice) => void
  /** Somebody else has changed something: what is shown is asked for anew. */
  onStale: () => void
}

type Open = PlanAct | { limits: MeasureLimits } | { request: StoredRequest }

/** One plan that somebody is in: how it stands, its limits and its schedule, and what can be done. */
export function EnrolmentCard({ name, carePlan, plan, person, work, isOurs, onActing, onDone, onStale }: Props) {
  const text = useTexts(PLAN_TEXTS)
  const zone = useTexts(ZONE_TEXTS)
  const language = useLanguage()
  const { fhir, session } = useSession()
  const may = useMay()
  const [open, setOpen] = useState<Open>()
  const isActing = open !== undefined
  useEffect(() => {
    if (!isActing) return
    onActing(true)
    return () => onActing(false)
  }, [isActing, onActing])
  const title = planTitle(carePlan, plan, language)
  const mayChange = isOurs && may('CarePlan', 'u')
  const isOnHold = carePlan.status === 'on-hold'
  const newer = newerVersion(carePlan, person.plans)
  const team = carePlan.careTeam?.[0]
  const teamName =
    person.teams.find(({ id }) => team?.reference === `CareTeam/${id}`)?.name ?? team?.display ?? text('noTeam')
  const close = () => setOpen(undefined)
  const done = (notice: Notice) => {
    close()
    onDone(notice)
  }
  const seen = useRef(carePlan)
  useEffect(() => {
    seen.current = carePlan
  }, [carePlan])
  const practitioner = session.fhirUser ?? ''
  const patient = person.patient.id
  const change: EnrolmentChange = { fhir, patient, name, practitioner, seen, onStale, text, zone, language }
  const measures = measuresOf(carePlan, work.goals, plan)
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
        <EnrolmentActs
          {...{ isOnHold, mayChange, onOpen: setOpen }}
          mayMove={mayChange && newer !== undefined && may('PlanDefinition', 'u')}
          maySuggest={!isOurs && may('Task', 'c')}
        />
      </div>
      {!isOurs && (
        <InlineMessage status="info" size="small">
          {text('owned', { team: teamName })}
        </InlineMessage>
      )}
      <PlannedList
        planned={changesToCome(carePlan)}
        mayChange={mayChange}
        onWithdraw={(id) =>
          void withdrawing(change, [id])().then(
            (words) => onDone({ words }),
            () => onDone({ words: text('notWithdrawn') }),
          )
        }
      />
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
      <ScheduleList
        requests={requestsOf(work.requests, carePlan)}
        mayChange={mayChange && may('ServiceRequest', 'u')}
        onChange={(request) => setOpen({ request })}
      />
      {open === 'pause' && (
        <PauseDialog
          name={name}
          plan={title}
          onClose={close}
          onPause={async ({ at, until, reason }) => {
            const ids = await planChange(change, { at, until, status: 'on-hold', reason })
            const isNow = at.getTime() - Date.now() < GRACE_MILLIS
            done({
              words: isNow
                ? text('pausedNow', { name, until: moment(until, language) })
                : text('pausedLater', { name, from: moment(at, language), until: moment(until, language) }),
              // What has begun is resumed instead, with a reason.
              ...(isNow ? {} : { undo: withdrawing(change, ids) }),
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
            await planChange(change, { at: new Date(Date.now() + SOON_MILLIS), status: 'active', reason })
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
            const ids = await planChange(change, { at: until, status, reason })
            done({ words: text('ending', { name, plan: title }), undo: withdrawing(change, ids), until })
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
          onSave={async (goal, reason) => {
            const onCompare = (theirs: MeasureLimits) => setOpen({ limits: theirs })
            const notice = await saveLimits(change, { limits: open.limits, goal, reason, plan, onCompare })
            if (notice) done(notice)
            else close()
          }}
        />
      )}
      {typeof open === 'object' && 'request' in open && (
        <ScheduleDialog
          name={name}
          title={requestTitle(open.request, language)}
          timing={open.request.occurrenceTiming}
          onClose={close}
          onSave={async (timing, reason) => {
            const onCompare = (theirs: StoredRequest) => setOpen({ request: theirs })
            done(await saveSchedule(change, { request: open.request, timing, reason, onCompare }))
          }}
        />
      )}
    </section>
  )
}

const versionOf = ({ instantiatesCanonical }: Enrolment): string | undefined =>
  instantiatesCanonical?.[0]?.split('|')[1]
