import type {
  ClinicalImpression,
  ClinicalImpressionFinding,
  CodeableConcept,
  Coding,
  Reference,
} from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { versionedReference } from '../fhir/versioned-reference.ts'
import type { Facts } from './facts.ts'
import { namedGoals } from './limits/limits.ts'
import { COLOURS, type Colour, TRIAGE, TRIAGE_CODE, TRIAGE_COLOUR } from './plan/vocabulary.ts'
import { type Finding, rulesOf } from './task/finding-task.ts'
import { COLOUR_WORDS } from './words/coded-words.ts'
import { REASONS } from './words/reasons.ts'
import { type Told, tell, toldAs, toldConcept } from './words/told.ts'

/** What is triaged: R4 lets a ClinicalImpression investigate these two among what patients send. */
const TRIAGED = new Set(['Observation', 'QuestionnaireResponse'])

export type TriageDecision = { act: 'create' | 'update'; impression: ClinicalImpression }

/** Which triage it is: one for each measurement or answer, enrolment and plan, for ever. */
export const triageKey = (planUrl: string, carePlanId: string | undefined, about: string): string =>
  `${planUrl}|CarePlan/${carePlanId}|${about}`

export const triageKeyOf = ({ identifier }: ClinicalImpression) =>
  identifier?.find(({ system }) => system === TRIAGE)?.value

type Judged = {
  facts: Facts
  /** The measurement or answer as it stands; undefined when it is gone. */
  current: Resource | undefined
  changed: Resource
  /** Some rule looked at it. */
  isJudged: boolean
  findings: Finding[]
  /** What it is called: by its limits, where it has some. */
  name: Told
}

/**
 * The triage of one measurement or answer as a resource: its colour, the rules that gave it, and everything it rests on, by version.
 * Judged anew (a correction, other limits) it becomes the next version of the same ClinicalImpression, so that a search finds what
 * holds now and the history what held before. Withdrawn, it is entered-in-error.
 * @returns undefined where no rule looks at it, and where nothing has changed
 * @see docs/decisions/0025-triage-and-limits.md
 */
export function triage(judged: Judged): TriageDecision | undefined {
  const { facts, current, changed, isJudged } = judged
  const { triage: before, newId } = facts
  if (!TRIAGED.has(changed.resourceType)) return undefined
  if (!current || !isJudged) return before && withdraw(before, current, facts.now)
  const impression = impressionOf(judged, current, before?.id ?? newId())
  return before ? { act: 'update', impression: { ...impression, meta: before.meta } } : { act: 'create', impression }
}

function withdraw(before: ClinicalImpression, current: Resource | undefined, now: Date): TriageDecision | undefined {
  if (before.status === 'entered-in-error') return undefined
  const why = current ? REASONS['not-judged'] : REASONS.withdrawn
  return {
    act: 'update',
    impression: { ...before, status: 'entered-in-error', statusReason: toldConcept(why), date: now.toISOString() },
  }
}

function impressionOf({ facts, findings, name }: Judged, current: Resource, id: string): ClinicalImpression {
  const { plan, carePlan, now } = facts
  const about = `${current.resourceType}/${current.id}`
  const found = toFindings(facts, name, findings)
  return {
    resourceType: 'ClinicalImpression',
    id,
    identifier: [{ system: TRIAGE, value: triageKey(plan.url, carePlan.id, about) }],
    status: 'completed',
    code: { coding: [{ system: TRIAGE_CODE, code: 'triage', display: 'Triage' }] },
    subject: carePlan.subject,
    ...effectiveOf(current),
    date: now.toISOString(),
    investigation: [
      {
        code: { text: current.resourceType === 'Observation' ? 'Måling' : 'Skjemasvar' },
        item: [{ reference: versionedReference(current), ...toldAs('display', name) }],
      },
    ],
    protocol: [plan.canonical],
    summary: found[0]?.itemCodeableConcept?.text,
    finding: found,
    supportingInfo: basisOf(facts),
  }
}

/** The worst first, so that the first finding is the colour. */
function toFindings(facts: Facts, name: Told, findings: Finding[]): ClinicalImpressionFinding[] {
  if (findings.length === 0) {
    const told = tell((language) => `${name[language]}, ${NO_FINDING[language]}`)
    return [{ itemCodeableConcept: { coding: [colourCoding('green')], ...toldConcept(told) } }]
  }
  return findings
    .flatMap((finding) => rulesOf(finding).map((rule) => ({ ...finding, rule })))
    .map((finding) => ({ finding, colour: colourOf(finding) }))
    .sort((one, other) => COLOURS.indexOf(one.colour) - COLOURS.indexOf(other.colour))
    .map(({ finding, colour }) => ({
      itemCodeableConcept: conceptOf(finding, colour),
      ...(finding.rule.action.title ? { basis: finding.rule.action.title } : {}),
    }))

  function conceptOf({ rule, reason }: Finding, colour: Colour): CodeableConcept {
    const { url, definition } = facts.plan
    const ruleCoding = { system: url, version: definition.version, code: rule.id, display: rule.action.title }
    return { coding: [colourCoding(colour), withoutUndefined(ruleCoding)], ...toldConcept(reason) }
  }
}

const NO_FINDING: Told = { nb: 'ingen funn', nn: 'ingen funn', en: 'no findings' }

/** What could not be evaluated is grey: nobody knows. */
const colourOf = ({ kind, rule }: Finding): Colour => (kind === 'unevaluable' ? 'grey' : (rule.colour ?? 'yellow'))

const colourCoding = (colour: Colour): Coding => ({
  system: TRIAGE_COLOUR,
  code: colour,
  display: COLOUR_WORDS[colour].nb,
})

/** The rest of what it rests on; `history` is with the decision, since a look back may be hundreds of measurements. */
function basisOf({ plan, carePlan, goals }: Facts): Reference[] {
  const all = [plan.definition, carePlan, ...namedGoals(carePlan, goals)]
  return all.map((one) => ({ reference: versionedReference(one) }))
}

/** When it was measured or answered; what does not say so has none. */
function effectiveOf(current: Resource): Pick<ClinicalImpression, 'effectiveDateTime' | 'effectivePeriod'> {
  const { effectiveDateTime, effectiveInstant, effectivePeriod, authored } = current
  const at = [effectiveDateTime, effectiveInstant, authored].find((one) => typeof one === 'string')
  if (typeof at === 'string') return { effectiveDateTime: at }
  return effectivePeriod ? { effectivePeriod: effectivePeriod as ClinicalImpression['effectivePeriod'] } : {}
}

const withoutUndefined = (coding: Coding): Coding =>
  Object.fromEntries(Object.entries(coding).filter(([, value]) => value !== undefined))
