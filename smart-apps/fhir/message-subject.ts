import type { CodeableConcept, Communication } from '@medplum/fhirtypes'
import { defineTexts } from '../texts/language.ts'

/** What is told of the patient's app, and by it. */
export const PATIENT_APP = 'http://fylgje.no/fhir/CodeSystem/patient-app'

/** What a patient may write to the team about, beside plain messages: codes of that CodeSystem. */
export const MESSAGE_SUBJECTS = ['appointment-wish', 'medication-review', 'feedback'] as const
export type MessageSubject = (typeof MESSAGE_SUBJECTS)[number]

/** How both the patient and the team read what a message is about. */
export const SUBJECT_TEXTS = defineTexts<MessageSubject>({
  nb: {
    'appointment-wish': 'Ønske om avtale',
    'medication-review': 'Til samtale om medisiner',
    feedback: 'Tilbakemelding',
  },
  nn: {
    'appointment-wish': 'Ønske om avtale',
    'medication-review': 'Til samtale om medisinar',
    feedback: 'Tilbakemelding',
  },
  en: {
    'appointment-wish': 'Wish for an appointment',
    'medication-review': 'For a talk about medicines',
    feedback: 'Feedback',
  },
})

export const isMessageSubject = (text: string | undefined): text is MessageSubject =>
  MESSAGE_SUBJECTS.some((one) => one === text)

export const toCategory = (subject: MessageSubject): CodeableConcept[] => [
  { coding: [{ system: PATIENT_APP, code: subject }] },
]

/** undefined: a plain message. */
export const subjectOf = ({ category = [] }: Pick<Communication, 'category'>): MessageSubject | undefined =>
  category
    .flatMap(({ coding = [] }) => coding)
    .filter(({ system }) => system === PATIENT_APP)
    .map(({ code }) => code)
    .find(isMessageSubject)
