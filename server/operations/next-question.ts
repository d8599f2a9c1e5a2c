import type { PlanDefinition, Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes'
import { adaptiveBy, askedSoFar, NEXT_QUESTION_PLAN, standingOf } from '../adaptive/adaptive-form.ts'
import { chooseByPlan } from '../adaptive/choose-by-plan.ts'
import { type Asking, inOrder, nextQuestion } from '../adaptive/next-question.ts'
import { compilePlan } from '../core/decide/plan/compile-plan.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { groundOf } from '../cql/cql-basis.ts'
import type { Exchange, Handler, Rooms } from '../exchange.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import { readCql } from './cql-ground.ts'
import { DefinitionReader, inputsOf } from './definition-reader.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'

const ask: Handler = async (exchange, rooms) => {
  const response = readGiven(exchange, nextQuestionOperation).resource(
    'questionnaire-response',
    'QuestionnaireResponse',
  )
  const given = wellFormed(response as Resource, rooms)
  if (given.status !== 'in-progress') {
    throw refuse(
      'business-rule',
      `A response that is ${given.status} is asked nothing more.`,
      'QuestionnaireResponse.status',
    )
  }
  const reader = new DefinitionReader(exchange, rooms)
  const form = await readForm(reader, standingOf(given).form)
  const reference = given.subject?.reference
  const subject = reference ? await reader.read(reference, 'QuestionnaireResponse.subject') : undefined
  const asking = { form, response: given, subject, now: rooms.now() }
  const next = await settle(asking, { exchange, rooms, reader })
  mustAnswer(next, form, rooms)
  return { status: 200, text: JSON.stringify(next) }
}

/**
 * Questionnaire/$next-question of HL7's Structured Data Capture: a form whose questions come one after the other, each by the answers
 * before it. Stores nothing; the completed response is stored as any other.
 * @throws Refusal required (no form, a question that must be answered), not-found, business-rule (a form that is not adaptive, a response
 *   that is over), not-supported (a form that another server asks), processing (an expression that gives no answer), and what is
 *   wrong with the answers
 * @see https://hl7.org/fhir/uv/sdc/OperationDefinition-Questionnaire-next-question.html
 */
export const nextQuestionOperation: Operation = {
  code: 'next-question',
  title: 'The next question of an adaptive form',
  description:
    'Takes the answers so far and gives them back with the next question, in the Questionnaire that they contain; or completed, when nothing more is asked.',
  resource: ['Questionnaire'],
  on: ['type'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [
    {
      ...{ name: 'questionnaire-response', type: 'QuestionnaireResponse', min: 1, max: '1' },
      documentation:
        'The answers so far. The first time it names the adaptive form as questionnaire; later it is what this operation has answered, with an answer more.',
    },
  ],
  out: [
    {
      ...{ name: 'return', type: 'QuestionnaireResponse', min: 1, max: '1' },
      documentation: 'The same with the next question in its contained Questionnaire; or completed.',
    },
  ],
  takesAnything: true,
  handler: ask,
}

async function readForm(reader: DefinitionReader, canonical: string | undefined): Promise<Questionnaire> {
  const at = 'QuestionnaireResponse.questionnaire'
  if (!canonical) throw refuse('required', 'The response names the adaptive form that it answers.', at)
  const found = await reader.findDefinition(canonical, ['Questionnaire'], false)
  if (!found) throw refuse('not-found', `No Questionnaire ${canonical} is known here.`, at)
  const form = found as unknown as Questionnaire
  const by = adaptiveBy(form)
  if (by === undefined) throw refuse('business-rule', `${canonical} is not adaptive: all of it is asked at once.`, at)
  if (typeof by === 'string') throw refuse('not-supported', `${canonical} is asked by ${by}.`, at)
  return form
}

/** What was answered before may be closed by another answer now, so only its form is looked at yet. @throws Refusal */
function wellFormed(body: Resource, { validate }: Rooms): QuestionnaireResponse {
  const given = body as unknown as QuestionnaireResponse
  const { contained, questionnaire: _form, ...rest } = given
  validate(rest, 'QuestionnaireResponse')
  if (contained !== undefined && !Array.isArray(contained)) {
    throw refuse('structure', 'contained must be an array.', 'QuestionnaireResponse.contained')
  }
  const asked = askedSoFar(given)
  if (asked) validate(asked, 'Questionnaire')
  return given
}

type Call = { exchange: Exchange; rooms: Rooms; reader: DefinitionReader }

/** By the form's own order and conditions, or by the plan that it names. */
async function settle(
  asking: Omit<Asking, 'choose' | 'evaluate'>,
  { exchange, rooms, reader }: Call,
): Promise<QuestionnaireResponse> {
  const { form, subject } = asking
  const canonical = form.extension?.find(({ url }) => url === NEXT_QUESTION_PLAN)?.valueCanonical
  if (!canonical) {
    return rooms.expressions.settle((evaluate) => nextQuestion({ ...asking, choose: inOrder, evaluate }))
  }
  const found = await reader.findDefinition(canonical, ['PlanDefinition'], false)
  if (!found)
    throw refuse('not-found', `The plan ${canonical}, by which the form asks, is not here.`, 'Questionnaire.extension')
  const plan = compilePlan(found as Resource & PlanDefinition, () => undefined)
  const basis = await readCql(exchange, rooms, [found])
  const wanted = [...inputsOf([found]), ...(basis?.requirements ?? [])]
  const history = subject ? await reader.readData(wanted, subject) : []
  const ground = basis && subject ? groundOf(basis, subject, history) : undefined
  return rooms.expressions.settle((evaluate) => {
    const choose = chooseByPlan({ ...asking, evaluate, plan, history })
    return nextQuestion({ ...asking, choose, evaluate })
  }, ground)
}

/** The answers are held against the form itself, and not against what the sender says that was asked. @throws Refusal */
function mustAnswer(next: QuestionnaireResponse, form: Questionnaire, { validate }: Rooms): void {
  validate(next, 'QuestionnaireResponse')
  const asked = askedSoFar(next)
  const contained = (next.contained ?? []).filter((one) => one !== asked)
  const { contained: _all, ...rest } = next
  validate(
    // A text that nobody was shown need not be answered: what was asked last decides whether all is there.
    {
      ...rest,
      ...(contained.length > 0 ? { contained } : {}),
      questionnaire: canonicalOf(form),
      status: 'in-progress',
    },
    'QuestionnaireResponse',
  )
}
