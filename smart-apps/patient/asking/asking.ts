import type { MessageSubject } from '../../fhir/message-subject.ts'

/** One thing that is asked when somebody writes about something; its words stand in ASKING_TEXTS under the same name. */
export type Asked =
  | { name: 'about' | 'when' | 'besides' | 'trouble' | 'wonder' | 'opinion'; kind: 'words' }
  | { name: 'how' | 'what'; kind: 'choice'; choices: readonly Choice[] }
  /** A medicine by its own name. */
  | { name: `medicine-${string}`; kind: 'choice'; choices: readonly Choice[]; title: string }

export type Choice =
  | 'phone'
  | 'video'
  | 'visit'
  | 'home'
  | 'any'
  | 'as-said'
  | 'otherwise'
  | 'not-taken'
  | 'app'
  | 'care'

type Medicine = { id: string; name: string; dosage?: string }

/** What is asked about, in the order of the page. @param medicines those that the patient is known to take */
export function askedAbout(subject: MessageSubject, medicines: readonly Medicine[]): Asked[] {
  if (subject === 'appointment-wish')
    return [
      { name: 'about', kind: 'words' },
      { name: 'how', kind: 'choice', choices: ['any', 'phone', 'video', 'visit', 'home'] },
      { name: 'when', kind: 'words' },
    ]
  if (subject === 'feedback')
    return [
      { name: 'what', kind: 'choice', choices: ['care', 'app'] },
      { name: 'opinion', kind: 'words' },
    ]
  return [
    ...medicines.map(
      ({ id, name, dosage }): Asked => ({
        ...{ name: `medicine-${id}`, kind: 'choice', choices: ['as-said', 'otherwise', 'not-taken'] },
        title: dosage ? `${name} (${dosage})` : name,
      }),
    ),
    { name: 'besides', kind: 'words' },
    { name: 'trouble', kind: 'words' },
    { name: 'wonder', kind: 'words' },
  ]
}

/** What must be there for the team to know what is meant; of a talk about medicines it is something at all. */
const NEEDED: Readonly<Partial<Record<MessageSubject, readonly Asked['name'][]>>> = {
  'appointment-wish': ['about'],
  feedback: ['opinion'],
}

export type Answers = Readonly<Record<string, string>>

/** Names of what is missing. */
export function missingIn(subject: MessageSubject, asked: readonly Asked[], answers: Answers): string[] {
  const isThere = (name: string) => (answers[name] ?? '').trim() !== ''
  const needed = NEEDED[subject]
  if (needed) return needed.filter((name) => !isThere(name))
  return asked.some(({ name }) => isThere(name)) ? [] : asked.slice(-1).map(({ name }) => name)
}

/** As the team reads it: each answer with what was asked, a line each. @param wordsOf the words of a question, or of a choice */
export const toWords = (
  asked: readonly Asked[],
  answers: Answers,
  wordsOf: { question: (asked: Asked) => string; choice: (choice: Choice) => string },
): string =>
  asked
    .flatMap((one) => {
      const answer = (answers[one.name] ?? '').trim()
      if (answer === '') return []
      const choice = one.kind === 'choice' && one.choices.find((choice) => choice === answer)
      return [`${wordsOf.question(one)} ${choice ? wordsOf.choice(choice) : answer}`]
    })
    .join('\n')
