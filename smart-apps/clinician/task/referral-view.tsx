import { InlineMessage } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import type { ReferralGround } from './referral.ts'
import { TASK_TEXTS } from './texts.ts'
import { useOwnerName } from './use-owner-name.ts'

/** What was asked before a referral is answered, by whom it was answered, and what the answers speak for. */
export function ReferralView({ ground: { questions, proposed, reason } }: { ground: ReferralGround }) {
  const text = useTexts(TASK_TEXTS)
  if (questions.length === 0 && !proposed) return null
  return (
    <div className="referral-ground">
      <ul>
        {questions.map((question) => (
          <Question key={question.task.id} question={question} />
        ))}
      </ul>
      {proposed && (
        <InlineMessage size="small" status={proposed === 'accepted' ? 'success' : 'warning'}>
          {text(proposed === 'accepted' ? 'answersForIt' : 'answersAgainstIt')} {reason}
        </InlineMessage>
      )}
    </div>
  )
}

function Question({ question: { task, answeredAt } }: { question: ReferralGround['questions'][number] }) {
  const text = useTexts(TASK_TEXTS)
  const name = useOwnerName(task) ?? task.owner?.display ?? task.owner?.reference ?? '–'
  const due = task.restriction?.period?.end
  return (
    <li>
      {answeredAt ? (
        <>
          {text('hasAnswered', { name })} <Moment at={answeredAt} />
        </>
      ) : (
        <>
          {text('hasNotAnswered', { name })}
          {due && (
            <>
              {' · '}
              {text('answerBy')} <Moment at={new Date(due)} />
            </>
          )}
        </>
      )}
    </li>
  )
}
