import type {
  ActivityDefinition,
  Extension,
  PlanDefinition,
  PlanDefinitionAction,
  Questionnaire,
} from '@medplum/fhirtypes'
import { QUALITY_REQUIRED } from '../limits/measurement-quality.ts'
import { type CompiledPlan, compilePlan, type Definition } from '../plan/compile-plan.ts'
import {
  ACTIVITY_EFFECT,
  ELIGIBILITY_QUESTIONS,
  ELIGIBLE_WHEN,
  SERVICE_LEVEL,
  SUMMARY_WINDOW,
  TRIAGE_COLOUR,
} from '../plan/vocabulary.ts'
import { MOVE_TO_STAGE, STAGE } from '../stages/stage.ts'

/** A plan for heart failure that uses much of what plans can do; the numbers are no clinical advice. */
const PLAN_URL = 'http://example.org/PlanDefinition/heart'
export const WEIGHT = '29463-7'
export const PULSE = '8867-4'
export const DIARY_URL = 'http://example.org/Questionnaire/diary'

const define = (id: string, more: Partial<ActivityDefinition>): ActivityDefinition => ({
  ...{ resourceType: 'ActivityDefinition', id, url: `http://example.org/ActivityDefinition/${id}`, version: '1' },
  ...{ status: 'active', ...more },
})
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] })
export const DEEPER_URL = 'http://example.org/Questionnaire/deeper'
const DEEPER: Questionnaire = { resourceType: 'Questionnaire', url: DEEPER_URL, version: '1', status: 'active' }
const DIARY: Questionnaire = { resourceType: 'Questionnaire', url: DIARY_URL, version: '1', status: 'active' }
const DEFINITIONS: Definition[] = [
  DIARY,
  DEEPER,
  define('weigh-twice', {
    kind: 'ServiceRequest',
    code: loinc(WEIGHT),
    timingTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'd' } },
  }),
  define('advice', { kind: 'CommunicationRequest', code: { text: 'Ring oss hvis du blir verre' } }),
]

const when = (expression: string, kind: 'applicability' | 'start' | 'stop' = 'applicability') => ({
  kind,
  expression: { language: 'text/fhirpath' as const, expression },
})
const colour = (code: string) => [{ coding: [{ system: TRIAGE_COLOUR, code }] }]
const onMeasured = (code: string) => {
  const codeFilter = [{ path: 'code', code: [{ system: 'http://loinc.org', code }] }]
  const data = [{ type: 'Observation' as const, codeFilter }]
  // What is removed is taken back by the engine; the rule has nothing to say of it.
  return (['data-added', 'data-modified'] as const).map((type) => ({ type, data }))
}
const onEvent = (name: string) => [{ type: 'named-event' as const, name }]
const effect = (valueCode: string) => [{ url: ACTIVITY_EFFECT, valueCode }]
export const moveTo = (valueId: string) => [{ url: MOVE_TO_STAGE, valueId }]
const hit = (zone: string) => when(`%limits.where(zone = '${zone}' and hit).exists()`)
const definition = (id: string) => `http://example.org/ActivityDefinition/${id}|1`

