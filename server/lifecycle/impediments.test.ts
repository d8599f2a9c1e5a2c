import type { Expression, Extension, PlanDefinition, PlanDefinitionAction, TriggerDefinition } from '@medplum/fhirtypes'
import { ENDS_WHEN } from '../core/decide/enrolment/ends-when.ts'
import { SILENCE_OWNER, SILENCES } from '../core/decide/silence/silence-owner.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { impedimentsTo } from './impediments.ts'
import { namedBy } from './named-definitions.ts'

const owning = (silence: string, { owner = { text: 'Vakt' }, after = { value: 30, code: 'min' } } = {}): Extension => ({
  url: SILENCE_OWNER,
  extension: [
    { url: 'silence', valueCode: silence },
    { url: 'owner', valueCodeableConcept: owner },
    { url: 'after', valueDuration: after },
  ],
})

const plan = (extension: Extension[]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', url: 'http://x/p', version: '1.0.0', status: 'draft', extension },
})

/** What is said of silences alone. */
const ofSilence = (extension: Extension[]) =>
  impedimentsTo({ plan: plan(extension), definitions: new Map(), report: undefined }).filter(({ diagnostics }) =>
    diagnostics.includes('silence'),
  )

const fhirpath = (expression: string): Expression => ({ language: 'text/fhirpath', expression })

test.each([
  ['%limits.where(hit)', true],
  ["%limits.where(zone = 'red' and hit).exists()", false],
  ['%limits.count()', true],
  ['%limits.count() > 1', false],
])('a condition that can never be true is told before anybody relies on it: %s', (expression, isTold) => {
  const action: PlanDefinitionAction = {
    id: 'a',
    condition: [{ kind: 'applicability', expression: fhirpath(expression) }],
    trigger: [{ type: 'data-added', data: [{ type: 'Observation' }], condition: fhirpath(expression) }],
  }
  const endsWhen: Extension = { url: ENDS_WHEN, valueExpression: fhirpath(expression) }
  const all = { ...plan([endsWhen]), action: [action] }
  const issues = impedimentsTo({ plan: all, definitions: new Map(), report: undefined })
  const told = issues.filter(({ diagnostics }) => diagnostics.includes('never true or false'))
  expect(told.map(({ code, expression: at }) => [code, at?.[0]])).toEqual(
    isTold
      ? [
          ['business-rule', 'PlanDefinition.action[0].condition[0].expression.expression'],
          ['business-rule', 'PlanDefinition.action[0].trigger[0].condition.expression'],
          ['business-rule', 'PlanDefinition.extension[0].value.expression'],
        ]
      : [],
  )
})

test.each<[string, Omit<TriggerDefinition, 'type'>, string | undefined]>([
  ['days of the week', { timingTiming: { repeat: { dayOfWeek: ['mon'] } } }, undefined],
  ['a code', { timingTiming: { code: { coding: [{ code: 'BID' }] } } }, undefined],
  ['a date', { timingDate: '2026-05-04' }, undefined],
  [
    'a period that is over',
    { timingTiming: { repeat: { period: 1, periodUnit: 'd', boundsPeriod: { end: '2020' } } } },
    undefined,
  ],
  ['nothing', {}, 'timing'],
  ['a Schedule', { timingReference: { reference: 'Schedule/s' } }, 'timing'],
  ['a count alone', { timingTiming: { repeat: { count: 2 } } }, 'timing'],
  ['an unknown code', { timingTiming: { code: { text: 'av og til' } } }, 'timing.code'],
  ['a period of nothing', { timingTiming: { repeat: { period: 0, periodUnit: 'd' } } }, 'timing.repeat.period'],
  [
    'a count beyond reason',
    { timingTiming: { repeat: { period: 1, periodUnit: 'd', count: 100_001 } } },
    'timing.repeat.count',
  ],
  [
    'a wait longer than its bounds',
    { timingTiming: { repeat: { period: 2, periodUnit: 'd', boundsDuration: { value: 1, code: 'd' } } } },
    'timing',
  ],
  [
    'Mondays, each seventh day from whatever day',
    { timingTiming: { repeat: { period: 7, periodUnit: 'd', dayOfWeek: ['mon'] } } },
    'timing',
  ],
  [
    'bounds that end before they begin',
    { timingTiming: { repeat: { dayOfWeek: ['mon'], boundsPeriod: { start: '2026-05-04', end: '2026-04-01' } } } },
    'timing',
  ],
])('a periodic trigger must have moments, counted from any day: %s', (_what, trigger, element) => {
  const action: PlanDefinitionAction = { id: 'a', trigger: [{ type: 'periodic', ...trigger }] }
  const all = { ...plan([]), action: [{ id: 'group', action: [action] }] }
  const issues = impedimentsTo({ plan: all, definitions: new Map(), report: undefined })
  const told = issues.filter(({ diagnostics }) => diagnostics.includes('a periodic trigger says when'))
  expect(told.map(({ code, expression: at }) => [code, at])).toEqual(
    element === undefined ? [] : [['business-rule', [`PlanDefinition.action[0].action[0].trigger[0].${element}`]]],
  )
})

