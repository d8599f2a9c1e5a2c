import { describe, expect, test } from '@jest/globals'
import type { Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { Resource } from '../../core/fhir/resource.ts'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { createRation } from '../../time-limit.ts'
import { createValidator } from '../validator.ts'
import { withCalculatedAnswers } from './calculated-answers.ts'
import { withScores } from './score-response.ts'

const URL = 'http://example.org/Questionnaire/breath'
const CODES = 'http://example.org/CodeSystem/how-much'
const fhirpath = (expression: string, name?: string) => ({
  valueExpression: { language: 'text/fhirpath', expression, ...(name && { name }) },
})
const calculated = (expression: string) => ({
  url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
  ...fhirpath(expression),
})
const variable = (name: string, expression: string) => ({
  url: 'http://hl7.org/fhir/StructureDefinition/variable',
  ...fhirpath(expression, name),
})
const option = (code: string, value: number) => ({
  valueCoding: {
    ...{ system: CODES, code, display: code },
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal: value }],
  },
})
const HOW_MUCH = [option('none', 0), option('some', 2), option('much', 5)]
const choice = (linkId: string) => ({ linkId, type: 'choice', required: true, answerOption: HOW_MUCH })

/** Five questions are too many for a test: two of how much, a sum, its share of the most, and what it is called. */
const BREATH = {
  resourceType: 'Questionnaire',
  url: URL,
  status: 'active',
  extension: [variable('sum', "%resource.item.where(linkId = 'asked').item.answer.weight().sum()")],
  item: [
    { linkId: 'asked', type: 'group', item: [choice('stairs'), choice('sleep')] },
    {
      ...{ linkId: 'scores', type: 'group' },
      item: [
        { linkId: 'total', type: 'integer', required: true, extension: [calculated('%sum')] },
        {
          ...{ linkId: 'share', type: 'decimal' },
          extension: [calculated("%resource.item.item.where(linkId = 'total').answer.value / 15 * 100")],
        },
        { linkId: 'word', type: 'string', extension: [calculated("iif(%sum >= 5, 'troubled', 'well')")] },
      ],
    },
    { linkId: 'note', type: 'text' },
  ],
} as Questionnaire

const chosen = (linkId: string, code: string) => ({ linkId, answer: [{ valueCoding: { system: CODES, code } }] })
const given = (stairs: string, sleep: string, ...more: object[]) =>
  ({
    ...{ resourceType: 'QuestionnaireResponse', questionnaire: URL, status: 'completed' },
    item: [{ linkId: 'asked', item: [chosen('stairs', stairs), chosen('sleep', sleep)] }, ...more],
  }) as QuestionnaireResponse
const scores = (total: number, ...more: object[]) => ({
  ...{ linkId: 'scores', item: [{ linkId: 'total', answer: [{ valueInteger: total }] }, ...more] },
})
const scoresOf = ({ item = [] }: QuestionnaireResponse) => item.find(({ linkId }) => linkId === 'scores')?.item

test('scores are worked out from the weights of answers, through variables and other scores, and put where they belong', () => {
  const { response, findings } = withCalculatedAnswers(
    BREATH,
    given('much', 'some', { linkId: 'note', answer: [{ valueString: 'x' }] }),
  )
  expect(findings).toEqual([])
  expect(response.item?.map(({ linkId }) => linkId)).toEqual(['asked', 'scores', 'note'])
  expect(scoresOf(response)).toEqual([
    { linkId: 'total', answer: [{ valueInteger: 7 }] },
    { linkId: 'share', answer: [{ valueDecimal: 46.66666667 }] },
    { linkId: 'word', answer: [{ valueString: 'troubled' }] },
  ])
})

test('what is right already is left as it is, also where a score rests on one that was not sent', () => {
  const share = { linkId: 'share', answer: [{ valueDecimal: 46.6666667 }] }
  const { response, findings } = withCalculatedAnswers(
    BREATH,
    given('much', 'some', { linkId: 'scores', item: [share] }),
  )
  expect(findings).toEqual([])
  expect(scoresOf(response)?.map(({ linkId }) => linkId)).toEqual(['total', 'share', 'word'])
})

test('each wrong score is told with its place and what would be right', () => {
  const { response, findings } = withCalculatedAnswers(BREATH, given('much', 'some', scores(6)))
  expect(findings).toEqual([
    {
      kind: 'wrong',
      place: ['item', 1, 'item', 0, 'answer', 0],
      problem: '"total" is 7 by the other answers, and what was sent is 6.',
    },
  ])
  expect(scoresOf(response)?.[0]?.answer).toEqual([{ valueInteger: 7 }])
})