const ACTIONS: PlanDefinitionAction[] = [
  {
    id: 'weight',
    trigger: onMeasured(WEIGHT),
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/cqf-applicabilityBehavior', valueCode: 'any' }],
    action: [
      { id: 'weight-red', title: 'Rask vektøkning', code: colour('red'), condition: [hit('red')] },
      { id: 'weight-yellow', title: 'Vektøkning', code: colour('yellow'), condition: [hit('yellow')] },
    ],
  },
  {
    ...{ id: 'pulse', title: 'Høy puls', code: colour('yellow'), trigger: onMeasured(PULSE) },
    condition: [when('%current.value.value > 110')],
    timingDuration: { value: 4, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' },
    extension: [
      {
        url: SERVICE_LEVEL,
        extension: [
          { url: 'goal', valueDuration: { value: 1, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' } },
          { url: 'deadline', valueDuration: { value: 4, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' } },
        ],
      },
    ],
  },
  {
    ...{ id: 'breathless', title: 'Tung pust i dagboken', code: colour('yellow') },
    trigger: [{ type: 'data-changed', data: [{ type: 'QuestionnaireResponse' }] }],
    condition: [when("%current.item.where(linkId = 'breath').answer.value > 3")],
  },
  { id: 'home', title: 'Ring pasienten etter utskrivning', code: colour('yellow'), trigger: onEvent('discharged') },
  { id: 'more', title: 'Vei deg oftere', trigger: onEvent('worse'), definitionCanonical: definition('weigh-twice') },
  {
    ...{ id: 'pause', title: 'Veiing hviler', trigger: onEvent('admitted'), extension: effect('pause') },
    relatedAction: [{ actionId: 'more', relationship: 'after' }],
  },
  {
    ...{ id: 'resume', title: 'Veiing igjen', trigger: onEvent('discharged'), extension: effect('resume') },
    relatedAction: [{ actionId: 'more', relationship: 'after' }],
  },
  {
    ...{ id: 'less', title: 'Ikke lenger', trigger: onEvent('better'), extension: effect('stop') },
    relatedAction: [{ actionId: 'more', relationship: 'after' }],
  },
  { id: 'ask', title: 'Svar på dagboken', trigger: onEvent('worse'), definitionCanonical: `${DIARY_URL}|1` },
  { id: 'tell', title: 'Råd', trigger: onEvent('worse'), definitionCanonical: definition('advice') },
  {
    ...{ id: 'travel', title: 'På reise', code: colour('yellow'), trigger: onEvent('travels') },
    // Only of those who have a diagnosis, from when it is known until it is over.
    condition: [when("%conditions.where(clinicalStatus.coding.code = 'active').exists()")],
    input: [{ id: 'conditions', type: 'Condition' }],
  },
  {
    ...{ id: 'fever', title: 'Feber', code: colour('yellow'), trigger: onMeasured('8310-5') },
    condition: [when('%current.component.value.value > 38')],
  },
  {
    ...{ id: 'new-diagnosis', title: 'Ny diagnose', code: colour('grey') },
    trigger: [{ type: 'data-added', data: [{ type: 'Condition' }] }],
  },
  {
    ...{ id: 'gone', title: 'Noe er slettet', code: colour('grey') },
    trigger: [{ type: 'data-removed', data: [{ type: 'Condition' }] }],
  },
]

/** `more` beside the plan's own actions, or `only` these. */
export type PlanChange = {
  summaryWindowMinutes?: number
  more?: PlanDefinitionAction[]
  only?: PlanDefinitionAction[]
  /** It asks before somebody is taken in. */
  asksFirst?: boolean
}

export function heartPlan({ summaryWindowMinutes, more = [], only, asksFirst }: PlanChange = {}): CompiledPlan {
  const window = { value: summaryWindowMinutes, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' }
  const plan: PlanDefinition = {
    ...{ resourceType: 'PlanDefinition', url: PLAN_URL, version: '1.0.0', status: 'active' },
    ...(summaryWindowMinutes ? { extension: [{ url: SUMMARY_WINDOW, valueDuration: window }] } : {}),
    ...(asksFirst ? { extension: ELIGIBILITY } : {}),
    action: only ?? [...ACTIONS, ...more],
  }
  return compilePlan(plan, (canonical) => DEFINITIONS.find(({ url }) => url === canonical.split('|')[0]))
}

/** What is asked next hangs on what was answered. */
export const ASKS_ON: PlanDefinitionAction = {
  ...{ id: 'ask-on', title: 'Flere spørsmål om pusten', definitionCanonical: `${DEEPER_URL}|1` },
  trigger: [{ type: 'data-added', data: [{ type: 'QuestionnaireResponse' }] }],
  condition: [when("%current.item.where(linkId = 'breath').answer.value > 3")],
}

/** What the answers come to, with a colour for each reach of it. */
const TOTAL = "%current.item.where(linkId = 'total').answer.value"
const onTotal = (id: string, zone: 'red' | 'yellow', condition: string): PlanDefinitionAction => ({
  ...{ id, title: 'Se på poengsummen', code: colour(zone) },
  trigger: [{ type: 'data-added', data: [{ type: 'QuestionnaireResponse' }] }],
  condition: [when(`${TOTAL}.exists() and ${condition}`)],
})
export const SCORED: PlanDefinitionAction[] = [
  onTotal('total-red', 'red', `${TOTAL} >= 20`),
  onTotal('total-yellow', 'yellow', `${TOTAL} >= 10 and ${TOTAL} < 20`),
]

/** A picture that the patient sends of a wound is somebody's to look at. */
export const LOOKS_AT_PICTURES: PlanDefinitionAction = {
  ...{ id: 'wound', title: 'Se på sårbildet', code: colour('yellow') },
  trigger: [{ type: 'data-added', data: [{ type: 'Media' }] }],
  condition: [when("%current.status = 'completed' and %current.content.contentType.startsWith('image/')")],
}

/** Two stages, with a Goal as the milestone between them: one rule until it is reached, another from then on. */
const MILESTONE = [{ id: 'milestone', type: 'Goal' as const }]
const reached = "%milestone.where(achievementStatus.coding.code = 'achieved').exists()"
export const STAGES: PlanDefinitionAction[] = [
  {
    ...{ id: 'first-stage', title: 'I den første tiden: ring ved puls over 90', code: colour('yellow') },
    ...{ trigger: onMeasured(PULSE), input: MILESTONE },
    condition: [when('%current.value.value > 90'), when(reached, 'stop')],
  },
  {
    ...{ id: 'later-stage', title: 'Siden: se på puls over 90 ved neste time', code: colour('grey') },
    ...{ trigger: onMeasured(PULSE), input: MILESTONE },
    condition: [when('%current.value.value > 90'), when(reached, 'start')],
  },
]

const stage = (parts: object[]) => [{ url: STAGE, extension: parts as never }]
const weeks = (url: string, value: number) => ({
  url,
  valueDuration: { value, unit: 'uker', system: 'http://unitsofmeasure.org', code: 'wk' },
})

/**
 * Two stages on the way that most go, and an exception: close to the discharge one weighs twice a day and a pulse over 90 is a call; a
 * person or a stable fortnight leads on; who is admitted is in a stage of their own.
 */
export const IN_STAGES: PlanDefinitionAction[] = [
  {
    ...{ id: 'close', title: 'Tett oppfølging', extension: stage([weeks('goal', 1), weeks('deadline', 2)]) },
    action: [
      { id: 'weigh-often', title: 'Vei deg to ganger om dagen', definitionCanonical: definition('weigh-twice') },
      {
        ...{ id: 'close-pulse', title: 'Ring ved puls over 90', code: colour('yellow'), trigger: onMeasured(PULSE) },
        condition: [when('%current.value.value > 90')],
      },
      { id: 'on', title: 'Stabil', trigger: onEvent('stable'), extension: moveTo('steady') },
    ],
  },
  {
    ...{ id: 'steady', title: 'Stabil', extension: stage([{ url: 'next', valueId: 'admitted' }]) },
    action: [
      {
        ...{ id: 'steady-pulse', title: 'Ta opp ved neste time', code: colour('grey'), trigger: onMeasured(PULSE) },
        condition: [when('%current.value.value > 90')],
      },
    ],
  },
  {
    ...{ id: 'admitted', title: 'Innlagt', extension: stage([{ url: 'kind', valueCode: 'alternate' }]) },
    action: [{ id: 'tell-ward', title: 'Ring avdelingen', code: colour('yellow') }],
  },
  { id: 'to-hospital', title: 'Innlagt', trigger: onEvent('in-hospital'), extension: moveTo('admitted') },
]

/** The Task goes to the team of where the person lives. */
export const BY_PLACE: PlanDefinitionAction = {
  ...{ id: 'visit', title: 'Hjemmebesøk', code: colour('yellow'), trigger: onEvent('visit-wanted') },
  input: [{ id: 'who', type: 'Patient' }],
  dynamicValue: [
    {
      path: 'owner.reference',
      expression: {
        language: 'text/fhirpath',
        expression: "iif(%who.address.where(postalCode.startsWith('5')).exists(), 'CareTeam/bergen', 'CareTeam/oslo')",
      },
    },
  ],
}

/** A referral asks its questions before anybody decides on it. */
const ELIGIBLE = "%current.item.where(linkId = 'lives-alone').answer.value = true"
export const REFERRED: PlanDefinitionAction[] = [
  {
    ...{ id: 'questions', title: 'Svar på spørsmålene om henvisningen', trigger: onEvent('referred') },
    definitionCanonical: `${DEEPER_URL}|1`,
  },
  {
    ...{ id: 'decide', title: 'Avgjør henvisningen', code: colour('yellow') },
    trigger: [{ type: 'data-added', data: [{ type: 'QuestionnaireResponse' }] }],
    condition: [when(ELIGIBLE)],
  },
  {
    ...{ id: 'decline', title: 'Svar henviseren: ikke i målgruppen', code: colour('grey') },
    trigger: [{ type: 'data-added', data: [{ type: 'QuestionnaireResponse' }] }],
    condition: [when(`(${ELIGIBLE}).not()`)],
  },
]

/** For whom the plan is: lives alone, and has no dementia; of that the referrer is asked, of the rest the patient. */
export const LIVING_URL = 'http://example.org/Questionnaire/living'
const ELIGIBILITY: Extension[] = [
  { url: ELIGIBILITY_QUESTIONS, extension: [{ url: 'questionnaire', valueCanonical: `${DEEPER_URL}|1` }] },
  {
    url: ELIGIBILITY_QUESTIONS,
    extension: [
      { url: 'questionnaire', valueCanonical: LIVING_URL },
      { url: 'to', valueCode: 'patient' },
    ],
  },
  {
    url: ELIGIBLE_WHEN,
    valueExpression: {
      language: 'text/fhirpath',
      expression:
        "%answers.item.where(linkId = 'lives-alone').answer.value = true and %answers.item.where(linkId = 'dementia').answer.value = false",
    },
  },
]

/** What begins with a stage goes by what is known then: a Task for whoever is short of breath already, a message of its own else. */
const LATEST_DIARY = {
  ...{ id: 'diary', type: 'QuestionnaireResponse' as const, limit: 1 },
  sort: [{ path: 'authored', direction: 'descending' as const }],
}
export const BEGINS_BY_FACTS: PlanDefinitionAction[] = [
  {
    ...{ id: 'begun', title: 'Oppstart', extension: stage([]), input: [LATEST_DIARY] },
    action: [
      {
        ...{ id: 'call', title: 'Ring: tung pust alt fra start', code: colour('yellow') },
        condition: [when("%diary.item.where(linkId = 'breath').answer.value > 3")],
      },
      {
        ...{ id: 'welcome', title: 'Velkommen', definitionCanonical: definition('advice') },
        condition: [when("(%diary.item.where(linkId = 'breath').answer.value > 3).not()")],
      },
    ],
  },
]

/** Whom nobody has answered is called; the call is late itself after an hour, and the doctor is told. */
const minutes = (url: string, value: number) => ({
  ...{ url, valueDuration: { value, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' } },
})
export const UNANSWERED: PlanDefinitionAction[] = [
  {
    ...{ id: 'ask', title: 'Svar på dagboken', trigger: onEvent('worse'), definitionCanonical: `${DIARY_URL}|1` },
    timingDuration: { value: 2, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' },
  },
  {
    ...{ id: 'call', title: 'Ring: ikke svart', code: colour('yellow'), trigger: onEvent('occurrence-missing') },
    extension: [
      {
        url: SERVICE_LEVEL,
        extension: [
          minutes('deadline', 60),
          {
            url: 'escalation',
            extension: [
              { url: 'at', valueCode: 'deadline' },
              { url: 'act', valueCode: 'notify' },
              { url: 'to', valueReference: { reference: 'Practitioner/doctor' } },
            ],
          },
        ],
      },
    ],
  },
]

/** What the patient measures will do for the one; the other wants it from staff, with a calibrated device, within a day. */
const ofQuality = (...parts: object[]) => [
  {
    ...{ type: 'data-added' as const },
    data: [
      {
        ...{
          type: 'Observation',
          codeFilter: [{ path: 'code', code: [{ system: 'http://loinc.org', code: WEIGHT }] }],
        },
        extension: [{ url: QUALITY_REQUIRED, extension: parts as never }],
      },
    ],
  },
]
export const REUSED: PlanDefinitionAction[] = [
  {
    ...{ id: 'at-home', title: 'Vekt over 84 hjemme', code: colour('yellow') },
    trigger: ofQuality({ url: 'performer', valueCode: 'patient' }, { url: 'performer', valueCode: 'staff' }),
    condition: [when('%current.value.value > 84')],
  },
  {
    ...{ id: 'at-ward', title: 'Vekt over 84 på kalibrert vekt', code: colour('red') },
    trigger: ofQuality(
      { url: 'performer', valueCode: 'staff' },
      { url: 'calibrated', valueBoolean: true },
      { url: 'age', valueDuration: { value: 1, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' } },
    ),
    condition: [when('%current.value.value > 84')],
  },
]

/** Takes up the moments of a schedule itself. */
export const listensTo = (name: string, id: string): PlanDefinitionAction => ({
  ...{ id, title: id, code: colour('grey'), trigger: onEvent(name) },
})
