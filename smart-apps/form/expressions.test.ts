import { describe, expect, jest, test } from '@jest/globals'
import type { Patient, Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'
import { type Answers, toResponse, withoutItems } from './answering.ts'
import { type Beside, openExpressionRunner } from './expression-runner.ts'
import { express } from './expressions.ts'
import { hasExpressions } from './use-expressed.ts'

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'
const says = (name: string, expression: string, language = 'text/fhirpath') => ({
  extension: [{ url: `${SDC}${name}`, valueExpression: { language, expression } as never }],
})
const form = (...item: QuestionnaireItem[]): Questionnaire => ({
  ...{ resourceType: 'Questionnaire', status: 'active', url: 'http://forms.example.no/a', version: '1', item },
})
const AT = new Date('2026-03-04T11:00:00Z')
const look = (questionnaire: Questionnaire, answers: Answers, patient?: Patient) => {
  const response = toResponse(questionnaire, answers, { patient: '7', at: AT })
  return { response, ...express({ questionnaire, response, answers, ...(patient ? { patient } : {}) }) }
}

describe('what an expression says of an item', () => {
  const smokes: QuestionnaireItem = { linkId: 'smokes', type: 'boolean' }
  const many = (expression: string, language?: string) =>
    form(smokes, { linkId: 'many', type: 'integer', ...says('enableWhenExpression', expression, language) })
  const YES = "%resource.item.where(linkId = 'smokes').answer.value = true"
  test.each([
    ['holds', YES, { smokes: [{ valueBoolean: true }] }, []],
    ['does not', YES, { smokes: [{ valueBoolean: false }] }, ['many']],
    ['gives nothing', YES, {}, ['many']],
  ])('it is asked where that %s', (_, expression, answers, hidden) => {
    expect(look(many(expression), answers).hidden).toEqual(hidden)
  })
  test.each([
    ['is no FHIRPath', '1 +', undefined],
    ['asks for what is not there', '%nobody.exists()', undefined],
    ['is in another language', 'true', 'text/cql'],
  ])('one that %s leaves it asked: nothing is hidden by a mistake', (_, expression, language) => {
    expect(look(many(expression, language), {}).hidden).toEqual([])
  })
  test('and what is not asked is on no page, nor anything in it', () => {
    const inner: QuestionnaireItem = { linkId: 'inner', type: 'string' }
    const whole = form(smokes, { linkId: 'group', type: 'group', item: [inner] })
    expect(withoutItems(whole, ['group']).item).toEqual([smokes])
    expect(withoutItems(whole, ['inner']).item).toEqual([smokes, { linkId: 'group', type: 'group', item: [] }])
    expect(withoutItems(whole, [])).toBe(whole)
  })
})

test('a form begins with what an expression makes of whom it is about, where that answers its question', () => {
  const questionnaire = form(
    { linkId: 'born', type: 'date', ...says('initialExpression', '%patient.birthDate') },
    { linkId: 'wrong', type: 'integer', ...says('initialExpression', '%patient.birthDate') },
    { linkId: 'none', type: 'string', ...says('initialExpression', '%patient.name.given') },
  )
  const patient: Patient = { resourceType: 'Patient', birthDate: '1950-05-17' }
  expect(look(questionnaire, {}, patient).beginning).toEqual({ born: [{ valueDate: '1950-05-17' }] })
  expect(look(questionnaire, {})).not.toHaveProperty('beginning')
})

test.each([
  ['none', form({ linkId: 'a', type: 'string' }), false],
  [
    'one deep inside',
    form({
      linkId: 'a',
      type: 'group',
      item: [{ linkId: 'b', type: 'integer', ...says('calculatedExpression', '1') }],
    }),
    true,
  ],
])('a form with %s', (_, questionnaire, has) => expect(hasExpressions(questionnaire)).toBe(has))

/** A worker that is told what to do. */
function playedWorker(answer: (worker: Beside, message: { turn: number }) => void) {
  const worker: Beside & { isGone: boolean } = {
    ...{ onmessage: null, onerror: null, isGone: false },
    postMessage: (message: { turn: number }) => answer(worker, message),
    terminate() {
      worker.isGone = true
    },
  }
  return worker
}
const tell = (worker: Beside, data: object) => worker.onmessage?.call(worker as Worker, { data } as MessageEvent)
const ASKED = { questionnaire: form(), response: toResponse(form(), {}, { patient: '7', at: AT }), answers: {} }

test('beside the page: what comes back belongs to what was asked; a worker that fails leaves it to the server, and is not asked again', async () => {
  const expressed = { hidden: ['a'], scores: {}, whole: ASKED.response }
  const worker = playedWorker((one, { turn }) => tell(one, { turn, expressed }))
  const runner = openExpressionRunner(() => worker)
  const first = runner.run(ASKED)
  tell(worker, { isReady: true })
  expect(await first).toEqual(expressed)

  const failing = playedWorker((one) => one.onerror?.call(one as Worker, {} as ErrorEvent))
  const broken = openExpressionRunner(() => failing)
  tell(failing, { isReady: true })
  expect(await broken.run(ASKED)).toBeUndefined()
  expect(failing.isGone).toBe(true)
  expect(await broken.run(ASKED)).toBeUndefined()
  runner.stop()
})

describe('somebody who writes fast', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })
  /** A worker that takes so long for each turn, one after another, as a worker does. */
  function slowWorker(millis: number) {
    const turns: { turn: number; asked: typeof ASKED }[] = []
    const worker = playedWorker((one, message) => {
      turns.push(message as (typeof turns)[number])
      free = Math.max(free, Date.now()) + millis
      const { linkId } = (message as (typeof turns)[number]).asked.response as { linkId?: string }
      setTimeout(
        () => one.onmessage && !worker.isGone && tell(one, { turn: message.turn, expressed: linkId }),
        free - Date.now(),
      )
    })
    let free = Date.now()
    return { worker, turns }
  }
  const written = (linkId: string) => ({ ...ASKED, response: { ...ASKED.response, linkId } })
  const texts = (turns: { asked: object }[]) =>
    turns.map(({ asked }) => (asked as ReturnType<typeof written>).response.linkId)

  test('has one turn at a time, and of what was written meanwhile the newest; what must be worked out is, and none of it takes too long together', async () => {
    const { worker, turns } = slowWorker(400)
    const runner = openExpressionRunner(() => worker)
    const begun = runner.run(written('begin'))
    const looks = ['a', 'ab', 'abc'].map((text) => runner.look(written(text)))
    tell(worker, { isReady: true })
    expect(texts(turns)).toEqual(['begin'])
    const whole = runner.run(written('whole'))
    const last = runner.look(written('abcd'))
    await jest.advanceTimersByTimeAsync(1_500)
    expect(texts(turns)).toEqual(['begin', 'whole', 'abcd'])
    expect(await Promise.all([begun, ...looks, whole, last])).toEqual([
      ...['begin', undefined, undefined, undefined, 'whole', 'abcd'],
    ])
    expect(worker.isGone).toBe(false)
  })

  test('is not held up by a turn that takes too long: its time begins with it, and the next is worked out by a new worker', async () => {
    const slow = slowWorker(60_000)
    const quick = slowWorker(10)
    const workers = [slow.worker, quick.worker]
    const runner = openExpressionRunner(() => workers.shift() as Beside)
    await jest.advanceTimersByTimeAsync(5_000)
    tell(slow.worker, { isReady: true })
    const first = runner.look(written('a'))
    const second = runner.look(written('ab'))
    await jest.advanceTimersByTimeAsync(999)
    expect(slow.worker.isGone).toBe(false)
    await jest.advanceTimersByTimeAsync(1)
    expect([slow.worker.isGone, await first, texts(slow.turns)]).toEqual([true, undefined, ['a']])
    tell(quick.worker, { isReady: true })
    await jest.advanceTimersByTimeAsync(10)
    expect([await second, quick.worker.isGone]).toEqual(['ab', false])
    runner.stop()
  })

  test('and where three in a row take too long, the server works it out', async () => {
    const started: ReturnType<typeof slowWorker>[] = []
    const runner = openExpressionRunner(() => {
      const one = slowWorker(60_000)
      started.push(one)
      return one.worker
    })
    const asked = ['a', 'b', 'c', 'd'].map((text) => runner.run(written(text)))
    for (let i = 0; i < 3; i++) {
      tell(started[i]?.worker as Beside, { isReady: true })
      await jest.advanceTimersByTimeAsync(1_000)
    }
    expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined, undefined])
    expect(started.map(({ worker, turns }) => [worker.isGone, texts(turns)])).toEqual([
      [true, ['a']],
      [true, ['b']],
      [true, ['c']],
    ])
    expect(await runner.run(written('e'))).toBeUndefined()
  })

  test('and a worker that cannot be loaded is not waited for', async () => {
    const { worker } = slowWorker(1)
    const runner = openExpressionRunner(() => worker)
    const first = runner.run(ASKED)
    await jest.advanceTimersByTimeAsync(20_000)
    expect([worker.isGone, await first]).toEqual([true, undefined])
  })
})

