import type {
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
} from '@medplum/fhirtypes'
import fc from 'fast-check'
import { evaluateHere } from '../core/decide/evaluator.ts'
import { compilePlan } from '../core/decide/plan/compile-plan.ts'
import { withCalculatedAnswers } from '../validation/questionnaire/calculated-answers.ts'
import { ADAPTIVE, askedSoFar, ENOUGH_WHEN } from './adaptive-form.ts'
import { chooseByPlan } from './choose-by-plan.ts'
import { inOrder, nextQuestion } from './next-question.ts'

const NOW = new Date('2026-11-10T12:00:00Z')
const EXPRESSION = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression'
const when = (question: string, answerBoolean = true) => ({
  enableWhen: [{ question, operator: '=' as const, answerBoolean }],
})
const yesNo = (linkId: string, more: object = {}): QuestionnaireItem => ({
  linkId,
  text: linkId,
  type: 'boolean',
  ...more,
})

/** Worse than usual? If so: breathless? fever? and if there is fever, how high; last how one sleeps. */
const BREATH: QuestionnaireItem[] = [
  { linkId: 'intro', type: 'display', text: 'Noen spørsmål' },
  yesNo('worse', { required: true }),
  {
    ...{ linkId: 'signs', type: 'group', ...when('worse') },
    item: [yesNo('breathless'), yesNo('fever', { item: [{ linkId: 'degrees', type: 'decimal', ...when('fever') }] })],
  },
  yesNo('sleeps'),
]
const formOf = (item: QuestionnaireItem[], more: Partial<Questionnaire> = {}): Questionnaire => ({
  ...{ resourceType: 'Questionnaire', url: 'http://example.org/Questionnaire/q', version: '1', status: 'active', item },
  extension: [{ url: ADAPTIVE, valueBoolean: true }, ...(more.extension ?? [])],
})
const FORM = formOf(BREATH)
const BEGUN: QuestionnaireResponse = {
  resourceType: 'QuestionnaireResponse',
  ...{ status: 'in-progress', questionnaire: 'http://example.org/Questionnaire/q' },
}
const ask = (response: QuestionnaireResponse, form = FORM, choose = inOrder) =>
  nextQuestion({ form, response, subject: undefined, choose, now: NOW, evaluate: evaluateHere })
const linkIdsIn = (items: QuestionnaireItem[] = []): string[] =>
  items.flatMap(({ linkId, type, item }) => [
    ...(type === 'group' || type === 'display' ? [] : [String(linkId)]),
    ...linkIdsIn(item),
  ])
const shownIn = (response: QuestionnaireResponse) => linkIdsIn(askedSoFar(response)?.item)
const yes = (linkId: string, valueBoolean = true): QuestionnaireResponseItem => ({ linkId, answer: [{ valueBoolean }] })
const answering = (response: QuestionnaireResponse, ...item: QuestionnaireResponseItem[]) => ask({ ...response, item })

test('a score is put to nobody, and stands in what was asked once all is answered, with the variables that it names', () => {
  const expression = { language: 'text/fhirpath', expression: '%count' } as const
  const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression'
  const COUNT = {
    url: 'http://hl7.org/fhir/StructureDefinition/variable',
    valueExpression: {
      name: 'count',
      language: 'text/fhirpath' as const,
      expression: "%resource.item.where(linkId = 'worse').count()",
    },
  }
  const score = {
    linkId: 'score',
    type: 'integer',
    required: true,
    extension: [{ url: SDC, valueExpression: expression }],
  }
  const scored = formOf([score as QuestionnaireItem, yesNo('worse')], { extension: [COUNT] })
  const first = ask(BEGUN, scored)
  expect([first.status, shownIn(first)]).toEqual(['in-progress', ['worse']])
  const done = ask({ ...first, item: [yes('worse')] }, scored)
  expect([done.status, shownIn(done)]).toEqual(['completed', ['score', 'worse']])
  expect(withCalculatedAnswers(askedSoFar(done) as Questionnaire, done).response.item?.[0]).toEqual({
    ...{ linkId: 'score', answer: [{ valueInteger: 1 }] },
  })
})