test.each(['in-progress', 'entered-in-error', 'stopped'] as const)('a response that is %s stays as it is', (status) => {
  const response = { ...given('much', 'some', scores(1)), status }
  expect(withCalculatedAnswers(BREATH, response)).toEqual({ response, findings: [] })
})

const one = (type: string, expression: string, more: object = {}) =>
  ({
    ...{ resourceType: 'Questionnaire', url: URL, status: 'active' },
    item: [
      { linkId: 'a', type: 'decimal' },
      { linkId: 'x', type, extension: [calculated(expression)], ...more },
    ],
  }) as Questionnaire
const withA = (a: number) =>
  ({
    ...{ resourceType: 'QuestionnaireResponse', status: 'completed', authored: '2026-03-05T10:00:00Z' },
    item: [{ linkId: 'a', answer: [{ valueDecimal: a }] }],
  }) as QuestionnaireResponse
const A = "%resource.item.where(linkId = 'a').answer.value"
const UNIT = {
  url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-unit',
  valueCoding: { system: 'http://unitsofmeasure.org', code: 'kg/m2', display: 'kg/m²' },
}
const KILOGRAMS = { unit: 'kg/m²', system: 'http://unitsofmeasure.org', code: 'kg/m2' }

test.each<[string, Questionnaire, unknown]>([
  [
    'a number in the unit of the question',
    one('quantity', `${A} * 2`, { extension: [calculated(`${A} * 2`), UNIT] }),
    [{ valueQuantity: { value: 5, ...KILOGRAMS } }],
  ],
  ['true or false', one('boolean', `${A} > 2`), [{ valueBoolean: true }]],
  ['a day, by when it was answered', one('date', 'today()'), [{ valueDate: '2026-03-05' }]],
  [
    'the coding of an option',
    one('choice', '%questionnaire.item.where(linkId = %qitem.linkId).answerOption.value.skip(1).first()', {
      answerOption: HOW_MUCH,
    }),
    [{ valueCoding: { system: CODES, code: 'some', display: 'some' } }],
  ],
  ['several', one('string', "'p' | 'q'", { repeats: true }), [{ valueString: 'p' }, { valueString: 'q' }]],
  ['nothing, when there is nothing', one('decimal', "%resource.item.where(linkId = 'b').answer.value"), undefined],
  [
    'nothing, when it is not asked',
    one('decimal', A, { enableWhen: [{ question: 'a', operator: '>', answerDecimal: 9 }] }),
    undefined,
  ],
])('an answer can be %s', (_what, questionnaire, expected) => {
  const { response, findings } = withCalculatedAnswers(questionnaire, withA(2.5))
  expect([findings, response.item?.[1]?.answer]).toEqual([[], expected])
})

test.each<[string, Questionnaire, string]>([
  ['a broken number', one('integer', A), '2.5 cannot answer a question of type integer'],
  ['several where one is asked for', one('decimal', '1 | 2'), 'it gives 2 values'],
  ['a variable that is not there', one('decimal', '%other + 1'), 'other'],
  ['itself', one('decimal', `${A} + (%resource.item.where(linkId = 'x').answer.value | 0).max()`), 'depends on itself'],
])('an answer cannot be %s: that is told, and nothing is put in', (_what, questionnaire, problem) => {
  const { response, findings } = withCalculatedAnswers(questionnaire, withA(2.5))
  expect(findings).toEqual([{ kind: 'unworkable', place: [], problem: expect.stringContaining(problem) }])
  expect(response.item).toHaveLength(1)
})

test('where there is no time left to work a score out, the answers are refused for now, and not stored without it', () => {
  const allowance = { evaluationMilliseconds: 1_000, ration: createRation(0) }
  const answers = given('much', 'some')
  expect(() => withCalculatedAnswers(BREATH, answers, allowance)).toThrow(
    expect.objectContaining({
      ...{ status: 503, retryAfterSeconds: 60 },
      issues: [expect.objectContaining({ code: 'transient', expression: ['QuestionnaireResponse'] })],
    }),
  )
})

test('what was worked out to check answers is what is stored, and no more than that', () => {
  const answers = given('much', 'some')
  const checked = withCalculatedAnswers(BREATH, answers)
  expect(withCalculatedAnswers(BREATH, answers)).toBe(checked)
  answers.item = []
  expect(withCalculatedAnswers(BREATH, answers)).not.toEqual(checked)
})

