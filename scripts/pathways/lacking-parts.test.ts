import type {
  ActivityDefinition,
  Extension,
  Measure,
  PlanDefinition,
  PlanDefinitionAction,
  Questionnaire,
  RelatedArtifact,
} from '@medplum/fhirtypes'
import { ENDS_WHEN } from '../../server/core/decide/enrolment/ends-when.ts'
import { SERVICE_LEVEL } from '../../server/core/decide/plan/vocabulary.ts'
import { OCCURRENCE_POLICY } from '../../server/core/decide/schedule/policy.ts'
import { triageColour } from '../../server/core/decide/words/coded-words.ts'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { lackingParts } from './lacking-parts.ts'

const X = 'http://x'
const ZONE_ADVICE = 'http://fylgje.no/fhir/StructureDefinition/zone-advice'
const advice = (zone: string, parts = ['todo', 'call', 'outside-hours']) => ({
  url: ZONE_ADVICE,
  extension: [{ url: 'zone', valueCode: zone }, ...parts.map((url) => ({ url, valueString: 'Ring 116117' }))],
})
const ENDS = { url: ENDS_WHEN, valueExpression: { language: 'text/fhirpath' as const, expression: 'true' } }
const PLANNED = { url: OCCURRENCE_POLICY, extension: [] }
const RED: PlanDefinitionAction = { id: 'r', code: [triageColour('red')], definitionCanonical: `${X}/red` }
const YELLOW: PlanDefinitionAction = { id: 'y', code: [triageColour('yellow')], definitionCanonical: `${X}/yellow` }
const REVIEW: PlanDefinitionAction = { id: 'm', definitionCanonical: `${X}/review` }
const BENEFITS: RelatedArtifact = { type: 'composed-of', label: 'benefits', resource: `${X}/benefits` }
const CASES: RelatedArtifact = { type: 'composed-of', label: 'cases', resource: `${X}/cases|1.2.0` }
const PLAN: PlanDefinition = {
  resourceType: 'PlanDefinition',
  status: 'active',
  extension: [advice('green'), advice('yellow'), advice('red'), ENDS, PLANNED],
  goal: [{ description: { text: 'SpO2' }, target: [{ detailQuantity: { value: 88 } }] }],
  version: '1.2.0',
  relatedArtifact: [BENEFITS, CASES],
  action: [{ id: 'learn' }, RED, { id: 'group', action: [YELLOW, REVIEW] }],
}
const activity = (name: string, more: Partial<ActivityDefinition> = {}): ActivityDefinition => ({
  ...{ resourceType: 'ActivityDefinition', url: `${X}/${name}`, status: 'active', ...more },
})
const AT_DEADLINE = { url: 'at', valueCode: 'deadline' }
const escalating = (...parts: Extension[]) => [
  { url: SERVICE_LEVEL, extension: [{ url: 'escalation', extension: parts }] },
]
const ESCALATES = escalating(AT_DEADLINE, { url: 'act', valueCode: 'notify' })
const REVIEWS = { code: { coding: [{ system: 'http://snomed.info/sct', code: '182836005' }] } }
const DAILY = { timingTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd' as const } } }
const RESPOND = activity('red', { extension: ESCALATES })
const LOOK = activity('yellow', DAILY)
const GO_THROUGH = activity('review', REVIEWS)
const FORM: Questionnaire = {
  ...{ resourceType: 'Questionnaire', status: 'active' },
  item: [{ linkId: 'g', type: 'group', item: [{ linkId: 'q', type: 'boolean' }] }],
}
const MEASURE: Measure = { resourceType: 'Measure', status: 'active', url: `${X}/benefits`, group: [{}] }
const REST = [RESPOND, LOOK, GO_THROUGH, FORM, MEASURE]
const lacking = (plan: Partial<PlanDefinition> = {}, others: object[] = REST): string[] =>
  lackingParts({ ...PLAN, ...plan }, [{ ...PLAN, ...plan }, ...others] as unknown as Resource[])
const without = (one: object, ...instead: object[]) => [...REST.filter((other) => other !== one), ...instead]

test('a pathway that has each part lacks nothing', () => {
  expect(lacking()).toEqual([])
})

test.each<[string, string[]]>([
  ['No form in force asks the patient', lacking({}, without(FORM, { ...FORM, status: 'draft' }))],
  [
    'No form in force asks the patient',
    lacking({}, without(FORM, { ...FORM, item: [{ linkId: 't', type: 'display' }] })),
  ],
  ['Nothing has a schedule', lacking({}, without(LOOK, activity('yellow')))],
  ['No goal has limits', lacking({ goal: [{ description: { text: 'SpO2' } }] })],
  ['No rule is red', lacking({ action: [{ id: 'learn' }, YELLOW, REVIEW] })],
  ['No rule is yellow', lacking({ action: [{ id: 'learn' }, RED, REVIEW] })],
  [
    'Nothing is done about what does not come',
    lacking({ extension: PLAN.extension?.filter((one) => one !== PLANNED) ?? [] }),
  ],
  ['The patient is taught nothing', lacking({ action: [RED, YELLOW, REVIEW] })],
  ['No action lets somebody go through the medicines', lacking({}, without(GO_THROUGH, activity('review')))],
  ['No action lets somebody go through the medicines', lacking({ action: [{ id: 'learn' }, RED, YELLOW] })],
  ['Nothing says when it is over', lacking({ extension: PLAN.extension?.filter((one) => one !== ENDS) ?? [] })],
  ['Its benefits are not measured', lacking({ relatedArtifact: [CASES] })],
  ['It does not name the cases of its own version', lacking({ relatedArtifact: [BENEFITS] })],
  ['It does not name the cases of its own version', lacking({ version: '1.3.0' })],
  ['Its benefits are not measured', lacking({}, without(MEASURE, { ...MEASURE, group: [] }))],
  [
    'The patient has no advice for the zone "red" (zone-advice)',
    lacking({ extension: [advice('green'), advice('yellow'), ENDS, PLANNED] }),
  ],
  [
    'The advice for the zone "yellow" does not say whom to call outside hours (outside-hours)',
    lacking({ extension: [advice('green'), advice('yellow', ['todo', 'call']), advice('red'), ENDS, PLANNED] }),
  ],
  ['Rule "r" is red, and nobody hears of it', lacking({}, without(RESPOND, activity('red')))],
  [
    'Rule "r" is red, and nobody hears of it',
    lacking({}, without(RESPOND, activity('red', { extension: escalating(AT_DEADLINE) }))),
  ],
])('%s: that alone is told', (told, problems) => {
  expect(problems).toEqual([expect.stringContaining(told)])
})

test('a red rule may say itself what is done when its deadline passes', () => {
  const action = [{ id: 'learn' }, { ...RED, extension: ESCALATES }, YELLOW, REVIEW]
  expect(lacking({ action }, without(RESPOND, activity('red')))).toEqual([])
})

test('a folder without anything that is done is told so', () => {
  expect(lacking({}, [FORM, MEASURE])).toContain('No ActivityDefinition says what is done')
})

test('a plan whose stages end needs no expression that says when it is over, and texts to read need no action of their own', () => {
  const stage = { id: 'closed', extension: [{ url: 'http://fylgje.no/fhir/StructureDefinition/stage', extension: [] }] }
  const extension = PLAN.extension?.filter((one) => one !== ENDS) ?? []
  const texts = ['a', 'b', 'c'].map((linkId) => ({ linkId, type: 'display' as const }))
  const reading: Questionnaire = { ...FORM, item: [{ linkId: 'g', type: 'group', item: texts }] }
  expect(lacking({ extension, action: [RED, YELLOW, REVIEW, stage] }, [...REST, reading])).toEqual([])
})
