import type { Questionnaire, QuestionnaireResponse, QuestionnaireResponseItem } from '@medplum/fhirtypes'
import type { IssueCode } from '../../core/fhir/outcome.ts'
import {
  extensionValue,
  type Question,
  type QuestionTree,
  questionTree,
  typedValue,
} from '../../core/forms/question.ts'
import type { Around } from '../../core/forms/work-out.ts'
import { isCalculated } from '../../core/forms/work-out.ts'
import { quote, type Walk } from '../walk.ts'
import { type CodesOf, codesWithin, isExclusive, optionProblem } from './answer-options.ts'
import { valueProblems } from './answer-rules.ts'
import { withCalculatedAnswers } from './calculated-answers.ts'
import { isEnabled } from './enable-when.ts'

/**
 * Checks a response by its Questionnaire: that each item is asked there and then, at that place and in that order, as often as
 * allowed, with answers of the type and within the bounds that the question has; once it is completed, that nothing is missing, and that
 * what is worked out from other answers is what comes of them. What is worked out may be missing: it is put in when it is stored.
 * @param walk stands at the response
 * @see https://hl7.org/fhir/R4/questionnaireresponse.html#link
 */
export function checkResponse(
  questionnaire: Questionnaire,
  response: QuestionnaireResponse,
  walk: Walk,
  codesOf: CodesOf,
): void {
  const { status, item: items = [] } = response
  // What was wrong remains as it was.
  if (status === 'entered-in-error') return
  const tree = questionTree(questionnaire)
  const checking: Checking = {
    ...{ walk, tree, codesOf: codesWithin(questionnaire, codesOf) },
    isComplete: status === 'completed' || status === 'amended',
  }
  checkItems(tree.children, items, [items], checking)
  if (walk.errorCount > 0) return
  for (const { kind, place, problem } of withCalculatedAnswers(questionnaire, response).findings) {
    if (kind === 'wrong') report(checking, place, 'business-rule', problem)
    else report(checking, place, 'processing', problem, 'warning')
  }
}

type Checking = { walk: Walk; tree: QuestionTree; codesOf: CodesOf; isComplete: boolean }
type Item = QuestionnaireResponseItem

/** The items at one place: below the response, a group, or an answer. */
function checkItems(questions: Question[], items: Item[], around: Around, checking: Checking): void {
  const places = new Map(questions.map(({ item }, place) => [item.linkId, place]))
  let latest = 0
  items.forEach((item, i) => {
    const place = places.get(item.linkId)
    if (place === undefined) {
      report(checking, ['item', i], 'structure', strayProblem(item, questions, checking))
    } else if (place < latest) {
      report(
        checking,
        ['item', i],
        'structure',
        `${quote(item.linkId ?? '')} comes before ${quote(questions[latest]?.item.linkId ?? '')} in the Questionnaire.`,
      )
    } else latest = place
  })
  for (const question of questions) {
    const own = items.flatMap((item, i) => (item.linkId === question.item.linkId ? [{ item, i }] : []))
    checkQuestion(question, own, around, checking)
  }
}

type Placed = { item: Item; i: number }

function checkQuestion(question: Question, own: Placed[], around: Around, checking: Checking): void {
  const { item: asked } = question
  const enabled = isEnabled(asked, around)
  if (enabled === false) {
    for (const { item, i } of own)
      if (isFilled(item))
        report(
          checking,
          ['item', i],
          'business-rule',
          `${quote(asked.linkId ?? '')} is answered, and is not asked after the other answers.`,
        )
    return
  }
  if (enabled === true && checking.isComplete) checkCount(question, own, checking)
  const isRepeated = asked.type === 'group' && asked.repeats === true
  if (own.length > 1 && !isRepeated)
    report(
      checking,
      ['item', own[1]?.i ?? 0],
      'structure',
      `There can be one item ${quote(asked.linkId ?? '')} only${asked.repeats ? '; further answers stand in it' : ''}.`,
    )
  for (const { item, i } of own) {
    checking.walk.path.push('item', i)
    if (asked.type === 'group') checkGroup(question, item, around, checking)
    else checkAnswers(question, item, around, checking)
    checking.walk.path.length -= 2
  }
}

const isFilled = ({ answer, item }: Item): boolean => answer !== undefined || item !== undefined

/** How many answers there must be; of a group, how many times it must be there. */
function checkCount({ item: asked }: Question, own: Placed[], checking: Checking): void {
  if (asked.type === 'display' || isCalculated(asked)) return
  const count = asked.type === 'group' ? own.length : own.reduce((sum, { item }) => sum + (item.answer?.length ?? 0), 0)
  const minOccurs = extensionValue(asked, 'questionnaire-minOccurs')
  const min = Math.max(asked.required ? 1 : 0, asked.required && typeof minOccurs === 'number' ? minOccurs : 0)
  if (count >= min) return
  const place = own[0] ? ['item', own[0].i] : []
  report(
    checking,
    place,
    'required',
    `${quote(asked.linkId ?? '')} needs ${min === 1 ? 'an answer' : `${min} answers`}${count === 0 ? '' : `, and has ${count}`}.`,
  )
}

