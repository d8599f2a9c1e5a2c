import { describe, expect, test } from '@jest/globals'
import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { parseJson } from '../../core/fhir/json.ts'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { createValidator } from '../validator.ts'

const URL = 'http://example.org/Questionnaire/q'
const COLOURS = 'http://example.org/ValueSet/colours'
const definitions = loadDefinitions()

/** The issues of a response to a Questionnaire of these items. */
function judge(items: object[], answers: object[], more: object = {}) {
  const questionnaire = { resourceType: 'Questionnaire', url: URL, status: 'active', item: items } as Questionnaire
  const validator = createValidator(definitions, {
    source: {
      generation: 1,
      profile: definitions.profile,
      codes: (valueSet) =>
        valueSet === COLOURS ? new Set(['http://c|red', 'http://c|blue']) : definitions.codes(valueSet),
      questionnaire: (canonical) => (canonical.startsWith(URL) ? questionnaire : undefined),
    },
  })
  const response = {
    resourceType: 'QuestionnaireResponse',
    questionnaire: URL,
    status: 'completed',
    ...(answers.length > 0 && { item: answers }),
    ...more,
  }
  return validator.validate(parseJson(JSON.stringify(response)), 'QuestionnaireResponse')
}

/** `code expression` of each error, without what all have before it. */
const errors = (...given: Parameters<typeof judge>) =>
  judge(...given)
    .filter(({ severity }) => severity === 'error')
    .map(({ code, expression: [at = ''] = [] }) =>
      `${code} ${at.replace('QuestionnaireResponse', '').replace(/^\./, '')}`.trim(),
    )

const q = (linkId: string, type: QuestionnaireItem['type'], more: object = {}) => ({ linkId, type, ...more })
const a = (linkId: string, ...answer: object[]) => ({ linkId, answer })
const ext = (name: string, value: object) => ({
  extension: [{ url: `http://hl7.org/fhir/StructureDefinition/${name}`, ...value }],
})
const sdc = (name: string, value: object) => ({
  extension: [{ url: `http://hl7.org/fhir/uv/sdc/StructureDefinition/${name}`, ...value }],
})
const coding = (code: string, system = 'http://c') => ({ valueCoding: { system, code } })
const metres = (value: number, code = 'm') => ({ valueQuantity: { value, system: 'http://unitsofmeasure.org', code } })

const BREATH = q('breath', 'choice', { required: true, answerOption: [coding('none'), coding('some')] })
const SPUTUM = q('sputum', 'group', { item: [q('colour', 'choice', { answerValueSet: COLOURS }), q('note', 'text')] })