describe('what must hold', () => {
  const must = (expression: string, more: object[] = []): QuestionnaireItem['extension'] => [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-constraint',
      extension: [
        { url: 'key', valueId: 'c-1' },
        { url: 'expression', valueString: expression },
        { url: 'human', valueString: 'Det siste må være høyest.' },
        ...more,
      ] as never,
    },
  ]
  const LOW: QuestionnaireItem = { linkId: 'low', type: 'integer' }
  const ABOVE = "answer.value >= %resource.item.where(linkId = 'low').answer.value"
  const high = (more?: object[]) =>
    form(LOW, { linkId: 'high', type: 'integer', extension: must(ABOVE, more) as never })
  const given = (low: number, top: number): Answers => ({ low: [{ valueInteger: low }], high: [{ valueInteger: top }] })

  test.each([
    ['and does', high(), given(1, 2), []],
    ['and does not', high(), given(2, 1), [['high', 'error']]],
    [
      'and does not, as a warning',
      high([{ url: 'severity', valueCode: 'warning' }]),
      given(2, 1),
      [['high', 'warning']],
    ],
    ['of what is not answered', high(), { low: [{ valueInteger: 2 }] }, []],
    ['and cannot be told', form({ ...LOW, extension: must('1 +') as never }), given(1, 2), []],
    [
      'of the whole form',
      { ...form(LOW), extension: must("item.where(linkId = 'low').answer.value > 5") as never },
      given(1, 2),
      [[undefined, 'error']],
    ],
  ])('%s', (_, questionnaire, answers, broken) => {
    const { broken: found } = look(questionnaire, answers)
    expect(found.map(({ linkId, severity }) => [linkId, severity])).toEqual(broken)
    for (const { key, human } of found) expect([key, human.valueString]).toEqual(['c-1', 'Det siste må være høyest.'])
    expect(hasExpressions(questionnaire)).toBe(true)
  })

  test('in a group that repeats it is looked at each time', () => {
    const group: QuestionnaireItem = {
      ...{ linkId: 'g', type: 'group', repeats: true },
      item: [{ linkId: 'n', type: 'integer', extension: must('answer.value < 10') as never }],
    }
    const questionnaire = form(group)
    const item = (value: number) => ({ linkId: 'g', item: [{ linkId: 'n', answer: [{ valueInteger: value }] }] })
    const response = { ...look(questionnaire, {}).response, item: [item(11), item(3), item(12)] }
    expect(express({ questionnaire, response, answers: {} }).broken).toHaveLength(2)
  })
})

test('a score is made of what the chosen options weigh, which R4 says at their codes', () => {
  const option = (code: string, valueDecimal: number) => ({
    valueCoding: {
      ...{ system: 'http://codes.example.no', code },
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal }],
    },
  })
  const answerOption = [option('never', 0), option('often', 2), option('always', 3)]
  const questionnaire = form(
    { linkId: 'a', type: 'choice', answerOption },
    { linkId: 'b', type: 'choice', answerOption },
    {
      ...{ linkId: 'sum', type: 'integer' },
      ...says('calculatedExpression', "%resource.item.where(linkId in ('a' | 'b')).answer.value.weight().sum()"),
    },
  )
  const chosen = (code: string) => [{ valueCoding: { system: 'http://codes.example.no', code } }]
  expect(look(questionnaire, { a: chosen('often'), b: chosen('always') }).scores).toEqual({
    sum: [{ valueInteger: 5 }],
  })
  expect(look(questionnaire, { a: chosen('never'), b: chosen('often') }).scores).toEqual({ sum: [{ valueInteger: 2 }] })
})
