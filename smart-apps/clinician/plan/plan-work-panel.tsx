import { PlusIcon } from '@navikt/aksel-icons'
import { BodyShort, Button, Heading } from '@navikt/ds-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { changesToCome } from '../../../server/core/decide/planned-change/planned-change.ts'
import { navigate } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { nameOf } from '../../ui/person.ts'
import { useQuery } from '../fhir/use-query.ts'
import { InvitationPanel } from '../invitation/invitation-panel.tsx'
import { useLive } from '../live/use-live.ts'
import type { Person } from '../patient/patient-data.ts'
import { planOf } from '../patient/zone-plan.tsx'
import { useMay, useSession } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { EndedList } from './ended-list.tsx'
import { EnrolmentCard } from './enrolment-card.tsx'
import { type Notice, NoticeView } from './notice-view.tsx'
import { isOurs, readPlanWork } from './plan-data.ts'
import { PLAN_TEXTS } from './texts.ts'

/** A change that the server does by its clock is looked for a little after its moment, and again while it is not there. */
const LOOK_AFTER_MILLIS = 1_500
const LOOK_AHEAD_MILLIS = 60_000

/** The plans of one person, each with what can be done about it. */
export function PlanWorkPanel({ person, onChanged }: { person: Person; onChanged: () => void }) {
  const text = useTexts(PLAN_TEXTS)
  const { fhir, session } = useSession()
  const may = useMay()
  const patient = person.patient.id
  const practitioner = session.fhirUser
  const answer = useQuery(`plan-work ${patient}`, (signal) => readPlanWork(fhir, { patient, practitioner }, signal))
  const [notice, setNotice] = useState<Notice>()
  const reload = answer.reload
  const changed = useCallback(() => {
    reload()
    onChanged()
  }, [reload, onChanged])
  useLookAgain(person, changed)
  // What is changed in a dialog is held against what stood there when it was opened: until it is closed, nothing else is put in its place.
  const [isActing, isOwed] = [useRef(false), useRef(false)]
  useLive('plan-changes', patient, () => {
    if (isActing.current) isOwed.current = true
    else changed()
  })
  const onActing = useCallback(
    (isNow: boolean) => {
      isActing.current = isNow
      if (isNow || !isOwed.current) return
      isOwed.current = false
      changed()
    },
    [isActing, isOwed, changed],
  )
  const name = nameOf(person.patient.name) ?? text('thePatient')
  const tell = (told: Notice) => {
    setNotice(told)
    changed()
  }
  return (
    <div className="plan-work">
      <NoticeView notice={notice} onUndone={(words) => tell({ words })} onClose={() => setNotice(undefined)} />
      <AnswerView
        answer={answer}
        what={text('plans')}
        rows={4}
        missing={({ isPartial }) => (isPartial ? text('summaries') : undefined)}
      >
        {(work) => (
          <>
            {person.carePlans.length === 0 && (
              <div className="card">
                <Heading size="small" level="2">
                  {text('notFollowed')}
                </Heading>
                <BodyShort>{text('notFollowedHelp')}</BodyShort>
              </div>
            )}
            {person.carePlans.map((carePlan) => (
              <EnrolmentCard
                key={carePlan.id}
                name={name}
                carePlan={carePlan}
                plan={planOf(carePlan, person.plans)}
                person={person}
                work={work}
                isOurs={isOurs(carePlan, person.teams, { practitioner, organizations: work.organizations })}
                onActing={onActing}
                onDone={tell}
                onStale={changed}
              />
            ))}
            <div className="plan-foot">
              {may('CarePlan', 'c') && (
                <Button
                  size="small"
                  variant="secondary"
                  icon={<PlusIcon aria-hidden />}
                  onClick={() => navigate(`patient/${patient}/enrol`)}
                >
                  {text('startPlan')}
                </Button>
              )}
            </div>
            {person.carePlans.length > 0 && <InvitationPanel patient={patient} name={name} />}
            <EndedList work={work} />
          </>
        )}
      </AnswerView>
    </div>
  )
}

/** Looks again when a planned change is due within a minute, so that what the page says is so. */
function useLookAgain({ carePlans }: Person, look: () => void): void {
  const next = carePlans
    .flatMap(changesToCome)
    .map(({ at }) => Date.parse(at))
    .sort((one, other) => one - other)[0]
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was read anew is looked at anew, also when the next moment is the same
  useEffect(() => {
    if (next === undefined || next - Date.now() > LOOK_AHEAD_MILLIS) return
    const timer = setTimeout(look, Math.max(0, next - Date.now()) + LOOK_AFTER_MILLIS)
    return () => clearTimeout(timer)
  }, [next, carePlans, look])
}