describe('an adaptive form by its own conditions', () => {
  test('begins with its first question, and the text before it', () => {
    const first = ask(BEGUN)
    expect(first).toMatchObject({ status: 'in-progress', questionnaire: '#asked', authored: NOW.toISOString() })
    const asked = askedSoFar(first)
    expect(asked).toMatchObject({ derivedFrom: ['http://example.org/Questionnaire/q|1'] })
    expect(asked?.item?.map(({ linkId }) => linkId)).toEqual(['intro', 'worse'])
  })

  test('asks on by what was answered, one question at a time, and is completed', () => {
    const worse = answering(ask(BEGUN), yes('worse'))
    expect(shownIn(worse)).toEqual(['worse', 'breathless'])
    const signs = (...item: QuestionnaireResponseItem[]) => ({ linkId: 'signs', item })
    const fever = answering(worse, yes('worse'), signs(yes('breathless')))
    expect(shownIn(fever)).toEqual(['worse', 'breathless', 'fever'])
    const degrees = answering(fever, yes('worse'), signs(yes('breathless'), yes('fever')))
    // What is asked below a question stands below it.
    expect(shownIn(degrees)).toEqual(['worse', 'breathless', 'fever', 'degrees'])
    const all = [yes('worse'), signs(yes('breathless'), { linkId: 'fever', answer: [{ valueBoolean: false }] })]
    expect(shownIn(answering(fever, ...all))).toEqual(['worse', 'breathless', 'fever', 'sleeps'])
    const done = answering(answering(fever, ...all), ...all, yes('sleeps'))
    expect(done).toMatchObject({ status: 'completed', authored: NOW.toISOString() })
    expect(shownIn(done)).toHaveLength(4)
  })

  test('leaves out what is not asked after another answer', () => {
    expect(shownIn(answering(ask(BEGUN), yes('worse', false)))).toEqual(['worse', 'sleeps'])
  })

  test('an answer that is changed closes what was asked after it, with its answers', () => {
    const before = [yes('worse'), { linkId: 'signs', item: [yes('breathless')] }]
    const worse = answering(ask(BEGUN), ...before)
    const changed = answering(worse, yes('worse', false), ...before.slice(1))
    expect(changed.item).toEqual([yes('worse', false)])
    expect(shownIn(changed)).toEqual(['worse', 'sleeps'])
  })

  test('what need not be answered may be passed over; what must be is asked for', () => {
    const worse = answering(ask(BEGUN), yes('worse'))
    expect(shownIn(answering(worse, yes('worse')))).toEqual(['worse', 'breathless', 'fever'])
    expect(() => ask(ask(BEGUN))).toThrow(
      expect.objectContaining({
        issues: [
          expect.objectContaining({
            code: 'required',
            expression: ["QuestionnaireResponse.item.where(linkId = 'worse')"],
          }),
        ],
      }),
    )
  })

  test('a group that is shown as a page is asked at once', () => {
    const page = {
      url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl',
      valueCodeableConcept: { coding: [{ code: 'page' }] },
    }
    const pressure = { linkId: 'bp', type: 'group' as const, extension: [page], item: [yesNo('high'), yesNo('low')] }
    const first = ask(BEGUN, formOf([pressure, yesNo('last')]))
    expect(shownIn(first)).toEqual(['high', 'low'])
  })

  test('an expression may open a question, and say when enough is known', () => {
    const opens = (expression: string) => ({
      extension: [{ url: EXPRESSION, valueExpression: { language: 'text/fhirpath' as const, expression } }],
    })
    const count = '%resource.item.answer.where(value = true).count()'
    const form = formOf([yesNo('a'), yesNo('b', opens(`${count} > 0`)), yesNo('c')], {
      extension: [{ url: ENOUGH_WHEN, valueExpression: { language: 'text/fhirpath', expression: `${count} > 1` } }],
    })
    const first = ask(BEGUN, form)
    expect(shownIn(ask({ ...first, item: [yes('a', false)] }, form))).toEqual(['a', 'c'])
    const second = ask({ ...first, item: [yes('a')] }, form)
    expect(shownIn(second)).toEqual(['a', 'b'])
    expect(ask({ ...second, item: [yes('a'), yes('b')] }, form).status).toBe('completed')
    const broken = formOf([yesNo('a', opens('1'))])
    expect(() => ask(BEGUN, broken)).toThrow(
      expect.objectContaining({
        issues: [
          expect.objectContaining({ code: 'processing', expression: ["Questionnaire.item.where(linkId = 'a')"] }),
        ],
      }),
    )
  })
})

