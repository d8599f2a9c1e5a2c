import type { DetectedIssue, Reference } from '@medplum/fhirtypes'
import type { Colour } from '../../core/decide/plan/vocabulary.ts'
import { COLOUR_WORDS, colourIn } from '../../core/decide/words/coded-words.ts'
import { LOINC } from '../measures.ts'
import { measureOf } from '../vkp-observation.ts'
import { kindOf } from './alert-kind.ts'
import { type ClosedAlert, isWithoutGround, reasonsOf } from './closed-alert.ts'
import { ALERT_SYSTEM, ALERTS, type AlertKind, PROFILE, SEVERITY } from './code-tables.ts'
import { titleOf } from './questionnaire-response.ts'

/**
 * What was the matter. `severity` is left out where nobody knows: the receiver refuses an empty one.
 * @param implicated what it rests on, inside the same document
 */
export function toDetectedIssue(alert: ClosedAlert, implicated: string[]): DetectedIssue {
  const { task, patient, sourceSystem, invalidated, corrected } = alert
  const kind = kindOf(alert)
  // Of what nobody has measured, or not so, nobody knows how grave it was.
  const colour = isWithoutGround(alert) ? undefined : colourOf(alert)
  const { code, display } = ALERTS[kind]
  const missing = missingOf(kind, alert)
  return {
    resourceType: 'DetectedIssue',
    meta: { profile: [PROFILE.detectedIssue] },
    status: 'final',
    code: { coding: [{ system: ALERT_SYSTEM, code, display }], text: textOf(kind, alert, missing?.display) },
    ...(colour && colour !== 'grey' ? { severity: SEVERITY[colour] } : {}),
    patient: { identifier: patient },
    identifiedDateTime: task.authoredOn ?? alert.closedAt,
    author: { display: sourceSystem },
    implicated: missing ? [missing] : implicated.map((reference) => ({ reference })),
    ...(colour ? { detail: detailOf(colour, invalidated || corrected ? undefined : task.reasonCode?.text) } : {}),
  }
}

/** In the patient's colours, in words: the receiver has no code for them. */
const detailOf = (colour: Colour, reason: string | undefined): string =>
  [COLOUR_WORDS[colour].nb, reason].filter(Boolean).join(': ')

/** The Task's own, else the worst by which what it rests on was judged. */
const colourOf = ({ task, triage }: Pick<ClosedAlert, 'task' | 'triage'>): Colour | undefined =>
  colourIn(task.businessStatus) ??
  colourIn(triage.flatMap(({ finding = [] }) => finding.flatMap((one) => one.itemCodeableConcept ?? [])))

const MISSING_TEXT = {
  'missing-questionnaire': 'Spørsmålsliste som ikke er besvart',
  'missing-measurement': 'Måling ikke rapportert',
} as const
const isMissing = (kind: AlertKind): kind is keyof typeof MISSING_TEXT => kind in MISSING_TEXT

function textOf(kind: AlertKind, alert: ClosedAlert, missing: string | undefined): string {
  if (isMissing(kind)) return missing ? `${MISSING_TEXT[kind]}: ${missing}` : MISSING_TEXT[kind]
  return [ALERTS[kind].display, reasonsOf(alert)[0]].filter(Boolean).join(': ')
}

/** What did not come, by the name that the receiver can read: there is nothing that could be referred to. */
function missingOf(kind: AlertKind, { asked, task, questionnaires }: ClosedAlert): Reference | undefined {
  if (kind === 'missing-questionnaire' && asked) {
    const title = titleOf(formOf(asked), questionnaires)
    return { identifier: { value: title }, display: title }
  }
  if (kind !== 'missing-measurement') return undefined
  const code = asked?.resourceType === 'ServiceRequest' ? asked.code : undefined
  const measure = code && measureOf({ code })
  const loinc = measure?.loinc ?? code?.coding?.find(({ system }) => system === LOINC)?.code
  const display = measure?.display ?? code?.text ?? code?.coding?.[0]?.display ?? task.description ?? 'Måling'
  return { identifier: loinc ? { system: LOINC, value: loinc } : { value: display }, display }
}

function formOf(asked: NonNullable<ClosedAlert['asked']>): string | undefined {
  if (asked.resourceType === 'Task')
    return asked.input?.find(({ valueCanonical }) => valueCanonical)?.valueCanonical ?? asked.focus?.reference
  return asked.extension?.find(({ valueReference }) => valueReference?.reference?.includes('Questionnaire/'))
    ?.valueReference?.reference
}
