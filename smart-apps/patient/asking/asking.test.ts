import { expect, test } from '@jest/globals'
import { MESSAGE_SUBJECTS, subjectOf } from '../../fhir/message-subject.ts'
import { LANGUAGES } from '../../texts/language.ts'
import { toMessage } from '../messages/message.ts'
import { type Asked, askedAbout, missingIn, toWords } from './asking.ts'
import { ASKING_TEXTS } from './texts.ts'

const MEDICINES = [
  { id: '7', name: 'Tiotropium', dosage: '1 drag hver morgen' },
  { id: '8', name: 'Paracet' },
]
const nb: Readonly<Record<string, string>> = ASKING_TEXTS.nb
const words = {
  question: (one: Asked) => ('title' in one ? `${one.title}:` : (nb[one.name] ?? '')),
  choice: (choice: string) => nb[choice] ?? '',
}

test('of an appointment the team reads what it is about, how and when it suits, each by what was asked', () =>
  expect(
    toWords(
      askedAbout('appointment-wish', MEDICINES),
      { about: ' Pusten. ', how: 'video', when: 'Tirsdag', opinion: 'Nothing that was asked.' },
      words,
    ),
  ).toBe('Hva vil du snakke om? Pusten.\nHvordan vil du helst møtes? På video\nNår passer det for deg? Tirsdag'))

test('each medicine is asked about by its name, and what nothing was said of is left out', () =>
  expect(
    toWords(
      askedAbout('medication-review', MEDICINES),
      { 'medicine-7': 'otherwise', 'medicine-8': 'not-taken', trouble: 'Tørr i munnen', wonder: ' ' },
      words,
    ),
  ).toBe(
    [
      'Tiotropium (1 drag hver morgen): Jeg tar den på en annen måte',
      'Paracet: Jeg tar den ikke',
      'Er det noe som plager deg? Tørr i munnen',
    ].join('\n'),
  ))

test('what somebody writes that is also the name of a choice is still their own words', () =>
  expect(toWords(askedAbout('feedback', []), { opinion: 'app' }, words)).toBe('Hva vil du si? app'))

test.each([
  ['appointment-wish', { how: 'phone', when: 'Nå' }, ['about']],
  ['appointment-wish', { about: 'Pusten' }, []],
  ['feedback', { what: 'app', opinion: '  ' }, ['opinion']],
  ['feedback', { opinion: 'Fin.' }, []],
  ['medication-review', {}, ['wonder']],
  ['medication-review', { 'medicine-7': 'as-said' }, []],
] as const)('%s with %j: missing is %j', (subject, answers, missing) =>
  expect(missingIn(subject, askedAbout(subject, MEDICINES), answers)).toEqual(missing),
)

test.each(LANGUAGES)('in %s there are words for all that is asked, chosen, and missing', (language) => {
  const of: Readonly<Record<string, string>> = ASKING_TEXTS[language]
  const names = MESSAGE_SUBJECTS.flatMap((subject) => {
    const asked = askedAbout(subject, [])
    const missing = missingIn(subject, asked, {}).map((name) => `missing-${name}`)
    return [...missing, ...asked.flatMap((one) => [one.name, ...(one.kind === 'choice' ? one.choices : [])])]
  })
  expect(names.filter((name) => !of[name])).toEqual([])
})

test.each(MESSAGE_SUBJECTS)('a message to the team says that it is about %s; a plain one says nothing', (subject) => {
  const record = {
    patient: { resourceType: 'Patient' as const, id: 'line' },
    carePlans: [],
  }
  const written = { by: { reference: 'Patient/line' }, text: 'x', at: new Date('2026-11-23T10:00:00Z') }
  expect(subjectOf(toMessage(record, { ...written, subject }))).toBe(subject)
  expect(toMessage(record, written)).not.toHaveProperty('category')
})
