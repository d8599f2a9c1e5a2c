import type { Duration } from '@medplum/fhirtypes'
import { after } from '../core/decide/time/duration.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** More at once would only be waited for. */
const DAYS_MAX = 31

/** An operation of a demo alone: days pass at once, timer by timer. */
export const advanceClock: Operation = {
  code: 'advance-clock',
  title: 'Advance clock',
  description:
    'Lets time pass in a demo: the clock of the process engine goes from timer to timer until the moment asked for, and everything happens in its order. Only a system client may do it; there is no way back.',
  resource: ['Resource'],
  on: ['system'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  isDemoOnly: true,
  in: [
    { name: 'by', type: 'Duration', min: 0, max: '1', documentation: `How far, at most ${DAYS_MAX} days.` },
    { name: 'to', type: 'dateTime', min: 0, max: '1', documentation: 'Until when, instead of `by`.' },
  ],
  out: [
    { name: 'now', type: 'instant', min: 1, max: '1', documentation: 'What time it is now.' },
    {
      name: 'complete',
      type: 'boolean',
      min: 1,
      max: '1',
      documentation: 'False when the call would have taken too long: the next one goes on.',
    },
  ],
  handler,
}

/** @throws Refusal forbidden, required, value, timeout */
async function handler({ access, query, body }: Exchange, { passTime, now }: Rooms): Promise<Reply> {
  const isSystem = access.scopes.some(
    ({ level, type, letters }) => level === 'system' && type === '*' && letters.includes('u'),
  )
  if (!isSystem) throw refuse('forbidden', 'Only a system client may let time pass; expected the scope system/*.u')
  if (!passTime) throw refuse('not-supported', 'There is no clock to advance outside of a demo')
  const given = readGiven({ query, body }, advanceClock)
  const passed = await passTime(until({ by: given.duration('by'), to: given.text('to') }, now()))
  return parametersReply([
    { name: 'now', valueInstant: passed.now.toISOString() },
    { name: 'complete', valueBoolean: passed.isThere },
  ])
}

function until({ by, to }: { by: Duration | undefined; to: string | undefined }, now: Date): Date {
  if ((by === undefined) === (to === undefined)) throw refuse('required', 'Expected either `by` or `to`', 'by', 'to')
  const name = by ? 'by' : 'to'
  const far = (by ? momentAfter(now, by) : Date.parse(String(to))) - now.getTime()
  if (!(far >= 0 && far <= DAYS_MAX * 86_400_000)) {
    throw refuse('value', `Expected from now until at most ${DAYS_MAX} days on; a clock does not go back`, name)
  }
  return new Date(now.getTime() + far)
}

function momentAfter(now: Date, by: Duration): number {
  try {
    return after(now.getTime(), by)
  } catch {
    throw refuse('value', 'Expected a Duration in s, min, h, d, wk or mo, with its value', 'by')
  }
}
