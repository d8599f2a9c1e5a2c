import type { Task } from '@medplum/fhirtypes'
import { ArrowRightIcon } from '@navikt/aksel-icons'
import { Button, InlineMessage, Textarea } from '@navikt/ds-react'
import { useState } from 'react'
import { handoverIn } from '../../../server/core/decide/task/handover.ts'
import { isOpen } from '../../../server/core/decide/task/task-status.ts'
import { Refused, toError } from '../../fhir/failure.ts'
import { Go } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { useFhir, useMay, useSession } from '../session-context.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import type { StoredTask } from '../worklist/row.ts'
import { type ReferralGround, yesNeedsReason } from './referral.ts'
import { ReferralView } from './referral-view.tsx'
import { patientIdOf } from './task-data.ts'
import { TASK_TEXTS } from './texts.ts'

type Props = {
  task: StoredTask
  /** Of a referral, once it is known. */
  ground: ReferralGround | undefined
  onAnswered: () => void
}

/** The Task is a question itself, whether somebody takes something or somebody over: they say yes, or no and why; and what came of it. */
export function TeamQuestion({ task, ground, onAnswered }: Props) {
  const text = useTexts(TASK_TEXTS)
  const { session } = useSession()
  const may = useMay()
  const isMine = task.requester?.reference === session.fhirUser
  const isHandover = handoverIn(task) !== undefined
  const title = text(isMine ? 'youAsked' : isHandover ? 'askedYou' : 'askedToFollow')
  const isAnswered = !isOpen(task) || task.status === 'accepted'
  return (
    <section className="handover-question" aria-label={title}>
      <p>
        <strong>{title}</strong>
      </p>
      {task.reasonCode?.text && <p>«{task.reasonCode.text}»</p>}
      {ground && <ReferralView ground={ground} />}
      <div role="status">{isAnswered && <Outcome task={task} />}</div>
      {!isAnswered && may('Task', 'u') && (
        <Answering {...{ task, isMine, onAnswered }} yesNeedsReason={ground !== undefined && yesNeedsReason(ground)} />
      )}
      {isHandover && <HandedOver task={task} />}
      {!isHandover && task.status === 'accepted' && may('CarePlan', 'c') && (
        <Go to={`patient/${patientIdOf(task)}/enrol`} className="open-patient">
          {text('beginPlan')} <ArrowRightIcon aria-hidden />
        </Go>
      )}
    </section>
  )
}

/** What was answered. Accepted, the responsibility has moved as soon as the server has seen it. */
function Outcome({ task }: { task: StoredTask }) {
  const { status, statusReason } = task
  const text = useTexts(TASK_TEXTS)
  if (status === 'completed')
    return (
      <InlineMessage size="small" status="success">
        {text('accepted')}
      </InlineMessage>
    )
  const words =
    status === 'accepted'
      ? handoverIn(task)
        ? 'moving'
        : 'followAccepted'
      : status === 'rejected'
        ? 'rejected'
        : 'questionWithdrawn'
  return (
    <InlineMessage size="small" status="info">
      {text(words)} {statusReason?.text && `«${statusReason.text}»`}
    </InlineMessage>
  )
}

/** Where that stands which is handed over: another Task, or the whole plan of the patient. */
function HandedOver({ task }: { task: StoredTask }) {
  const text = useTexts(TASK_TEXTS)
  const [type, id] = handoverIn(task)?.focus.split('/') ?? []
  const isTask = type === 'Task'
  return (
    <Go to={isTask ? `task/${id}` : `patient/${patientIdOf(task)}?tab=limits`} className="open-patient">
      {text(isTask ? 'openHandedTask' : 'openHandedPlan')} <ArrowRightIcon aria-hidden />
    </Go>
  )
}

type AnsweringProps = { task: StoredTask; isMine: boolean; yesNeedsReason: boolean; onAnswered: () => void }

function Answering({ task, isMine, yesNeedsReason: mustSayWhy, onAnswered }: AnsweringProps) {
  const text = useTexts(TASK_TEXTS)
  const fhir = useFhir()
  const [reason, setReason] = useState('')
  /** Which answer is given with a reason. */
  const [answering, setAnswering] = useState<'accepted' | 'rejected'>()
  const [isAsked, setIsAsked] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<Error>()
  const answer = async (changes: Partial<Task>) => {
    setIsBusy(true)
    setFailure(undefined)
    try {
      await fhir.update({ ...task, ...changes } as StoredTask)
    } catch (error) {
      setFailure(toError(error))
      // What the plan wants to know may have been answered, or asked, since it was read.
      if (changes.status === 'accepted' && asksForReason(error)) setAnswering('accepted')
    }
    setIsBusy(false)
    onAnswered()
  }
  const withReason = (status: 'accepted' | 'rejected') => {
    if (answering !== status) {
      setIsAsked(false)
      return setAnswering(status)
    }
    setIsAsked(true)
    if (reason.trim() !== '') void answer({ status, statusReason: { text: reason.trim() } })
  }
  const isConflict = failure instanceof Refused && failure.isConflict
  return (
    <>
      {answering && (
        <Textarea
          size="small"
          label={text(answering === 'accepted' ? 'yesNeedsReason' : 'reason')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          error={isAsked && reason.trim() === '' ? text('reasonMissing') : undefined}
        />
      )}
      {failure && (isConflict ? <p role="alert">{text('answeredMeanwhile')}</p> : <FailureNote failure={failure} />)}
      <div className="buttons">
        {isMine ? (
          <Button
            size="small"
            variant="secondary"
            loading={isBusy}
            onClick={() => void answer({ status: 'cancelled' })}
          >
            {text('withdraw')}
          </Button>
        ) : (
          <>
            <Button
              size="small"
              loading={isBusy}
              onClick={() =>
                mustSayWhy || answering === 'accepted' ? withReason('accepted') : void answer({ status: 'accepted' })
              }
            >
              {text(handoverIn(task) ? 'accept' : 'acceptFollow')}
            </Button>
            <Button size="small" variant="secondary" disabled={isBusy} onClick={() => withReason('rejected')}>
              {text('reject')}
            </Button>
          </>
        )}
      </div>
    </>
  )
}

const asksForReason = (error: unknown): boolean =>
  error instanceof Refused && error.issues.some(({ expression }) => expression?.includes('Task.statusReason'))