test.each([
  ['which the plan depends on', ['http://x/Questionnaire/q|1'], []],
  ['which nothing brings', [], ['PlanDefinition.action[0].definitionCanonical']],
])('a form that an activity asks for, %s', (_what, stored, told) => {
  const all = { ...plan([]), action: [{ id: 'a', definitionCanonical: 'http://x/ActivityDefinition/d' }] }
  const activity = {
    resourceType: 'ActivityDefinition',
    extension: [
      {
        url: 'http://hl7.org/fhir/uv/cpg/StructureDefinition/cpg-collectWith',
        valueCanonical: 'http://x/Questionnaire/q|1',
      },
    ],
  }
  const forms = stored.map((one): [string, Resource] => [one, { resourceType: 'Questionnaire' }])
  const definitions = new Map<string, Resource>([['http://x/ActivityDefinition/d', activity], ...forms])
  const issues = impedimentsTo({ plan: all, definitions, report: undefined })
  expect(
    issues.filter(({ diagnostics }) => diagnostics.includes('asks for answers')).flatMap((one) => one.expression),
  ).toEqual(told)
})

test('a plan names what it depends on, each once', () => {
  const form = 'http://x/Questionnaire/q|1'
  const relatedArtifact = [
    { type: 'depends-on' as const, resource: form },
    { type: 'citation' as const, resource: 'http://x/Library/read' },
  ]
  expect(namedBy({ ...plan([]), relatedArtifact, action: [{ definitionCanonical: form }] })).toEqual([form])
})

test('an end in a language that nobody speaks here, or that does not parse, is told too', () => {
  const of = (valueExpression: object) =>
    impedimentsTo({
      plan: plan([{ url: ENDS_WHEN, valueExpression } as Extension]),
      definitions: new Map(),
      report: undefined,
    }).flatMap(({ expression }) => expression ?? [])
  expect(of({ language: 'text/x-basic', expression: 'END' })).toContain('PlanDefinition.extension[0].value.language')
  expect(of(fhirpath('%goals.where('))).toContain('PlanDefinition.extension[0].value.expression')
  expect(of({ language: 'text/cql-identifier', expression: 'Is Over' })).not.toContainEqual(
    expect.stringContaining('PlanDefinition.extension[0]'),
  )
})

test('with an owner and a time for each silence nothing stands against a plan', () => {
  expect(ofSilence(SILENCES.map((silence) => owning(silence)))).toEqual([])
})

test.each(SILENCES)('a plan in which nobody owns %s does not come into force', (silence) => {
  const others = SILENCES.filter((one) => one !== silence).map((one) => owning(one))
  const refusal = {
    ...{ severity: 'error', code: 'business-rule', expression: ['PlanDefinition.extension'] },
    diagnostics: `Nobody owns the silence "${silence}": an extension silence-owner says silence, owner and after.`,
  }
  expect(ofSilence(others)).toEqual([refusal])
  // An owner without a name, and a time that is none, are as good as nobody.
  expect(ofSilence([...others, owning(silence, { owner: { text: '' } })])).toEqual([refusal])
  expect(ofSilence([...others, owning(silence, { after: { value: 3, code: 'parsec' } })])).toEqual([refusal])
  expect(ofSilence([...others, owning(silence, { after: { value: 0, code: 'min' } })])).toEqual([refusal])
})
