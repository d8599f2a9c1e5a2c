import type { ActivityDefinition, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { ENDS_WHEN } from '../core/decide/enrolment/ends-when.ts'
import { FHIRPATH, isCql, isKnownLanguage } from '../core/decide/evaluator.ts'
import { checkQuality } from '../core/decide/limits/measurement-quality.ts'
import { checkFilters } from '../core/decide/plan/check-filters.ts'
import { checkGoals } from '../core/decide/plan/check-goals.ts'
import { checkRelations } from '../core/decide/plan/check-relations.ts'
import { checkRules } from '../core/decide/plan/check-rules.ts'
import { checkTriggers } from '../core/decide/plan/check-triggers.ts'
import { compilePlan, type Definition } from '../core/decide/plan/compile-plan.ts'
import type { PlanProblem } from '../core/decide/plan/plan-problem.ts'
import { problemsOfTiming } from '../core/decide/plan/rule-clock.ts'
import { ELIGIBLE_WHEN } from '../core/decide/plan/vocabulary.ts'
import { checkEligibility } from '../core/decide/referral/eligibility.ts'
import { SILENCES, silenceOwnersOf } from '../core/decide/silence/silence-owner.ts'
import { checkStages } from '../core/decide/stages/stage.ts'
import type { Issue } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { compileFhirPath } from '../core/fhirpath/evaluate.ts'
import { isNeverTruth } from '../core/fhirpath/never-truth.ts'
import { collectedWith } from '../core/requests/activity-request.ts'
import { checkDemands } from './legal-basis/demands.ts'
import { casesOf } from './named-definitions.ts'
import type { PlanReport } from './plan-report.ts'

/** A plan as it would come into force. */
export type Candidate = {
  plan: PlanDefinition
  /** What its actions name, by the canonical that names it; a name that leads nowhere has none. */
  definitions: ReadonlyMap<string, Resource>
  /** Of its cases; undefined when it names none. */
  report: PlanReport | undefined
}

/**
 * Everything that stands against a plan's coming into force, at once: what it lacks, which action would never do anything here, which
 * case fails, which rule no case shows at work or holding still, and which silence is nobody's.
 */
export function impedimentsTo({ plan, definitions, report }: Candidate): Issue[] {
  return [
    ...ofContent(plan, definitions),
    ...ofRules(plan, definitions),
    ...impedimentsOfCases(report),
    ...ofSilence(plan),
  ]
}

/**
 * What of that the plan alone tells, before it is played and without what it names: for whoever stores it. A later look finds more, never
 * less.
 */
export const impedimentsInItself = (plan: PlanDefinition): Issue[] => [
  ...ofContent(plan, undefined),
  ...(casesOf(plan) ? [] : [NO_CASES]),
  ...ofSilence(plan),
]

/** @param definitions undefined where they are not looked at */
const ofContent = (plan: PlanDefinition, definitions: Definitions | undefined): Issue[] => [
  ...(['url', 'version'] as const).flatMap((name) =>
    plan[name] ? [] : [impediment(`A plan in force needs its ${name}.`, `PlanDefinition.${name}`)],
  ),
  ...(plan.action ?? []).flatMap((action, i) =>
    ofAction(action, `PlanDefinition.action[${i}]`, definitions && besideContained(plan, definitions)),
  ),
  ...[...cannotBeHeard(plan), ...contradictsItself(plan)].map(({ diagnostics, expression }) =>
    impediment(diagnostics, expression),
  ),
  ...checkGoals(plan).map(({ diagnostics, expression }) => impediment(diagnostics, expression)),
  ...ofTruth(plan, ENDS_WHEN),
  ...ofTruth(plan, ELIGIBLE_WHEN),
]

/** What the engine does not hear: triggers that nobody pulls, filters by what R4 does not search by. */
export const cannotBeHeard = (plan: PlanDefinition): PlanProblem[] => [...checkTriggers(plan), ...checkFilters(plan)]

/** What no engine could carry out: circles of relations, stages that lead nowhere, demands that nothing could meet. */
export const contradictsItself = (plan: PlanDefinition): PlanProblem[] =>
  [checkStages, checkRelations, checkQuality, checkDemands, checkEligibility].flatMap((check) => check(plan))

function impediment(diagnostics: string, ...expression: string[]): Issue {
  return { severity: 'error', code: 'business-rule', diagnostics, expression }
}

type Definitions = Candidate['definitions']

/** What its rules, as they would be carried out, cannot do. Plans that contain each other are told by who makes them ready. */
function ofRules(plan: PlanDefinition, definitions: Definitions): Issue[] {
  try {
    const compiled = compilePlan(plan, (canonical) => definitions.get(canonical) as Definition | undefined)
    return checkRules(compiled).map(({ diagnostics, expression }) => impediment(diagnostics, expression))
  } catch {
    return []
  }
}

/** What the plan contains stands beside what is stored, by `#id`. */
const besideContained = ({ contained = [] }: PlanDefinition, definitions: Definitions): Definitions =>
  new Map([...definitions, ...contained.map((one) => [`#${one.id}`, one as Resource] as const)])

function ofAction(action: PlanDefinitionAction, path: string, definitions: Definitions | undefined): Issue[] {
  const name = `Action "${action.id ?? action.title ?? path}"`
  const { definitionCanonical: canonical } = action
  return [
    ...(canonical && definitions ? ofNamed(name, canonical, { path, definitions }) : []),
    ...(action.condition ?? []).flatMap(({ expression }, i) =>
      ofCondition(name, expression, `${path}.condition[${i}].expression`),
    ),
    ...(action.dynamicValue ?? []).flatMap(({ expression }, i) =>
      expression ? ofExpression(name, expression, `${path}.dynamicValue[${i}].expression`) : [],
    ),
    ...(action.trigger ?? []).flatMap((trigger, i) => ofTrigger(name, trigger, `${path}.trigger[${i}]`)),
    ...(action.action ?? []).flatMap((child, i) => ofAction(child, `${path}.action[${i}]`, definitions)),
  ]
}

function ofNamed(name: string, canonical: string, { path, definitions }: { path: string; definitions: Definitions }) {
  const named = definitions.get(canonical)
  const at = `${path}.definitionCanonical`
  const why = named ? (named.status === 'retired' ? 'which is retired' : undefined) : 'which is not here'
  return why ? [impediment(`${name} names ${canonical}, ${why}.`, at)] : ofForm(name, named, at, definitions)
}

/** A form that only an activity names would neither be kept as it was approved nor come along in a package. */
function ofForm(name: string, definition: Resource | undefined, path: string, definitions: Definitions): Issue[] {
  if (definition?.resourceType !== 'ActivityDefinition') return []
  const form = collectedWith(definition as unknown as ActivityDefinition)
  if (!form || definitions.has(form)) return []
  const said = `${name} asks for answers to ${form}, which the plan does not bring; name it as its relatedArtifact depends-on, and store it.`
  return [impediment(said, path)]
}

type Trigger = NonNullable<PlanDefinitionAction['trigger']>[number]

function ofTrigger(name: string, trigger: Trigger, path: string): Issue[] {
  const { type, data = [], condition, name: eventName } = trigger
  const isOfData = type.startsWith('data-')
  return [
    ...(isOfData && data.length === 0
      ? [impediment(`${name}: a ${type} trigger says which data.`, `${path}.data`)]
      : []),
    ...(type === 'named-event' && !eventName
      ? [impediment(`${name}: a named-event trigger says which event.`, `${path}.name`)]
      : []),
    ...(type === 'periodic'
      ? problemsOfTiming(trigger, path).map(({ diagnostics, expression }) =>
          impediment(`${name}: a periodic trigger says when. ${diagnostics}`, expression),
        )
      : []),
    ...(condition ? ofCondition(name, condition, `${path}.condition`) : []),
  ]
}

type Asked = { language?: string | undefined; expression?: string | undefined; reference?: string | undefined }

/** An expression that nobody here can answer. FHIRPath is read at once; CQL is held against its Library when that is stored. */
function ofExpression(name: string, asked: Asked | undefined, path: string): Issue[] {
  const { language, expression } = asked ?? {}
  if (!isKnownLanguage(language)) {
    return [
      impediment(
        `${name}: nobody here can evaluate "${language ?? ''}"; use text/fhirpath or text/cql.`,
        `${path}.language`,
      ),
    ]
  }
  if (!expression) return [impediment(`${name} has a condition without an expression.`, `${path}.expression`)]
  if (isCql(language)) return []
  try {
    compileFhirPath(expression)
    return []
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return [impediment(`${name} cannot be evaluated: ${problem}`, `${path}.expression`)]
  }
}

/** A condition must be able to be true or false: one that gives what it has found, or a number, is never met. */
function ofCondition(name: string, asked: Asked | undefined, path: string): Issue[] {
  const issues = ofExpression(name, asked, path)
  const { language, expression = '' } = asked ?? {}
  if (issues.length > 0 || language !== FHIRPATH || !isNeverTruth(expression)) return issues
  const said = `${name}: its condition gives what it finds, never true or false; end it with .exists(), or compare it.`
  return [impediment(said, `${path}.expression`)]
}

/** An expression of the plan itself that is to be true or false. */
function ofTruth({ extension = [] }: PlanDefinition, url: string): Issue[] {
  const at = extension.findIndex((one) => one.url === url)
  if (at < 0) return []
  const name = url.slice(url.lastIndexOf('/') + 1)
  return ofCondition(name, extension[at]?.valueExpression, `PlanDefinition.extension[${at}].value`)
}

const CASES_AT = 'PlanDefinition.relatedArtifact'
const NO_CASES = impediment(
  'The plan has no cases: a relatedArtifact composed-of, label "cases", with some in its Library.',
  CASES_AT,
)

/** What speaks against a plan's cases: that there are none, that one fails, or that they do not show a rule both ways. */
export function impedimentsOfCases(report: PlanReport | undefined): Issue[] {
  if (!report || report.cases.length === 0) return [NO_CASES]
  const failed = report.cases.filter(({ passed }) => !passed)
  return [
    ...failed.map(({ name, differences }) => impediment(`Case "${name}" fails: ${differences.join('; ')}`, CASES_AT)),
    ...report.coverage.flatMap(({ actionId, fires, spares }) => [
      ...(fires ? [] : [impediment(`No case shows rule "${actionId}" at work.`, CASES_AT)]),
      ...(spares ? [] : [impediment(`No case shows rule "${actionId}" holding still.`, CASES_AT)]),
    ]),
  ]
}

function ofSilence(plan: PlanDefinition): Issue[] {
  const owned = new Set(silenceOwnersOf(plan).map(({ silence }) => silence))
  return SILENCES.filter((silence) => !owned.has(silence)).map((silence) =>
    impediment(
      `Nobody owns the silence "${silence}": an extension silence-owner says silence, owner and after.`,
      'PlanDefinition.extension',
    ),
  )
}