describe('the shape of the Questionnaire', () => {
  test('an answered response conforms', () => {
    expect(
      judge(
        [BREATH, SPUTUM],
        [
          a('breath', coding('some')),
          { linkId: 'sputum', item: [a('colour', coding('red')), a('note', { valueString: 'x\ny' })] },
        ],
      ),
    ).toEqual([])
  })

  test.each<[string, object[], object[], string[]]>([
    ['an unknown item', [BREATH], [a('breath', coding('none')), a('smell', coding('x'))], ['structure item[1]']],
    [
      'an item at another place',
      [BREATH, SPUTUM],
      [a('breath', coding('none')), a('note', { valueString: 'x' })],
      ['structure item[1]'],
    ],
    [
      'another order',
      [q('a', 'string'), q('b', 'string')],
      [a('b', { valueString: 'x' }), a('a', { valueString: 'x' })],
      ['structure item[1]'],
    ],
    ['a missing answer', [BREATH], [], ['required']],
    ['an item without its answer', [BREATH], [{ linkId: 'breath' }], ['required item[0]']],
    [
      'two answers where one is taken',
      [q('a', 'string')],
      [a('a', { valueString: 'x' }, { valueString: 'y' })],
      ['structure item[0].answer[1]'],
    ],
    [
      'the same question twice',
      [q('a', 'string', { repeats: true })],
      [a('a', { valueString: 'x' }), a('a', { valueString: 'y' })],
      ['structure item[1]'],
    ],
    ['too few in a group that must be there', [{ ...SPUTUM, required: true }], [], ['required']],
    [
      'too many',
      [q('a', 'string', { repeats: true, ...ext('questionnaire-maxOccurs', { valueInteger: 1 }) })],
      [a('a', { valueString: 'x' }, { valueString: 'y' })],
      ['structure item[0].answer[1]'],
    ],
    ['what is only shown', [q('a', 'display')], [a('a', { valueString: 'x' })], ['structure item[0].answer']],
    [
      'items of a question that are not in its answer',
      [q('a', 'string', { item: [q('b', 'string')] })],
      [{ linkId: 'a', item: [a('b', { valueString: 'x' })] }],
      ['structure item[0].item'],
    ],
  ])('%s', (_what, items, answers, expected) => expect(errors(items, answers)).toEqual(expected))

  test('what is not completed may lack answers, and what was wrong may be anything', () => {
    expect(errors([BREATH], [], { status: 'in-progress' })).toEqual([])
    expect(errors([BREATH], [a('other', coding('x'))], { status: 'entered-in-error' })).toEqual([])
    expect(errors([BREATH], [a('other', coding('x'))], { status: 'in-progress' })).toEqual(['structure item[0]'])
  })

  test('a group repeats where it may, with the answers of each looked at', () => {
    const group = q('drug', 'group', {
      repeats: true,
      item: [q('name', 'string', { required: true }), q('dose', 'integer')],
    })
    const one = { linkId: 'drug', item: [a('name', { valueString: 'x' })] }
    expect(errors([group], [one, one])).toEqual([])
    expect(errors([group], [one, { linkId: 'drug', item: [a('dose', { valueInteger: 2 })] }])).toEqual([
      'required item[1]',
    ])
    expect(errors([{ ...group, repeats: false }], [one, one])).toEqual(['structure item[1]'])
  })
})

