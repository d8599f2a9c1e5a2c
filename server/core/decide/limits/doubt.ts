import type { CarePlan, CodeableConcept, CommunicationRequest, Extension, Observation, Task } from '@medplum/fhirtypes'
import { hasCode } from '../../fhir/codeable-concept.ts'
import { toCommunicationRequest } from '../message/message.ts'
import type { Rule } from '../plan/compile-plan.ts'
import { NOTICE, ROUTING, SERVICE_LEVEL, TASK_CODE } from '../plan/vocabulary.ts'
import type { Finding } from '../task/finding-task.ts'
import { taskCode } from '../words/coded-words.ts'
import { reasonIn, type Told, tell, toldAs } from '../words/told.ts'
import { observationInWords, reasonOf } from '../words/words.ts'
import type { AssessedLimit } from './limits.ts'
import { askedAgain } from './rest-before.ts'

/** Why a measurement may be an artefact: what it says no body can have, or the device itself says that it failed. */
export type Doubt = { kind: 'implausible' | 'device'; reason: Told }

/** Reasons for a missing value that are the device's. https://hl7.org/fhir/R4/valueset-data-absent-reason.html */
const DEVICE_REASONS = new Set(['error', 'not-a-number', 'negative-infinity', 'positive-infinity', 'unsupported'])

const FAILED: Told = { nb: 'måleren meldte feil', nn: 'målaren melde feil', en: 'the device reported an error' }
const again = (reason: Told, asked: Told): Told => tell((language) => `${reason[language]}. ${asked[language]}`)

/** How long the patient has for measuring again, before the team is asked to see to it. */
const AGAIN_MINUTES = 60

/** @param limits of the measurement, those of the zone `plausible` among them */
export function doubtOf(observation: Observation, limits: AssessedLimit[]): Doubt | undefined {
  const outside = limits.find(({ zone, hit }) => zone === 'plausible' && !hit)
  if (outside) return { kind: 'implausible', reason: reasonOf(outside) }
  const absent = [observation, ...(observation.component ?? [])]
    .flatMap(({ dataAbsentReason }) => dataAbsentReason?.coding ?? [])
    .find(({ code }) => DEVICE_REASONS.has(code ?? ''))
  if (!absent) return undefined
  const name = observationInWords(observation, limits)
  return { kind: 'device', reason: tell((language) => `${name[language]}: ${FAILED[language]} (${absent.code})`) }
}

/**
 * Doubt before alarm: what an unlikely measurement leads to is not said, but the patient is asked to measure again. Red is excepted:
 * it is said at once, and marked. So is what the plan itself does about doubt, and what could not be evaluated for another reason.
 * @param anyRule some rule that looked at the measurement: what no rule said anything about is asked for again too
 */
export function withDoubt(findings: Finding[], doubt: Doubt | undefined, anyRule: Finding | undefined): Finding[] {
  if (!doubt) return findings
  const said = findings.flatMap((finding): Finding[] => {
    if (finding.kind === 'unevaluable') return doubt.kind === 'device' ? [] : [finding]
    if (finding.rule.colour === 'red') return [{ ...finding, doubt: doubt.reason }]
    return asksAgain(finding.rule) ? [finding] : []
  })
  const isSeenTo = said.some(({ kind, rule }) => kind === 'assess' && (rule.colour === 'red' || asksAgain(rule)))
  const from = findings[0] ?? anyRule
  return isSeenTo || !from ? said : [...said, measureAgain(from, doubt)]
}

const AGAIN = taskCode('measure-again')
const isAgain = (code: CodeableConcept | undefined) => hasCode(code, TASK_CODE, 'measure-again')
const asksAgain = ({ activity }: Rule) => isAgain(activity?.code)

/** A Task that asks for the measurement once more. */
export const isMeasureAgain = ({ code }: Task): boolean => isAgain(code)

/** Of which cause: `spo2~again` is made here, all others are the plan's own rules. */
export const againOf = (actionId: string): string | undefined => /^(.*)~again$/.exec(actionId)?.[1]

/** The patient's own Task; when it is not done in time, the team has it. */
function measureAgain(finding: Finding, { reason }: Doubt): Finding {
  const { rule, carePlan, plan } = finding
  // It is the engine's own question: what the rule says of its own is not about it.
  const asked = askedAgain({ rule: { action: {} }, plan })
  return {
    ...finding,
    kind: 'assess',
    reason,
    rule: {
      ...rule,
      id: `${rule.cause}~again`,
      colour: 'grey',
      children: [],
      effect: { does: 'raise' },
      activity: { resourceType: 'ActivityDefinition', status: 'active', code: AGAIN },
      action: {
        title: 'Ny måling',
        ...toldAs('description', again(reason, asked)),
        extension: [placeOf(carePlan), levelOf(carePlan)],
      },
    },
  }
}

const placeOf = ({ subject }: CarePlan): Extension => ({
  url: ROUTING,
  extension: [{ url: 'queue', valueReference: subject }],
})

function levelOf({ careTeam }: CarePlan): Extension {
  const duration = { value: AGAIN_MINUTES, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' }
  const step = [
    { url: 'at', valueCode: 'deadline' },
    { url: 'act', valueCode: 'queue' },
    { url: 'to', valueReference: careTeam?.[0] ?? {} },
  ]
  return {
    url: SERVICE_LEVEL,
    extension: [
      { url: 'deadline', valueDuration: duration },
      ...(careTeam?.[0] ? [{ url: 'escalation', extension: step }] : []),
    ],
  }
}

/** What the patient is told when a finding has become a Task that asks for a new measurement, whoever has the Task. */
export function askToMeasure(task: Task, finding: Finding, id: string): CommunicationRequest {
  return toCommunicationRequest({
    id,
    identifier: { system: NOTICE, value: `Task/${task.id}|measure-again` },
    category: 'instruction',
    priority: 'urgent',
    subject: task.for,
    recipient: task.for as Task['owner'],
    about: `Task/${task.id}`,
    told: again(reasonIn(task), askedAgain(finding)),
    authoredOn: finding.now,
  })
}
