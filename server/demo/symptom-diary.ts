import type {
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '@medplum/fhirtypes'
import { toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import type { Vitals } from './course.ts'
import { type DemoPatient, type Subject, subjectOf } from './roster.ts'
import type { Occasion } from './timeline.ts'
import { DEVICE_MESSAGE_SYSTEM, messageKey } from './vital-signs.ts'

/** The diary of the COPD pathway; its questions and answers stand in plandefinitions/copd/questionnaire.json. */
const DIARY = 'http://fylgje.no/fhir/Questionnaire/copd-diary|1.0.0'

const DANGER_SIGNS = {
  'rest-breathless': 'Er du tungpustet når du sitter i ro, og mye verre enn vanlig?',
  sentences: 'Er du så tungpustet at du ikke klarer hele setninger?',
  drowsy: 'Er du uvanlig døsig eller forvirret?',
  'blue-lips': 'Er leppene eller neglene blå?',
}

/** The symptom diary of the occasion, if it was filled in; nobody of the demo has danger signs. */
export function diaryOf(patient: DemoPatient, { at, vitals, withDiary }: Occasion): QuestionnaireResponse[] {
  return withDiary ? [symptomDiary(subjectOf(patient), at, vitals)] : []
}

export function symptomDiary(subject: Subject, at: Date, vitals: Vitals): QuestionnaireResponse {
  const key = messageKey(subject, 'diary', at)
  return {
    resourceType: 'QuestionnaireResponse',
    id: key,
    identifier: { system: DEVICE_MESSAGE_SYSTEM, value: key },
    questionnaire: DIARY,
    status: 'completed',
    subject,
    authored: toOsloDateTime(at),
    author: subject,
    source: subject,
    item: [{ linkId: 'danger', text: 'Faretegn', item: dangerSigns() }, ...symptoms(vitals)],
  }
}

const dangerSigns = (): QuestionnaireResponseItem[] =>
  Object.entries(DANGER_SIGNS).map(([linkId, text]) => ({ linkId, text, answer: [{ valueBoolean: false }] }))

/** What a person answers who feels like this. */
function symptoms({ burden, infectious, breathlessness, relieverPuffs }: Vitals): QuestionnaireResponseItem[] {
  const worse = burden > 0.2
  const muchWorse = burden > 0.75
  return [
    item('breathlessness', 'Hvor tungpustet er du nå, fra 0 (ikke) til 10 (verst tenkelig)?', {
      valueInteger: breathlessness,
    }),
    item(
      'breathlessness-change',
      'Sammenlignet med det som er vanlig for deg?',
      coding(
        muchWorse ? 'much-worse' : worse ? 'worse' : 'as-usual',
        muchWorse ? 'Mye verre' : worse ? 'Verre' : 'Som vanlig',
      ),
    ),
    item('cough', 'Hvor mye hoster du?', worse ? coding('more', 'Mer enn vanlig') : coding('as-usual', 'Som vanlig')),
    item(
      'sputum-amount',
      'Hvor mye slim hoster du opp?',
      worse && infectious ? coding('more', 'Mer enn vanlig') : coding('as-usual', 'Som vanlig'),
    ),
    item(
      'sputum-colour',
      'Hvilken farge har slimet?',
      worse && infectious ? coding('yellow', 'Gult') : coding('white', 'Hvitt'),
    ),
    item('reliever', 'Hvor mange drag av den anfallsdempende medisinen har du tatt siste døgn?', {
      valueInteger: relieverPuffs,
    }),
    item(
      'sleep',
      'Hvordan har du sovet?',
      worse ? coding('woken', 'Våknet av tungpust eller hoste') : coding('well', 'Godt'),
    ),
  ]
}

const item = (linkId: string, text: string, answer: QuestionnaireResponseItemAnswer): QuestionnaireResponseItem => ({
  linkId,
  text,
  answer: [answer],
})

const coding = (code: string, display: string): QuestionnaireResponseItemAnswer => ({ valueCoding: { code, display } })