describe('the type and the bounds of an answer', () => {
  test.each<[string, object, object, string[]]>([
    ['another type', q('a', 'integer'), { valueString: '5' }, ['structure item[0].answer[0].value.ofType(string)']],
    ['a code outside the options', BREATH, coding('much'), ['code-invalid item[0].answer[0].value.ofType(Coding)']],
    [
      'a code of another system',
      BREATH,
      coding('none', 'http://d'),
      ['code-invalid item[0].answer[0].value.ofType(Coding)'],
    ],
    [
      'a code outside the value set',
      q('a', 'choice', { answerValueSet: COLOURS }),
      coding('green'),
      ['code-invalid item[0].answer[0].value.ofType(Coding)'],
    ],
    [
      'own words where they are allowed',
      q('a', 'open-choice', { answerOption: [coding('x')] }),
      { valueString: 'mine' },
      [],
    ],
    [
      'options that are numbers',
      q('a', 'integer', { answerOption: [{ valueInteger: 1 }] }),
      { valueInteger: 2 },
      ['code-invalid item[0].answer[0].value.ofType(integer)'],
    ],
    [
      'too long',
      q('a', 'string', { maxLength: 3 }),
      { valueString: 'four' },
      ['value item[0].answer[0].value.ofType(string)'],
    ],
    [
      'too short',
      q('a', 'string', ext('minLength', { valueInteger: 3 })),
      { valueString: 'ab' },
      ['value item[0].answer[0].value.ofType(string)'],
    ],
    [
      'another form',
      q('a', 'string', ext('regex', { valueString: '[0-9]{4}' })),
      { valueString: '01234' },
      ['value item[0].answer[0].value.ofType(string)'],
    ],
    [
      'a form that could take forever is not asked',
      q('a', 'string', ext('regex', { valueString: '(a+)+b' })),
      { valueString: 'a'.repeat(60) },
      [],
    ],
    [
      'below the least',
      q('a', 'decimal', ext('minValue', { valueDecimal: 5 })),
      { valueDecimal: 4.9 },
      ['value item[0].answer[0].value.ofType(decimal)'],
    ],
    ['the most itself', q('a', 'integer', ext('maxValue', { valueInteger: 5 })), { valueInteger: 5 }, []],
    [
      'a date beyond the most',
      q('a', 'date', ext('maxValue', { valueDate: '2026-03' })),
      { valueDate: '2026-04-01' },
      ['value item[0].answer[0].value.ofType(date)'],
    ],
    [
      'decimal places',
      q('a', 'decimal', ext('maxDecimalPlaces', { valueInteger: 1 })),
      { valueDecimal: 1.25 },
      ['value item[0].answer[0].value.ofType(decimal)'],
    ],
    [
      'a quantity in another unit of the same kind',
      q('a', 'quantity', sdc('sdc-questionnaire-maxQuantity', metres(5, 'km'))),
      metres(4000),
      [],
    ],
    [
      'a quantity beyond, in another unit',
      q('a', 'quantity', sdc('sdc-questionnaire-maxQuantity', metres(5, 'km'))),
      metres(6000),
      ['value item[0].answer[0].value.ofType(Quantity)'],
    ],
    [
      'a quantity that cannot be compared',
      q('a', 'quantity', sdc('sdc-questionnaire-maxQuantity', metres(5, 'kg'))),
      metres(1),
      ['value item[0].answer[0].value.ofType(Quantity)'],
    ],
    [
      'another unit than the options',
      q('a', 'quantity', ext('questionnaire-unitOption', coding('m', 'http://unitsofmeasure.org'))),
      metres(1, 'km'),
      ['value item[0].answer[0].value.ofType(Quantity)'],
    ],
    [
      'another type of attachment',
      q('a', 'attachment', ext('mimeType', { valueCode: 'image/png' })),
      { valueAttachment: { contentType: 'image/gif', data: 'AAAA' } },
      ['value item[0].answer[0].value.ofType(Attachment)'],
    ],
    [
      'an attachment too large',
      q('a', 'attachment', ext('maxSize', { valueDecimal: 2 })),
      { valueAttachment: { contentType: 'image/png', data: 'AAAA' } },
      ['value item[0].answer[0].value.ofType(Attachment)'],
    ],
    [
      'another type of resource',
      q('a', 'reference', ext('questionnaire-referenceResource', { valueCode: 'Patient' })),
      { valueReference: { reference: 'Device/1' } },
      ['value item[0].answer[0].value.ofType(Reference)'],
    ],
  ])('%s', (_what, item, answer, expected) =>
    expect(
      errors([item], [a('breath' in item ? 'breath' : ((item as QuestionnaireItem).linkId ?? ''), answer)]),
    ).toEqual(expected),
  )

  test('an option that stands alone', () => {
    const item = q('a', 'choice', {
      repeats: true,
      answerOption: [
        coding('x'),
        { ...coding('none'), ...ext('questionnaire-optionExclusive', { valueBoolean: true }) },
      ],
    })
    expect(errors([item], [a('a', coding('none'))])).toEqual([])
    expect(errors([item], [a('a', coding('x'), coding('none'))])).toEqual([
      'business-rule item[0].answer[1].value.ofType(Coding)',
    ])
  })

  test('decimal places count as they were sent', () => {
    const item = q('a', 'decimal', ext('maxDecimalPlaces', { valueInteger: 1 }))
    const answered = (literal: string) => {
      const text = `{"resourceType":"QuestionnaireResponse","questionnaire":"#q","status":"completed","contained":[${JSON.stringify({ resourceType: 'Questionnaire', id: 'q', status: 'active', item: [item] })}],"item":[{"linkId":"a","answer":[{"valueDecimal":${literal}}]}]}`
      return createValidator(definitions)
        .validate(parseJson(text))
        .map(({ code }) => code)
    }
    expect([answered('1.0'), answered('1.00')]).toEqual([[], ['value']])
  })
})

