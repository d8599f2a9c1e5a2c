import type { CodeableConcept } from '@medplum/fhirtypes'
import {
  COLOURS,
  type Colour,
  TASK_CODE,
  TASK_INPUT,
  TASK_OUTCOME,
  TASK_OUTPUT,
  TRIAGE_COLOUR,
} from '../plan/vocabulary.ts'
import { type Told, toldAs, toldConcept } from './told.ts'

/** What the codes of Tasks are called, as `CodeSystem/task-code` has them; a test holds the two together. */
export const TASK_WORDS = {
  'assess-measurement': { nb: 'Vurder måling', nn: 'Vurder måling', en: 'Assess measurement' },
  'measure-again': { nb: 'Be om ny måling', nn: 'Be om ny måling', en: 'Ask to measure again' },
  'missing-measurement': {
    nb: 'Finn ut hvorfor måling mangler',
    nn: 'Finn ut kvifor måling manglar',
    en: 'Find out why nothing came',
  },
  'rule-unevaluable': {
    nb: 'Regel kunne ikke vurderes',
    nn: 'Regelen kunne ikkje vurderast',
    en: 'Rule could not be evaluated',
  },
  'plan-not-activated': {
    nb: 'Plan trådte ikke i kraft',
    nn: 'Plan tredde ikkje i kraft',
    en: 'Plan did not come into force',
  },
  'alarm-budget-exceeded': {
    nb: 'Varslene er over budsjettet',
    nn: 'Varsla er over budsjettet',
    en: 'Alarms are beyond the budget',
  },
  'shift-understaffed': {
    nb: 'For få på vakt',
    nn: 'For få på vakt',
    en: 'Too few people on shift',
  },
  'week-not-forecast': {
    nb: 'Uken kunne ikke forutses',
    nn: 'Veka kunne ikkje forutseiast',
    en: 'Week could not be forecast',
  },
  'migrate-plan': {
    nb: 'Flytt pasienter til ny versjon',
    nn: 'Flytt pasientar til ny versjon',
    en: 'Move patients to another version',
  },
  summary: { nb: 'Flere funn', nn: 'Fleire funn', en: 'Several findings' },
  handover: { nb: 'Overføring av ansvar', nn: 'Overføring av ansvar', en: 'Handover of responsibility' },
  referral: { nb: 'Henvisning til oppfølging', nn: 'Tilvising til oppfølging', en: 'Referral to be followed' },
  'silence-not-sent': { nb: 'Målt, men ikke sendt', nn: 'Målt, men ikkje sendt', en: 'Measured but not sent' },
  'silence-not-evaluated': {
    nb: 'Sendt, men ikke vurdert',
    nn: 'Sendt, men ikkje vurdert',
    en: 'Sent but not evaluated',
  },
  'silence-not-opened': {
    nb: 'Oppgaven er ikke åpnet',
    nn: 'Oppgåva er ikkje opna',
    en: 'The task has not been opened',
  },
  'silence-not-decided': { nb: 'Åpnet, men ikke avgjort', nn: 'Opna, men ikkje avgjord', en: 'Opened but not decided' },
  'review-limits': {
    nb: 'Vurder pasientens grenser',
    nn: 'Vurder grensene til pasienten',
    en: 'Review the patient’s limits',
  },
  'conflicting-advice': {
    nb: 'To planer gir motstridende råd',
    nn: 'To planar gjev motstridande råd',
    en: 'Two plans give conflicting advice',
  },
  'legal-basis-missing': {
    nb: 'Rettslig grunnlag mangler',
    nn: 'Rettsleg grunnlag manglar',
    en: 'Legal basis is missing',
  },
  'answer-questionnaire': { nb: 'Svar på skjema', nn: 'Svar på skjema', en: 'Answer the form' },
  'carry-out': { nb: 'Utfør tiltak', nn: 'Utfør tiltak', en: 'Carry out' },
  'sending-failed': { nb: 'Melding kom ikke fram', nn: 'Melding kom ikkje fram', en: 'Message did not arrive' },
  'stage-late': { nb: 'Fase over fristen', nn: 'Fase over fristen', en: 'Stage past its deadline' },
} as const satisfies Record<string, Told>

/** What the colours are called, as `CodeSystem/triage-colour` has them. */
export const COLOUR_WORDS = {
  red: { nb: 'Rød', nn: 'Raud', en: 'Red' },
  yellow: { nb: 'Gul', nn: 'Gul', en: 'Yellow' },
  grey: { nb: 'Grå', nn: 'Grå', en: 'Grey' },
  green: { nb: 'Grønn', nn: 'Grøn', en: 'Green' },
} as const satisfies Record<Colour, Told>

