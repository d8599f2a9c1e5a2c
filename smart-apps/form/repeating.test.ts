import { expect, test } from '@jest/globals'
import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'
import { type Answers, pagesOf, toResponse, troublesOn, withoutItems } from './answering.ts'
import { another, linkIdOf, repeated, timeIn, withoutLast } from './repeating.ts'

const NAME: QuestionnaireItem = { linkId: 'name', type: 'string', required: true }
const SINCE: QuestionnaireItem = {
  ...{ linkId: 'since', type: 'string' },
  enableWhen: [{ question: 'name', operator: 'exists', answerBoolean: true }],
}
const DOSE: QuestionnaireItem = {
  linkId: 'dose',
  type: 'group',
  repeats: true,
  item: [{ linkId: 'at', type: 'string' }],
}
const MEDICINE: QuestionnaireItem = { linkId: 'medicine', type: 'group', repeats: true, item: [NAME, SINCE, DOSE] }
const form = (...item: QuestionnaireItem[]): Questionnaire => ({
  ...{ resourceType: 'Questionnaire', status: 'active', url: 'http://forms.example.no/a', item },
})
const FORM = form(MEDICINE, { linkId: 'end', type: 'string' })
const text = (valueString: string) => [{ valueString }]
/** The groups of a page that repeat, as the form has them now. */
const groupsIn = (questionnaire: Questionnaire, answers: Answers) => {
  const all = (items: readonly QuestionnaireItem[] = []): QuestionnaireItem[] =>
    items.flatMap((item) => [item, ...all(item.item)])
  return all(repeated(questionnaire, answers).item).filter(({ type }) => type === 'group')
}
const last = (linkId: string, answers: Answers): QuestionnaireItem =>
  groupsIn(FORM, answers).findLast((item) => linkIdOf(item.linkId ?? '') === linkId) as QuestionnaireItem
/** By which name an item is answered, the nth time that it stands there. */
const nameOf = (linkId: string, n: number, answers: Answers): string => {
  const items = pagesOf(repeated(FORM, answers), answers).flatMap((page) => page.items)
  return items.filter((item) => linkIdOf(item.linkId ?? '') === linkId)[n - 1]?.linkId ?? ''
}
const respond = (answers: Answers) =>
  toResponse(repeated(FORM, answers), answers, { patient: '7', at: new Date('2026-03-04T11:00:00Z') }).item

test('a form in which nothing repeats is asked as it stands', () => {
  const plain = form({ linkId: 'g', type: 'group', item: [NAME] })
  expect(repeated(plain, {})).toBe(plain)
})

test('a group that was answered twice stands in the response twice, each with its own answers, under the linkIds of the form', () => {
  let answers: Answers = { name: text('Paracet'), end: text('Ferdig') }
  answers = another(last('medicine', answers), answers)
  answers = { ...answers, [nameOf('name', 2, answers)]: text('Ibux') }
  answers = { ...answers, [nameOf('since', 2, answers)]: text('mai') }
  expect(respond(answers)).toEqual([
    { linkId: 'medicine', item: [{ linkId: 'name', answer: text('Paracet') }] },
    {
      linkId: 'medicine',
      item: [
        { linkId: 'name', answer: text('Ibux') },
        { linkId: 'since', answer: text('mai') },
      ],
    },
    { linkId: 'end', answer: text('Ferdig') },
  ])
})

test('each time is a page, what it asks depends on what was answered there, and what must be answered must be there too', () => {
  let answers: Answers = { name: text('Paracet') }
  answers = another(last('medicine', answers), answers)
  const [first, second] = pagesOf(repeated(FORM, answers), answers)
  const asked = (page = first) => page?.items.map(({ linkId = '' }) => linkIdOf(linkId))
  expect([asked(first), asked(second)]).toEqual([
    ['name', 'since', 'dose', 'at'],
    ['name', 'dose', 'at'],
  ])
  expect(troublesOn(second ?? { items: [] }, answers)).toEqual({ [nameOf('name', 2, answers)]: 'required' })
})

test('a group in a group repeats by itself', () => {
  let answers: Answers = { name: text('Paracet'), at: text('08') }
  answers = another(last('medicine', answers), answers)
  answers = { ...answers, [nameOf('name', 2, answers)]: text('Ibux'), [nameOf('at', 2, answers)]: text('09') }
  answers = another(last('dose', answers), answers)
  answers = { ...answers, [nameOf('at', 3, answers)]: text('21') }
  const dose = (at: string) => ({ linkId: 'dose', item: [{ linkId: 'at', answer: text(at) }] })
  expect(respond(answers)).toEqual([
    { linkId: 'medicine', item: [{ linkId: 'name', answer: text('Paracet') }, dose('08')] },
    { linkId: 'medicine', item: [{ linkId: 'name', answer: text('Ibux') }, dose('09'), dose('21')] },
  ])
})

test('the last is taken out with all that is in it, and the first stays', () => {
  const first: Answers = { name: text('Paracet') }
  let answers = another(last('medicine', first), first)
  answers = { ...answers, [nameOf('name', 2, answers)]: text('Ibux') }
  answers = another(last('dose', answers), answers)
  expect(withoutLast(last('medicine', answers), answers)).toEqual(first)
  expect(withoutLast(last('medicine', first), first)).toBe(first)
})

test('one more may come after the last, and not beyond how often the form has it', () => {
  const most = { url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs', valueInteger: 2 }
  const bounded = form({ ...MEDICINE, extension: [most] })
  const times = (answers: Answers) =>
    groupsIn(bounded, answers)
      .filter(({ linkId = '' }) => linkIdOf(linkId) === 'medicine')
      .map((item) => timeIn(item, answers))
  expect(times({})).toEqual([{ n: 1, isLast: true, mayAdd: true }])
  const [only] = groupsIn(bounded, {})
  expect(times(another(only as QuestionnaireItem, {}))).toEqual([
    { n: 1, isLast: false, mayAdd: false },
    { n: 2, isLast: true, mayAdd: false },
  ])
  expect(timeIn({ linkId: 'g', type: 'group' }, {})).toBeUndefined()
})

test('what an expression says is not asked is asked no time', () => {
  const answers = another(last('medicine', {}), {})
  const left = withoutItems(repeated(FORM, answers), ['since', 'dose'])
  expect(left.item?.map(({ item }) => item?.map(({ linkId = '' }) => linkIdOf(linkId)))).toEqual([
    ['name'],
    ['name'],
    undefined,
  ])
})