describe('enableWhen', () => {
  const when = (operator: string, answer: object, question = 'breath') => ({
    enableWhen: [{ question, operator, ...answer }],
  })
  const why = (condition: object) => [BREATH, q('why', 'string', { required: true, ...condition })]
  const some = [a('breath', coding('some'))]
  const none = [a('breath', coding('none'))]
  const said = a('why', { valueString: 'x' })

  test.each<[string, object[], object[], string[]]>([
    ['asked and answered', why(when('=', { answerCoding: coding('some').valueCoding })), [...some, said], []],
    ['asked and missing', why(when('=', { answerCoding: coding('some').valueCoding })), some, ['required']],
    ['not asked', why(when('=', { answerCoding: coding('some').valueCoding })), none, []],
    [
      'not asked and answered',
      why(when('=', { answerCoding: coding('some').valueCoding })),
      [...none, said],
      ['business-rule item[1]'],
    ],
    [
      'asked unless',
      why(when('!=', { answerCoding: coding('none').valueCoding })),
      [...none, said],
      ['business-rule item[1]'],
    ],
    ['asked when something is answered', why(when('exists', { answerBoolean: true })), some, ['required']],
    [
      'asked when nothing is answered',
      [q('breath', 'string'), q('why', 'string', when('exists', { answerBoolean: false }))],
      [said],
      [],
    ],
  ])('%s', (_what, items, answers, expected) => expect(errors(items, answers)).toEqual(expected))

  test('by order, and all or any', () => {
    const items = (behavior: string) => [
      q('n', 'integer'),
      q('m', 'integer'),
      q('why', 'string', {
        required: true,
        enableBehavior: behavior,
        enableWhen: [
          { question: 'n', operator: '>=', answerInteger: 5 },
          { question: 'm', operator: '<', answerInteger: 5 },
        ],
      }),
    ]
    const answered = (n: number, m: number) => [a('n', { valueInteger: n }), a('m', { valueInteger: m })]
    expect(errors(items('all'), answered(5, 4))).toEqual(['required'])
    expect(errors(items('all'), answered(5, 5))).toEqual([])
    expect(errors(items('any'), answered(5, 5))).toEqual(['required'])
    expect(errors(items('any'), answered(4, 5))).toEqual([])
  })

  test('in a group that repeats the answer beside it counts', () => {
    const group = q('drug', 'group', {
      repeats: true,
      item: [q('taken', 'boolean'), q('dose', 'integer', when('=', { answerBoolean: true }, 'taken'))],
    })
    const one = (taken: boolean) => ({
      linkId: 'drug',
      item: [a('taken', { valueBoolean: taken }), a('dose', { valueInteger: 1 })],
    })
    expect(errors([group], [one(true), one(false)])).toEqual(['business-rule item[1].item[1]'])
  })
})

test('a Questionnaire that is not known is worth a warning; one that is something else is an error', () => {
  const of = (questionnaire: string) =>
    judge([], [], { questionnaire }).map(({ severity, code }) => `${severity} ${code}`)
  expect(of('http://example.org/none')).toEqual(['warning not-found'])
  expect(of(COLOURS)).toEqual(['error value'])
  expect(of('#none')).toEqual(['error value'])
})

test('whatever is answered, there are issues and no exception', () => {
  const items = [
    BREATH,
    SPUTUM,
    q('n', 'integer', ext('maxValue', { valueInteger: 3 })),
    q('t', 'time'),
    q('d', 'dateTime', ext('minValue', { valueDateTime: '2020' })),
  ]
  const value = fc.oneof(
    fc.integer().map((valueInteger) => ({ valueInteger })),
    fc.string().map((valueString) => ({ valueString })),
    fc.constantFrom(
      { valueDateTime: '2019' },
      { valueTime: '08:00:00' },
      coding('none'),
      metres(3),
      { valueBoolean: true },
      {},
    ),
  )
  const item = fc.letrec((tie) => ({
    item: fc.record(
      {
        linkId: fc.constantFrom('breath', 'sputum', 'colour', 'note', 'n', 't', 'd', 'x'),
        answer: fc.array(value, { minLength: 1, maxLength: 3 }),
        item: fc.array(tie('item'), { minLength: 1, maxLength: 3, depthIdentifier: 'i' }),
      },
      { requiredKeys: ['linkId'] },
    ),
  })).item
  fc.assert(
    fc.property(fc.array(item, { maxLength: 4 }), (answers) => {
      for (const { code, expression } of judge(items, answers as object[]))
        expect([code, expression?.length]).toEqual([expect.any(String), 1])
    }),
    { numRuns: 100 },
  )
})
