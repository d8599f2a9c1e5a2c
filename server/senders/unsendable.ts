import { type SendingReason, tellSendingReason } from '../core/decide/words/sending-reason.ts'
import { type IssueCode, Refusal } from '../core/fhir/outcome.ts'

/** Something that can never be sent as it is, by a code that people are told in their language. */
export class Unsendable extends Refusal {
  readonly reason: SendingReason
  /** @param diagnostics where they say more than the reason does */
  constructor(
    { code, expression, diagnostics }: { code: IssueCode; expression: string; diagnostics?: string },
    reason: SendingReason,
  ) {
    const told = diagnostics ?? tellSendingReason(reason).en
    super([{ severity: 'error', code, diagnostics: told, expression: [expression] }])
    this.reason = reason
  }
}

/** Why a Refusal stands in the way of a message. */
export function reasonOfRefusal(refusal: Refusal): SendingReason {
  if (refusal instanceof Unsendable) return refusal.reason
  const told = refusal.issues.map(({ diagnostics, expression = [] }) => [diagnostics, ...expression].join(' '))
  return { code: 'other', values: { said: told.join('; ') } }
}
