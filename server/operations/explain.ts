import type { ParametersParameter, Task } from '@medplum/fhirtypes'
import type { Decided } from '../core/decide/decision-record.ts'
import type { Planned } from '../core/decide/planned-change/planned-change.ts'
import { explain as explainDecision } from '../core/decide/words/explanation.ts'
import { type NoDecision, PHRASES } from '../core/decide/words/explanation-words.ts'
import { chooseLanguage, LANGUAGES, type Language, spokenAs } from '../core/decide/words/language.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Handler, Rooms } from '../exchange.ts'
import { replay } from '../plans/replay.ts'
import { groundForDecision } from './cql-ground.ts'
import { inputReader, mayReadKept } from './decided-inputs.ts'
import { type Asked, DECIDED_ABOUT, decisionsOf, periodAsked, WHICH } from './decisions-of.ts'
import { CAUSE, engineCauseOf } from './engine-cause.ts'
import { decisionParameter } from './explanation-parameters.ts'
import { type Given, readGiven } from './given-parameters.ts'
import { whyNothing } from './no-decision.ts'
import { type Operation, type Parameter, part, parts } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { PLANNED_CHANGE, plannedParameters, plannedTexts, plannedThen } from './planned-then.ts'
import { mayBePruned } from './pruned-decisions.ts'
import { parseTriedLimits } from './tried-limits.ts'

/** How many decisions are explained in one answer: the newest. */
const COUNT_MAX = 20

const IN: Parameter[] = [
  { name: 'language', type: 'code', min: 0, max: '1', documentation: 'nb, nn or en; Accept-Language when left out.' },
  {
    name: 'limit',
    type: 'string',
    min: 0,
    max: '*',
    documentation:
      'A limit to try instead, such as http://loinc.org|59408-5$red$lt90: what would have been decided by it.',
  },
]

const LIMIT = parts('limit', '*', 'A limit beside what was measured.', [
  part('code', 'Coding', 'What is measured.', '*'),
  part('measure', 'string', 'Its short name.'),
  part('zone', 'code', 'red, yellow or plausible.'),
  part('side', 'code', 'low or high.'),
  part('comparator', 'string', 'How the value is compared with the limit.'),
  part('value', 'Quantity', 'The limit.'),
  part('valueMax', 'Quantity', 'The upper end of what is plausible.'),
  part(
    'relative',
    'boolean',
    'The difference from the usual value is compared; in percent of it where observed has another unit than value.',
  ),
  part('source', 'code', 'patient or plan.'),
  part('observed', 'Quantity', 'What was measured.'),
  part('baseline', 'Quantity', 'The usual value.'),
  part('hit', 'boolean', 'The value lies in the zone.'),
])

const CONDITION = parts('condition', '*', 'A condition of the rule.', [
  part('expression', 'string', 'As the plan writes it.'),
  part('outcome', 'code', 'true, false or unevaluable.'),
  part('problem', 'string', 'Why it could not be evaluated.'),
  part('text', 'string', 'In plain language.'),
  parts('seen', '*', 'A variable that the expression names, and what it held.', [
    part('variable', 'string', 'Its name.'),
    part('value', 'Element', 'A reference with its version, or a value.', '*'),
    LIMIT,
  ]),
])

const OUT: Parameter[] = [
  { name: 'text', type: 'string', min: 1, max: '1', documentation: 'All of it in plain language.' },
  { name: 'language', type: 'code', min: 1, max: '1', documentation: 'The language that it is in.' },
  part(
    'reason',
    'code',
    'Why nothing was decided: not-followed, on-hold, not-assessable, not-listened-to, waiting …; pruned: the records of older decisions about it were deleted.',
  ),
  CAUSE,
  parts('decision', '*', 'Each decision, oldest first.', [
    part('id', 'string', 'Its number.'),
    part('at', 'instant', 'When it was made: what now() was.'),
    part('plan', 'canonical', 'The plan, with its version.'),
    part('planVersion', 'Reference', 'The PlanDefinition, by version.'),
    part('happening', 'string', 'What came, by version, or which clock rang.'),
    part('text', 'string', 'This decision in plain language.'),
    part('reproduced', 'boolean', 'It comes out the same today from the same versions.'),
    parts('act', '*', 'What was done with a Task.', [
      part('code', 'code', 'made, joined, withdrawn or noted.'),
      part('task', 'Reference', 'The Task.'),
      part('text', 'string', 'In plain language.'),
    ]),
    part('triage', 'Reference', 'The ClinicalImpression that says the colour.'),
    parts('rule', '*', 'A rule that was woken.', [
      part('id', 'string', 'id of the action in the plan.'),
      part('title', 'string', 'Its title, translated.'),
      part('colour', 'code', 'red, yellow, grey or green.'),
      part('isGroup', 'boolean', 'It only holds other rules together.'),
      part('outcome', 'code', 'applicable, not-applicable or unevaluable.'),
      part('text', 'string', 'In plain language.'),
      part('source', 'RelatedArtifact', 'What it rests on; the label P is a proposal of the plan’s author.', '*'),
      CONDITION,
    ]),
    parts('whatIf', '*', 'The limit beyond which a rule would have come out otherwise.', [
      part('rule', 'string', 'id of the action in the plan.'),
      LIMIT,
      part('threshold', 'Quantity', 'Beyond this value of the limit.'),
      part('direction', 'string', 'On this side of it: <, <=, > or >=.'),
      part('wouldApply', 'boolean', 'Whether the rule would then have applied.'),
      part('text', 'string', 'In plain language.'),
    ]),
    parts('tried', '1', 'What the limits that were given would have led to.', [
      part('rule', 'string', 'A rule that would have applied.', '*'),
      part('taskCount', 'integer', 'How many new Tasks there would have been.'),
      part('text', 'string', 'In plain language.'),
    ]),
    part('input', 'Reference', 'Everything that was looked at, by version.', '*'),
    PLANNED_CHANGE,
  ]),
  PLANNED_CHANGE,
]

