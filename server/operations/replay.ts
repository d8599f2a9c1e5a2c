import type { ParametersParameter, Task } from '@medplum/fhirtypes'
import type { Decided } from '../core/decide/decision-record.ts'
import { engineWorkOf } from '../core/decide/engine-cause/engine-work.ts'
import { PHRASES } from '../core/decide/words/explanation-words.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Handler, Rooms } from '../exchange.ts'
import { coreStamp } from '../plans/core-stamp.ts'
import { replay as replayDecision } from '../plans/replay.ts'
import { groundForDecision } from './cql-ground.ts'
import { inputReader, mayReadKept } from './decided-inputs.ts'
import { DECIDED_ABOUT, decisionsOf, periodAsked, WHICH } from './decisions-of.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { mayBePruned } from './pruned-decisions.ts'

/** How many decisions of a patient are made again in one call. */
const COUNT_MAX = 200

const OUT: Parameter[] = [
  {
    name: 'equal',
    type: 'boolean',
    min: 1,
    max: '1',
    documentation: 'Every decision came out the same, byte by byte.',
  },
  {
    name: 'pruned',
    type: 'boolean',
    min: 0,
    max: '1',
    documentation: 'The records of older decisions about it were deleted; these are what is left.',
  },
  {
    name: 'decision',
    min: 0,
    max: '*',
    documentation: 'One decision, made again.',
    part: [
      { name: 'id', type: 'string', min: 1, max: '1', documentation: 'Its number.' },
      { name: 'at', type: 'instant', min: 1, max: '1', documentation: 'When it was made.' },
      { name: 'happening', type: 'string', min: 1, max: '1', documentation: 'What it was about.' },
      { name: 'plan', type: 'canonical', min: 1, max: '1', documentation: 'By which plan.' },
      { name: 'equal', type: 'boolean', min: 1, max: '1', documentation: 'It came out the same.' },
      { name: 'recorded', type: 'string', min: 0, max: '1', documentation: 'SHA-256 of what was decided then.' },
      { name: 'replayed', type: 'string', min: 0, max: '1', documentation: 'SHA-256 of what is decided now.' },
      { name: 'sameCore', type: 'boolean', min: 0, max: '1', documentation: 'The deciding code is the same as then.' },
      { name: 'problem', type: 'string', min: 0, max: '1', documentation: 'Why it cannot be made again.' },
    ],
  },
]

const handler =
  (operation: () => Operation): Handler =>
  async (exchange, rooms) => {
    const given = readGiven(exchange, operation())
    const asked = await decisionsOf(exchange, rooms, given, COUNT_MAX)
    const { decisions } = asked
    const isCut = await mayBePruned(rooms, asked, periodAsked(given.text('at'), rooms.now()).from)
    if (isCut && decisions.length === 0 && !isEnginesOwn(asked.resource))
      throw refuse('deleted', PHRASES.en.nothing.pruned)
    if (decisions.length === 0) throw nothingRecorded(exchange)
    const replayed: { equal: boolean; parameter: ParametersParameter }[] = []
    for (const decision of decisions) replayed.push(await replayOne(exchange, rooms, decision))
    return parametersReply([
      { name: 'equal', valueBoolean: replayed.every(({ equal }) => equal) },
      ...(isCut ? [{ name: 'pruned', valueBoolean: true }] : []),
      ...replayed.map(({ parameter }) => parameter),
    ])
  }

/** What no rule has made had no record that could be gone. */
const isEnginesOwn = (resource: Resource) =>
  resource.resourceType === 'Task' && engineWorkOf(resource as unknown as Task) !== undefined

/** Nothing to compare is not the same as everything being equal. */
const nothingRecorded = ({ type, id }: Exchange) =>
  refuse(
    'business-rule',
    `There is no recorded decision of a plan's rule about ${type}/${id} to replay; $explain tells why.`,
    type,
  )

async function replayOne(exchange: Exchange, rooms: Rooms, decision: Decided) {
  const { access } = exchange
  const { inputs, digest, core } = decision
  if (inputs) await mayReadKept(rooms, access, inputs)
  const groundFor = groundForDecision(exchange, rooms)
  const { settle } = rooms.expressions
  const again = inputs && (await replayDecision(inputs, inputReader(rooms, access), settle, groundFor))
  const now = again?.outcome === 'decided' ? again.digest : undefined
  const equal = now !== undefined && now === digest
  const problem =
    again === undefined
      ? 'What it rested on was not kept at that time.'
      : again.outcome === 'failed'
        ? again.problem
        : undefined
  const parameter: ParametersParameter = {
    name: 'decision',
    part: [
      { name: 'id', valueString: decision.id },
      { name: 'at', valueInstant: decision.decided_at },
      { name: 'happening', valueString: decision.happening },
      { name: 'plan', valueCanonical: decision.plan },
      { name: 'equal', valueBoolean: equal },
      ...(digest === undefined ? [] : [{ name: 'recorded', valueString: digest }]),
      ...(now === undefined ? [] : [{ name: 'replayed', valueString: now }]),
      ...(core === undefined ? [] : [{ name: 'sameCore', valueBoolean: core === coreStamp() }]),
      ...(problem === undefined ? [] : [{ name: 'problem', valueString: problem }]),
    ],
  }
  return { equal, parameter }
}

/**
 * Makes decisions of the plan engine again from what they looked at, by version, and says whether they come out the same.
 * @throws Refusal not-found, deleted (the records are kept for a time, and are gone), business-rule (nothing was recorded), forbidden
 *   (what a decision rested on may not be read)
 * @see docs/plans.md
 */
export const replay: Operation = {
  code: 'replay',
  title: 'Replay decisions',
  description: 'Makes the decisions about this resource again from the versions that they looked at. Writes nothing.',
  resource: DECIDED_ABOUT,
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: OUT,
  handler: handler(() => replay),
}

/** The same for a patient’s decisions of one day. */
export const replayPatient: Operation = {
  ...replay,
  description:
    'Makes the decisions about this patient on one day again from the versions that they looked at. Writes nothing.',
  resource: ['Patient'],
  in: WHICH,
  handler: handler(() => replayPatient),
}