function checkGroup(question: Question, item: Item, around: Around, checking: Checking): void {
  if (item.answer) report(checking, ['answer'], 'structure', 'A group has items, and no answer of its own.')
  checkItems(question.children, item.item ?? [], [item.item ?? [], ...around], checking)
}

function checkAnswers(question: Question, item: Item, around: Around, checking: Checking): void {
  const { item: asked, children } = question
  const answers = item.answer ?? []
  if (item.item) report(checking, ['item'], 'structure', 'What is asked below a question stands in its answer.')
  if (UNANSWERED.has(asked.type ?? '')) {
    if (answers.length > 0) report(checking, ['answer'], 'structure', `An item of type ${asked.type} is not answered.`)
    return
  }
  const maxOccurs = extensionValue(asked, 'questionnaire-maxOccurs')
  const max = asked.repeats ? (typeof maxOccurs === 'number' ? maxOccurs : Number.POSITIVE_INFINITY) : 1
  if (answers.length > max)
    report(
      checking,
      ['answer', max],
      'structure',
      `${quote(asked.linkId ?? '')} takes ${max === 1 ? 'one answer' : `${max} answers`}, and has ${answers.length}.`,
    )
  answers.forEach((answer, i) => {
    checking.walk.path.push('answer', i)
    checkAnswer(question, answer, answers.length, checking)
    checkItems(children, answer.item ?? [], [answer.item ?? [], ...around], checking)
    checking.walk.path.length -= 2
  })
}

/** They only show something, or hold others together. */
const UNANSWERED = new Set(['display', 'question'])

type Answer = NonNullable<Item['answer']>[number]

function checkAnswer({ item: asked }: Question, answer: Answer, count: number, checking: Checking): void {
  const typed = typedValue(answer)
  if (!typed) return
  const { type, value } = typed
  const at = [`value.ofType(${COMPLEX.has(type) ? type : type.charAt(0).toLowerCase() + type.slice(1)})`]
  const types = typesOf(asked)
  if (!types.includes(type)) {
    const severity =
      asked.type === 'choice' && !asked.answerOption && !asked.answerValueSet && type === 'String' ? 'warning' : 'error'
    report(
      checking,
      at,
      'structure',
      `${quote(asked.linkId ?? '')} is answered by ${types.map((one) => `value${one}`).join(' or ')}, not by value${type}.`,
      severity,
    )
    return
  }
  const problem = optionProblem(asked, value, checking.codesOf)
  if (problem !== undefined) report(checking, at, 'code-invalid', problem)
  if (count > 1 && isExclusive(asked, value))
    report(checking, at, 'business-rule', 'This option stands alone, and there are other answers.')
  const given = { holder: answer, key: `value${type}`, codesOf: checking.codesOf }
  for (const one of valueProblems(asked, value, given)) report(checking, at, 'value', one)
  if (asked.type === 'string' && /[\r\n]/.test(String(value)))
    report(checking, at, 'value', 'The answer should be one line; text may be several.', 'warning')
}

/** Of the types that answers have; the names of all others begin with a small letter. */
const COMPLEX = new Set(['Attachment', 'Coding', 'Quantity', 'Reference'])

/** https://hl7.org/fhir/R4/valueset-item-type.html */
const TYPES: Record<string, string> = {
  ...{ boolean: 'Boolean', decimal: 'Decimal', integer: 'Integer', date: 'Date', dateTime: 'DateTime', time: 'Time' },
  ...{
    string: 'String',
    text: 'String',
    url: 'Uri',
    attachment: 'Attachment',
    reference: 'Reference',
    quantity: 'Quantity',
  },
}

function typesOf({ type, answerOption = [] }: Question['item']): string[] {
  const own = TYPES[type ?? '']
  if (own) return [own]
  const ofOptions = answerOption.flatMap((option) => typedValue(option)?.type ?? [])
  const chosen = ofOptions.length > 0 ? [...new Set(ofOptions)] : ['Coding']
  return type === 'open-choice' ? [...new Set([...chosen, 'String'])] : chosen
}

function strayProblem({ linkId = '' }: Item, questions: Question[], { tree }: Checking): string {
  const elsewhere = tree.byLinkId.get(linkId)
  if (!elsewhere) return `The Questionnaire has no item ${quote(linkId)}.`
  const around = elsewhere.path.at(-1)
  const expected = questions.map(({ item }) => quote(item.linkId ?? '')).join(', ')
  return `${quote(linkId)} stands ${around === undefined ? 'at the top' : `below ${quote(around)}`} in the Questionnaire; expected here: ${expected || 'nothing'}.`
}

function report(
  { walk }: Checking,
  place: (string | number)[],
  code: IssueCode,
  problem: string,
  severity: 'error' | 'warning' = 'error',
): void {
  walk.path.push(...place)
  walk.report(code, problem, undefined, severity)
  walk.path.length -= place.length
}
