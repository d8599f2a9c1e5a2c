import type { Observation } from '@medplum/fhirtypes'
import { type Told, tell } from '../../../server/core/decide/words/told.ts'
import { LANGUAGES } from '../../texts/language.ts'
import type { Text } from '../../texts/use-texts.ts'
import type { StoredTask } from '../worklist/row.ts'
import {
  type About,
  type Act,
  asked,
  type Closing,
  callNoted,
  closingOf,
  handoverAsked,
  invalidated,
  messageSent,
} from './act.ts'
import { type ActKind, isErrand } from './suggestion.ts'
import { OUTCOMES } from './templates.ts'
import type { TASK_TEXTS } from './texts.ts'
import { type Until, untilOf } from './until.ts'

/** What stands in the form of an act; each uses what it needs. */
export type Draft = {
  note: string
  reached: 'yes' | 'no'
  measure: string
  until: Until
  /** `id canonical` */
  form: string
  formName: string
  to: string
  toName: string
  reading: string
  outcome: string
  deterioration: 'yes' | 'no' | 'unknown'
  alsoEnd: boolean
  /** ids of other Tasks. */
  alsoClose: readonly string[]
}

export const EMPTY_DRAFT: Draft = {
  ...{ note: '', reached: 'yes', measure: '', until: 'within2h', form: '', formName: '', to: '', toName: '' },
  ...{ reading: '', outcome: '', deterioration: 'unknown', alsoEnd: false, alsoClose: [] },
}

const NEEDED: Readonly<Record<ActKind, readonly (keyof Draft)[]>> = {
  call: ['note'],
  message: ['note'],
  advice: ['note'],
  measure: [],
  form: ['form'],
  visit: ['to', 'note'],
  doctor: ['to', 'note'],
  escalate: ['to', 'note'],
  handover: ['to', 'note'],
  invalid: ['reading', 'note'],
  close: ['outcome', 'note'],
}

/** The first field that must be filled in and is not. */
export function faultOf(kind: ActKind, draft: Draft, task: StoredTask): keyof Draft | undefined {
  const asked = draft.alsoEnd ? [...NEEDED[kind], 'outcome' as const] : NEEDED[kind]
  const needed = isErrand(task) ? asked.filter((field) => field !== 'outcome') : asked
  return needed.find((field) => String(draft[field]).trim() === '')
}

type TaskText = Text<keyof (typeof TASK_TEXTS)['nb']>
type Given = {
  about: About & { task: StoredTask }
  others: readonly StoredTask[]
  /** Of the draft. */
  name: string
  text: TaskText
  reading?: Observation
}

/** @throws Error for a kind whose needs `faultOf` has not looked at */
export function toAct(kind: ActKind, draft: Draft, { about, others, name, text, reading }: Given): Act {
  const { act: id, now, patient, task, doer } = about
  const note = draft.note.trim()
  const to = { reference: draft.to, display: draft.toName }
  const until = untilOf(draft.until, now)
  const act = (words: Act['words'], request: Act['request'], taskIds: readonly string[] = [task.id]): Act => ({
    ...{ id, words, patient, taskIds, request },
    draft: { name, written: draft },
  })
  const made = (words: Act['words'], entry: ReturnType<typeof callNoted>) =>
    act(words, { kind: 'transaction', entry: [entry] })
  switch (kind) {
    case 'call': {
      const call = callNoted(about, { text: note, isReached: draft.reached === 'yes' })
      if (!draft.alsoEnd) return made({ held: text('heldCall'), done: text('doneCall') }, call)
      return act(closeWords(text, others), closingOf([task, ...others], closingIn(draft, about), [call]), [
        task.id,
        ...others.map((one) => one.id),
      ])
    }
    case 'message':
    case 'advice':
      return made({ held: text('heldMessage'), done: text('doneMessage') }, messageSent(about, note))
    case 'measure': {
      const entry = asked(about, {
        ...{ code: 'measure-again', owner: { reference: `Patient/${patient}` }, until, priority: 'urgent' },
        told: inAll((say) => (draft.measure ? `${say('measureAgain')}: ${draft.measure}` : say('measureAgain'))),
      })
      return made({ held: text('heldMeasure'), done: text('doneMeasure') }, entry)
    }
    case 'form': {
      const [form = '', canonical = ''] = draft.form.split(' ')
      const entry = asked(about, {
        ...{ code: 'answer-questionnaire', owner: { reference: `Patient/${patient}` }, until },
        told: inAll((say) => `${say('answerForm')}: ${draft.formName}`),
        questionnaire: { canonical, id: form },
      })
      return made({ held: text('heldForm'), done: text('doneForm') }, entry)
    }
    case 'visit':
    case 'doctor': {
      const entry = asked(about, {
        ...{ code: 'carry-out', owner: to, until, reason: note, priority: task.priority },
        told: inAll((say) => `${say(kind)}: ${note}`),
      })
      const words = kind === 'visit' ? ([`heldVisit`, `doneVisit`] as const) : (['heldDoctor', 'doneDoctor'] as const)
      return made({ held: text(words[0]), done: text(words[1]) }, entry)
    }
    case 'escalate':
    case 'handover':
      return act(
        { held: text('heldHandover'), done: text('doneHandover') },
        handoverAsked(task, { to, reason: note, answerBy: until }),
      )
    case 'invalid':
      if (!reading) throw new Error('Which reading is invalid must have been read.')
      return made({ held: text('heldInvalid'), done: text('doneInvalid') }, invalidated(reading, { now, doer }, note))
    case 'close':
      return act(closeWords(text, others), closingOf([task, ...others], closingIn(draft, about)), [
        task.id,
        ...others.map((one) => one.id),
      ])
  }
}

function closeWords(text: TaskText, others: readonly StoredTask[]): Act['words'] {
  const count = others.length + 1
  return count === 1
    ? { held: text('heldClose'), done: text('doneClose') }
    : { held: text('heldCloseMany', { count }), done: text('doneCloseMany', { count }) }
}

function closingIn({ outcome, note, deterioration }: Draft, { task, now, doer }: Given['about']): Closing {
  if (isErrand(task)) return { note: note.trim(), at: now.toISOString(), doer }
  const found = OUTCOMES.find(({ id }) => id === outcome)
  if (!found) throw new Error(`No outcome is called "${outcome}".`)
  return {
    ...{ outcome: found.id, note: note.trim(), at: now.toISOString(), doer },
    ...(deterioration === 'unknown' ? {} : { isDeterioration: deterioration === 'yes' }),
  }
}

const SAID = {
  measureAgain: { nb: 'Mål på nytt', nn: 'Mål på nytt', en: 'Measure again' },
  answerForm: { nb: 'Svar på skjemaet', nn: 'Svar på skjemaet', en: 'Answer the form' },
  visit: { nb: 'Besøk pasienten', nn: 'Besøk pasienten', en: 'Visit the patient' },
  doctor: { nb: 'Spørsmål til lege', nn: 'Spørsmål til lege', en: 'Question to a doctor' },
} as const satisfies Record<string, Told>

/** The same in each language: who reads it may use another than who writes. */
const inAll = (say: (word: (key: keyof typeof SAID) => string) => string): Told =>
  tell((language) => say((key) => SAID[key][LANGUAGES.find((one) => one === language) ?? 'nb']))
