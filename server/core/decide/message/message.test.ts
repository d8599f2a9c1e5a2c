import { expect, test } from '@jest/globals'
import type { CommunicationRequest, Patient, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { AskedFor } from '../schedule/asked-for.ts'
import type { ScheduleMoment } from '../schedule/occurrences.ts'
import { toReminder } from '../schedule/reminder.ts'
import { toNotice } from '../task/escalation.ts'
import { LANGUAGES, type Language } from '../words/language.ts'
import { toldAs } from '../words/told.ts'
import { translated } from '../words/translated.ts'
import { isForPatient, languageOf, messageIn } from './message-language.ts'

const NOW = new Date('2026-11-11T06:00:00Z')
const inLanguage = (message: CommunicationRequest, language: Language) =>
  translated(message.payload?.[0] ?? {}, 'contentString', language)

const WEIGH = { about: 'ServiceRequest/weigh', name: '', title: 'Vekt' } as AskedFor
const momentOf = (kind: 'reminder' | 'grace') =>
  ({ kind, at: NOW, occurrence: { dueAt: new Date('2026-11-11T07:00:00Z') } }) as ScheduleMoment

const spoken = (code: string, preferred?: boolean) => ({
  language: { coding: [{ code }] },
  ...(preferred ? { preferred } : {}),
})

test.each([
  ['reminder', 'nb', 'Husk: Vekt, 2026-11-11 kl. 08:00.'],
  ['reminder', 'nn', 'Hugs: Vekt, 2026-11-11 kl. 08:00.'],
  ['reminder', 'en', 'Remember: Vekt, 2026-11-11 08:00.'],
  ['grace', 'nb', 'Vekt skulle vært gjort 2026-11-11 kl. 08:00. Det er fortsatt tid.'],
  ['grace', 'nn', 'Vekt skulle vore gjort 2026-11-11 kl. 08:00. Det er framleis tid.'],
  ['grace', 'en', 'Vekt was to be done 2026-11-11 08:00. There is still time.'],
] as const)('the %s of what is asked for is told in %s: %s', (kind, language, told) => {
  const reminder = toReminder(WEIGH, momentOf(kind), { id: 'a', subject: 'Patient/a', now: NOW })
  expect(inLanguage(reminder, language)).toBe(told)
})

const TASK: Task = {
  resourceType: 'Task',
  id: 'late',
  status: 'requested',
  intent: 'order',
  for: { reference: 'Patient/a' },
  owner: { reference: 'CareTeam/team' },
  ...toldAs('description', { nb: 'Ring pasienten', nn: 'Ring pasienten', en: 'Call the patient' }),
}
const { owner: _owner, ...OWNED_BY_NOBODY } = TASK
const noticeOf = (task: Task, to?: Task['owner']) =>
  toNotice(task, { act: 'notify', ...(to ? { to } : {}) }, { now: NOW, id: 'b', number: 0 })

test('that a Task is late is told in each language, in its author’s words', () => {
  expect(LANGUAGES.map((language) => inLanguage(noticeOf(TASK), language))).toEqual([
    'Oppgaven venter: Ring pasienten',
    'Oppgåva ventar: Ring pasienten',
    'The task is waiting: Call the patient',
  ])
})

test.each<[string, Patient['communication'], string]>([
  ['nobody knows', undefined, 'nb'],
  ['the preferred one', [spoken('nb'), spoken('nn', true)], 'nn'],
  ['the only one', [spoken('en-GB')], 'en'],
  ['one that is spoken here, where the preferred is not', [spoken('pl', true), spoken('en')], 'en'],
  ['none that is spoken here', [spoken('pl', true)], 'nb'],
  ['Norwegian of either kind', [spoken('no')], 'nb'],
])('the language of a patient: %s', (_which, communication, expected) => {
  expect(languageOf({ resourceType: 'Patient', ...(communication ? { communication } : {}) })).toBe(expected)
})

test.each(LANGUAGES)('a message in %s says its text in that, and the others beside it', (language) => {
  const message = toReminder(WEIGH, momentOf('reminder'), { id: 'a', subject: 'Patient/a', now: NOW })
  const turned = messageIn(message as unknown as Resource, language) as unknown as CommunicationRequest
  expect(turned.payload?.[0]?.contentString).toBe(inLanguage(message, language))
  expect(LANGUAGES.map((one) => inLanguage(turned, one))).toEqual(LANGUAGES.map((one) => inLanguage(message, one)))
  expect(turned.language).toBe(language === 'nb' ? undefined : language)
})

test('what nobody has translated, and an attachment, stay as they are', () => {
  const payload = [{ contentString: 'Hei' }, { contentAttachment: { url: 'http://example.org/film' } }]
  const message: Resource = { resourceType: 'CommunicationRequest', payload }
  expect(messageIn(message, 'en')).toBe(message)
})

test.each([
  [[], true],
  [[{ reference: 'Patient/a' }], true],
  [[{ reference: 'RelatedPerson/b' }], true],
  [[{ reference: 'CareTeam/team' }], false],
  [[{ reference: 'Patient/a' }, { reference: 'Practitioner/kari' }], false],
])('a message to %j is the patient’s: %s', (recipient, expected) => {
  expect(isForPatient({ resourceType: 'CommunicationRequest', recipient })).toBe(expected)
})

test.each([
  ['whom the step names', noticeOf(TASK, { reference: 'Practitioner/kari' }), [{ reference: 'Practitioner/kari' }]],
  ['else whoever has the Task', noticeOf(TASK), [{ reference: 'CareTeam/team' }]],
  ['nobody yet when nobody has it', noticeOf(OWNED_BY_NOBODY), undefined],
])('a notice is for %s', (_whom, { recipient }, expected) => expect(recipient).toEqual(expected))