/** What says no more than that there is no record. */
const UNKNOWN: ReadonlySet<NoDecision> = new Set(['not-listened-to', 'not-by-rule', 'nothing-came'])

const handler =
  (operation: () => Operation): Handler =>
  async (exchange, rooms) => {
    const given = readGiven(exchange, operation())
    const language = languageAsked(given, exchange)
    const asked = await decisionsOf(exchange, rooms, given, COUNT_MAX)
    const { from, to } = periodAsked(given.text('at'), rooms.now())
    const isCut = await mayBePruned(rooms, asked, from)
    if (asked.decisions.length === 0) {
      const cause = await causeOf(exchange, rooms, asked, language)
      if (cause) {
        const { text, parameter, planned } = cause
        return parametersReply([
          { name: 'text', valueString: [text, ...plannedTexts(planned, language)].join('\n') },
          { name: 'language', valueCode: language },
          parameter,
          ...plannedParameters(planned, language),
        ])
      }
      const now = rooms.now().toISOString()
      const { reason, planned } = await whyNothing(exchange, rooms, asked, to < now ? to : now)
      if (isCut && UNKNOWN.has(reason)) throw refuse('deleted', PHRASES[language].nothing.pruned)
      return parametersReply([
        {
          name: 'text',
          valueString: [PHRASES[language].nothing[reason], ...plannedTexts(planned, language)].join('\n'),
        },
        { name: 'language', valueCode: language },
        { name: 'reason', valueCode: reason },
        ...plannedParameters(planned, language),
      ])
    }
    const explained: { text: string; parameter?: ParametersParameter }[] = []
    for (const decision of asked.decisions) {
      explained.push(await explainOne(exchange, rooms, { decision, language, limits: given.texts('limit') }))
    }
    return parametersReply([
      {
        name: 'text',
        valueString: [...(isCut ? [PHRASES[language].nothing.pruned] : []), ...explained.map(({ text }) => text)].join(
          '\n\n',
        ),
      },
      { name: 'language', valueCode: language },
      ...(isCut ? [{ name: 'reason', valueCode: 'pruned' }] : []),
      ...explained.flatMap(({ parameter }) => parameter ?? []),
    ])
  }

/** A Task that no rule has made may be the engine's own work. */
const causeOf = async (exchange: Exchange, rooms: Rooms, { resource }: Asked, language: Language) =>
  resource.resourceType === 'Task' ? engineCauseOf(exchange, rooms, resource as unknown as Task, language) : undefined

/** Whoever names one language wants that one; the header is a wish. @throws Refusal value */
function languageAsked(given: Given, { headers }: Exchange): Language {
  const asked = given.text('language')
  if (asked === undefined) return chooseLanguage(headers.acceptLanguage)
  const spoken = spokenAs(asked)
  if (!spoken) throw refuse('value', `language must be one of ${LANGUAGES.join(', ')}, not ${asked}.`, 'language')
  return spoken
}

type ToExplain = { decision: Decided; language: Language; limits: string[] }

async function explainOne(exchange: Exchange, rooms: Rooms, { decision, language, limits }: ToExplain) {
  const { access } = exchange
  const groundFor = groundForDecision(exchange, rooms)
  const { inputs, digest } = decision
  const { settle } = rooms.expressions
  const notKept = { text: PHRASES[language].nothing['not-kept'] }
  if (!inputs) return notKept
  await mayReadKept(rooms, access, inputs)
  const again = await replay(inputs, inputReader(rooms, access), settle, groundFor)
  if (again.outcome === 'failed') return notKept
  const { facts, decisions } = again
  const { happening } = facts
  const current = happening.kind === 'data' || happening.kind === 'limits' ? happening.current : undefined
  const { unit, code } = (current?.valueQuantity ?? {}) as { unit?: string; code?: string }
  const tried = parseTriedLimits(limits, code ?? unit ?? '')
  const explanation = await settle(
    (evaluate) => explainDecision({ ...facts, evaluate }, decisions, language, tried),
    await groundFor(facts),
  )
  const isRequest = (one: Resource) => one.resourceType === 'ServiceRequest'
  const looked = [facts.carePlan, ...(facts.requests ?? []).filter(isRequest)] as unknown as Planned[]
  const planned = await plannedThen(rooms, looked, facts.now)
  const parameter = decisionParameter(decision, inputs, {
    ...{ explanation, decisions, planned: plannedParameters(planned, language) },
    isReproduced: again.digest === digest,
  })
  return { text: [explanation.text, ...plannedTexts(planned, language)].join('\n'), parameter }
}

/**
 * Why a Task was made, joined or taken back; or why nothing came of a measurement or an answer: the rule and its version, each
 * condition with the values that it saw, in plain language and as data, and which limit would have turned it over. Worked out by
 * making the decision again from the versions that it looked at.
 * @throws Refusal not-found; deleted (the records are kept for a time, and are gone); forbidden (what it rested on may not be read); value (limit)
 * @see docs/plans.md
 */
export const explain: Operation = {
  code: 'explain',
  title: 'Explain decisions',
  description:
    'Why a Task was made, or none: rules, conditions with what they saw, and what other limits would have led to.',
  resource: DECIDED_ABOUT,
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: IN,
  out: OUT,
  handler: handler(() => explain),
}

/** The same for a patient and a day: “why was there no alert on Tuesday?” */
export const explainPatient: Operation = {
  ...explain,
  description: 'What was decided about this patient on one day, and why; or why nothing was.',
  resource: ['Patient'],
  in: [...WHICH, ...IN],
  handler: handler(() => explainPatient),
}