/** What the parts of a Task's grounds are called, as `CodeSystem/task-input` has them. */
export const INPUT_WORDS = {
  evidence: { nb: 'Grunnlag', nn: 'Grunnlag', en: 'Evidence' },
  'worsened-from': { nb: 'Forverret fra', nn: 'Forverra frå', en: 'Worsened from' },
  moment: { nb: 'Tidspunkt som gikk', nn: 'Tidspunkt som gjekk', en: 'Moment that passed' },
  finding: { nb: 'Funn', nn: 'Funn', en: 'Finding' },
  'handover-from': { nb: 'Fra', nn: 'Frå', en: 'From' },
  'handover-to': { nb: 'Til', nn: 'Til', en: 'To' },
  artefact: { nb: 'Mulig målefeil', nn: 'Mogleg målefeil', en: 'Possible artefact' },
  'proposed-limits': { nb: 'Foreslåtte grenser', nn: 'Føreslåtte grenser', en: 'Proposed limits' },
  questionnaire: { nb: 'Skjema', nn: 'Skjema', en: 'Form' },
  'short-shift': { nb: 'For få på vakt', nn: 'For få på vakt', en: 'Too few on this shift' },
} as const satisfies Record<string, Told>

/** What the parts of what came of a Task are called, as `CodeSystem/task-output` has them. */
export const OUTPUT_WORDS = {
  answers: { nb: 'Svar', nn: 'Svar', en: 'Answers' },
  eligibility: { nb: 'Forslag etter svarene', nn: 'Framlegg etter svara', en: 'Proposal by the answers' },
  'eligibility-reason': { nb: 'Hvorfor', nn: 'Kvifor', en: 'Why' },
  deterioration: { nb: 'Forverring', nn: 'Forverring', en: 'Deterioration' },
} as const satisfies Record<string, Told>

/** How Tasks end, as `CodeSystem/task-outcome` has them. */
export const OUTCOME_WORDS = {
  'no-action': { nb: 'Vurdert, ingen tiltak', nn: 'Vurdert, ingen tiltak', en: 'Assessed, no action' },
  advised: { nb: 'Råd gitt', nn: 'Råd gitt', en: 'Advice given' },
  treated: {
    nb: 'Behandling etter egenbehandlingsplan',
    nn: 'Behandling etter eigenbehandlingsplan',
    en: 'Treated by the self-treatment plan',
  },
  doctor: { nb: 'Avklart med lege', nn: 'Avklart med lege', en: 'Settled with a doctor' },
  referred: {
    nb: 'Sendt til legevakt eller sykehus',
    nn: 'Send til legevakt eller sjukehus',
    en: 'Sent to casualty or hospital',
  },
  artefact: { nb: 'Feil måling', nn: 'Feil måling', en: 'Faulty reading' },
} as const satisfies Record<string, Told>

export type OutcomeCode = keyof typeof OUTCOME_WORDS
export type TaskCode = keyof typeof TASK_WORDS
export type InputCode = keyof typeof INPUT_WORDS
export type OutputCode = keyof typeof OUTPUT_WORDS

/** What a Task asks for, called by its name in each language. https://hl7.org/fhir/R4/extension-translation.html */
export const taskCode = (code: TaskCode): CodeableConcept => told(TASK_CODE, code, TASK_WORDS[code])

/** @param words in place of the code's own: which moment it is */
export const taskInput = (code: InputCode, words: Told = INPUT_WORDS[code]): CodeableConcept =>
  told(TASK_INPUT, code, words)

export const taskOutput = (code: OutputCode): CodeableConcept => told(TASK_OUTPUT, code, OUTPUT_WORDS[code])

/** How a Task ended, for its statusReason: the code, and its words as text too, for who knows no codes. */
export const taskOutcome = (code: OutcomeCode): CodeableConcept => ({
  ...told(TASK_OUTCOME, code, OUTCOME_WORDS[code]),
  ...toldConcept(OUTCOME_WORDS[code]),
})

export const triageColour = (colour: Colour): CodeableConcept => told(TRIAGE_COLOUR, colour, COLOUR_WORDS[colour])

/** The colour that a Task has in its `businessStatus`, a plan's action in its `code`; undefined where neither is any. */
export function colourIn(concepts: CodeableConcept | CodeableConcept[] = []): Colour | undefined {
  const codings = [concepts].flat().flatMap(({ coding = [] }) => coding)
  return COLOURS.find((colour) => codings.some(({ system, code }) => system === TRIAGE_COLOUR && code === colour))
}

const told = (system: string, code: string, words: Told): CodeableConcept => ({
  coding: [{ system, code, ...toldAs('display', words) }],
})
