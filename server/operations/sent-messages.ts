import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { isSystem, permitsAct } from '../access/reach.ts'
import { SENDING_REASON_CODES, tellSendingReason } from '../core/decide/words/sending-reason.ts'
import { toldAs } from '../core/decide/words/told.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { SentMessage } from '../exchange.ts'
import { readGiven } from './given-parameters.ts'
import { type Operation, part, parts } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const STATES = ['queued', 'sent', 'failed', 'accepted', 'journaled', 'withheld', 'dead']
const COUNT = { standard: 50, most: 1000 }

/** $sent-messages: what was sent to national services, and what became of it; nothing of what it says. @throws Refusal forbidden, value */
export const sentMessages: Operation = {
  code: 'sent-messages',
  title: 'What was sent to national services',
  description:
    'For an administrator: how many messages there are of each state, and the newest of them with what caused them, when they were received and journaled, and why they were not.',
  resource: ['Resource'],
  on: ['system'],
  letter: 'r',
  isOwn: true,
  in: [
    part('state', 'code', `Only these: ${STATES.join(', ')}.`),
    part('receiver', 'code', 'Only those to this receiver: jft, pmd, mhd.'),
    part('count', 'integer', `How many; ${COUNT.standard} where it is not said, ${COUNT.most} at most.`),
    part('before', 'string', 'The page after: what `next` of the page before said.'),
  ],
  out: [
    parts('total', '*', 'One for each receiver, organisation and state.', [
      part('receiver', 'code', 'The receiver.'),
      part('organization', 'string', 'Organisation number.'),
      part('state', 'code', 'The state.'),
      part('count', 'integer', 'How many.'),
    ]),
    parts('message', '*', 'The newest first.', [
      part('id', 'id', 'The same in every attempt.'),
      part('receiver', 'code', 'To whom.'),
      part('organization', 'string', 'To whose journal.'),
      part('cause', 'Reference', 'The version that caused it.'),
      part('state', 'code', 'What has become of it.'),
      part('attempts', 'integer', 'How often it was tried.'),
      part('caused', 'instant', 'When it was caused.'),
      part('accepted', 'instant', 'When it was received.'),
      part('journaled', 'instant', 'When it was found to be in the journal.'),
      part('next', 'instant', 'When something is done with it next.'),
      part('location', 'string', 'What the receiver calls it.'),
      part('reason-code', 'code', `Why it was withheld, or not taken: ${SENDING_REASON_CODES.join(', ')}.`),
      part('reason', 'string', 'The same in words: bokmål, with its translations beside it.'),
    ]),
    part('next', 'string', 'There are more: `before` of the next page.'),
  ],
  async handler(exchange, { sentMessages: sent }) {
    mustSee(exchange.access)
    const given = readGiven(exchange, sentMessages)
    const [state, receiver, before] = [given.text('state'), given.text('receiver'), given.text('before')]
    if (state !== undefined && !STATES.includes(state)) {
      throw refuse('value', `state must be one of ${STATES.join(', ')}.`, 'state')
    }
    if (before !== undefined && !/^\d{1,18}$/.test(before)) {
      throw refuse('value', 'before must be what next of the page before said.', 'before')
    }
    const countMax = Math.min(COUNT.most, given.count('count') ?? COUNT.standard)
    const page = await sent.list({
      ...(state ? { state } : {}),
      ...(receiver ? { receiver } : {}),
      ...(before ? { before } : {}),
      countMax,
    })
    const totals = await sent.count()
    return parametersReply([
      ...totals.map(
        (total): ParametersParameter => ({
          name: 'total',
          part: [
            { name: 'receiver', valueCode: total.receiver },
            { name: 'organization', valueString: total.organization },
            { name: 'state', valueCode: total.state },
            { name: 'count', valueInteger: total.count },
          ],
        }),
      ),
      ...page.messages.map((message) => ({ name: 'message', part: told(message) })),
      ...(page.next ? [{ name: 'next', valueString: page.next }] : []),
    ])
  },
}

/** An administrator, or a system whose scopes reach every Task. @throws Refusal forbidden */
function mustSee(access: Access): void {
  const isTrusted =
    isSystem(access) && access.scopes.some(({ level, type }) => level === 'system' && (type === '*' || type === 'Task'))
  if (!isTrusted && !permitsAct(access, 'see-sent-messages'))
    throw refuse('forbidden', 'What was sent is shown to an administrator (access-role administrator).')
}

function told(message: SentMessage): ParametersParameter[] {
  const {
    id,
    receiver,
    organization,
    cause,
    state,
    attempts,
    causedAt,
    acceptedAt,
    journaledAt,
    nextAt,
    location,
    reason,
  } = message
  const moment = (name: string, at: string | undefined) => (at ? [{ name, valueInstant: at }] : [])
  return [
    { name: 'id', valueId: id },
    { name: 'receiver', valueCode: receiver },
    { name: 'organization', valueString: organization },
    { name: 'cause', valueReference: { reference: cause } },
    { name: 'state', valueCode: state },
    { name: 'attempts', valueInteger: attempts },
    ...[...moment('caused', causedAt), ...moment('accepted', acceptedAt), ...moment('journaled', journaledAt)],
    ...moment('next', nextAt),
    ...(location ? [{ name: 'location', valueString: location }] : []),
    ...(reason
      ? [
          { name: 'reason-code', valueCode: reason.code },
          { name: 'reason', ...toldAs('valueString', tellSendingReason(reason)) },
        ]
      : []),
  ]
}