test('each of several drugs has its own dose', () => {
  const drugs = {
    ...{ resourceType: 'Questionnaire', url: URL, status: 'active' },
    item: [
      {
        ...{ linkId: 'drug', type: 'group', repeats: true },
        item: [
          { linkId: 'tablets', type: 'integer' },
          { linkId: 'dose', type: 'integer', extension: [calculated('%perDrug * 5')] },
        ],
        extension: [variable('perDrug', "item.where(linkId = 'tablets').answer.value")],
      },
    ],
  } as Questionnaire
  const drug = (valueInteger: number) => ({ linkId: 'drug', item: [{ linkId: 'tablets', answer: [{ valueInteger }] }] })
  const { response } = withCalculatedAnswers(drugs, { ...given('much', 'some'), item: [drug(2), drug(3)] })
  expect(response.item?.map(({ item }) => item?.[1]?.answer)).toEqual([[{ valueInteger: 10 }], [{ valueInteger: 15 }]])
})

test('whatever was sent, what is stored has the right scores, and nothing is said against it', () => {
  const code = fc.constantFrom('none', 'some', 'much')
  const sent = fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined })
  fc.assert(
    fc.property(code, code, sent, (stairs, sleep, total) => {
      const weight = { none: 0, some: 2, much: 5 }
      const right = weight[stairs as 'none'] + weight[sleep as 'none']
      const came = given(stairs, sleep, ...(total === undefined ? [] : [scores(total)]))
      const { response, findings } = withCalculatedAnswers(BREATH, came)
      expect(scoresOf(response)?.[0]?.answer).toEqual([{ valueInteger: right }])
      expect(findings.length).toBe(total === undefined || total === right ? 0 : 1)
      expect(withCalculatedAnswers(BREATH, response)).toEqual({ response, findings: [] })
    }),
  )
})

describe('when it comes in', () => {
  const definitions = loadDefinitions()
  const source = {
    ...{ generation: 1, profile: definitions.profile, codes: definitions.codes },
    questionnaire: (canonical: string) => (canonical === URL ? BREATH : undefined),
  }
  const judge = (resource: object, mode: 'refuse' | 'warn' = 'refuse') =>
    createValidator(definitions, { source, modeOf: () => mode })
      .validate(JSON.parse(JSON.stringify(resource)))
      .map(({ severity, code, expression }) => [severity, code, expression?.[0]])
  const at = 'QuestionnaireResponse.item[1].item[0].answer[0]'

  test('a wrong score is refused, or warned of; a missing one is not missed, also where it is required', () => {
    expect(judge(given('much', 'some', scores(6)))).toEqual([['error', 'business-rule', at]])
    expect(judge(given('much', 'some', scores(6)), 'warn')).toEqual([['warning', 'business-rule', at]])
    expect(judge(given('much', 'some'))).toEqual([])
  })

  test('what is stored has the score; where a wrong one was let pass, the right one, and the sender is told', () => {
    const accepted = { resource: given('much', 'some', scores(6)) as unknown as Resource, warnings: [] }
    const { resource, warnings } = withScores(accepted, source)
    expect(scoresOf(resource as unknown as QuestionnaireResponse)?.[0]?.answer).toEqual([{ valueInteger: 7 }])
    expect(warnings.map(({ severity, code }) => [severity, code])).toEqual([['warning', 'business-rule']])
    const patient = { resource: { resourceType: 'Patient' }, warnings: [] }
    expect(withScores(patient, source)).toBe(patient)
  })

  test.each<[string, Questionnaire, string[]]>([
    ['no FHIRPath', one('decimal', '1 +'), ['error', 'invalid', 'Questionnaire.item[1].extension']],
    [
      'of a group',
      one('group', '1', { item: [{ linkId: 'y', type: 'string' }] }),
      ['error', 'business-rule', 'Questionnaire.item[1]'],
    ],
    [
      'beside an initial answer',
      one('decimal', '1', { initial: [{ valueDecimal: 1 }] }),
      ['error', 'business-rule', 'Questionnaire.item[1].initial'],
    ],
    [
      'in another language',
      one('decimal', '', {
        extension: [{ url: calculated('').url, valueExpression: { language: 'text/cql', expression: 'X' } }],
      }),
      ['warning', 'not-supported', 'Questionnaire.item[1].extension'],
    ],
  ])('a calculation that is %s is told to the author', (_what, questionnaire, expected) => {
    expect(judge(questionnaire).filter(([, code]) => code !== 'invariant')).toEqual([expected])
  })
})