describe('by a plan', () => {
  const FORM_URL = 'http://example.org/Questionnaire/q'
  const action = (id: string, expression: string, code?: string) => ({
    ...{
      id,
      condition: [{ kind: 'applicability' as const, expression: { language: 'text/fhirpath' as const, expression } }],
    },
    ...(code ? { code: [{ coding: [{ system: FORM_URL, code }] }] } : {}),
  })
  const answered = (linkId: string, value: boolean) =>
    `%current.item.where(linkId = '${linkId}').answer.where(value = ${value}).exists()`
  const byPlan = (...actions: object[]) => {
    const plan = compilePlan(
      { resourceType: 'PlanDefinition', status: 'active', url: 'http://example.org/p', action: actions as never },
      () => undefined,
    )
    return (response: QuestionnaireResponse) => {
      const asking = { form: formOf([yesNo('a'), yesNo('b'), yesNo('c')]), response, subject: undefined, now: NOW }
      const choose = chooseByPlan({ ...asking, evaluate: evaluateHere, plan, history: [] })
      return nextQuestion({ ...asking, choose, evaluate: evaluateHere })
    }
  }

  test('the first action that applies and whose question is open says which is next', () => {
    const next = byPlan(action('start', 'true', 'c'), action('stop', answered('c', false)), {
      id: 'more',
      action: [action('then', answered('c', true), 'a')],
    })
    const first = next(BEGUN)
    expect(shownIn(first)).toEqual(['c'])
    expect(shownIn(next({ ...first, item: [yes('c')] }))).toEqual(['a', 'c'])
    expect(next({ ...first, item: [yes('c', false)] })).toMatchObject({ status: 'completed' })
    // No action has anything more to ask.
    const second = next({ ...first, item: [yes('c')] })
    expect(next({ ...second, item: [yes('a'), yes('c')] }).status).toBe('completed')
  })

  test('a condition that cannot be evaluated is told, with its action', () => {
    expect(() => byPlan(action('odd', '1', 'a'))(BEGUN)).toThrow(
      expect.objectContaining({
        issues: [
          expect.objectContaining({ code: 'processing', expression: ["PlanDefinition.action.where(id = 'odd')"] }),
        ],
      }),
    )
  })
})

test('whatever is answered, a form comes to its end: no question twice, none that its conditions close', () => {
  const LINKS = ['q0', 'q1', 'q2', 'q3', 'q4', 'q5']
  const items = fc
    .tuple(...LINKS.map((_, i) => fc.option(fc.tuple(fc.nat({ max: Math.max(i - 1, 0) }), fc.boolean()))))
    .map((conditions) =>
      conditions.map((condition, i) =>
        yesNo(`q${i}`, condition && i > 0 ? when(`q${condition[0]}`, condition[1]) : {}),
      ),
    )
  fc.assert(
    fc.property(items, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (item, given) => {
      const form = formOf(item)
      const put: string[] = []
      let response = ask(BEGUN, form)
      while (response.status === 'in-progress') {
        const [fresh, ...others] = shownIn(response).filter((linkId) => !put.includes(linkId))
        expect([typeof fresh, others]).toEqual(['string', []])
        put.push(String(fresh))
        const answers = item.flatMap(({ linkId = '' }) =>
          put.includes(linkId) ? [yes(linkId, given[LINKS.indexOf(linkId)])] : [],
        )
        response = ask({ ...response, item: answers }, form)
      }
      const value = (linkId: string | undefined) =>
        put.includes(String(linkId)) ? given[LINKS.indexOf(String(linkId))] : undefined
      const asked = item.filter(({ enableWhen = [] }) =>
        enableWhen.every(({ question, answerBoolean }) => value(question) === answerBoolean),
      )
      expect([...put].sort()).toEqual(asked.map(({ linkId }) => linkId))
    }),
  )
})
