import type {
  ActivityDefinition,
  Expression,
  MedicationRequest,
  PlanDefinition,
  PlanDefinitionAction,
} from '@medplum/fhirtypes'
import { applyPlan } from '../core/apply/apply.ts'
import { TRANSLATION } from '../core/decide/plan/vocabulary.ts'
import type { Language } from '../core/decide/words/language.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type Card, cardsOf } from './cards.ts'
import { hookedPlan } from './hooked-plan.ts'
import { findHook, type Hook } from './hooks.ts'

const subject: Resource = { resourceType: 'Patient', id: 'p1' }
const PATIENT_VIEW = findHook('patient-view') as Hook
const opened = [{ type: 'named-event' as const, name: 'patient-view' }]

const activities: ActivityDefinition[] = [
  {
    ...{ resourceType: 'ActivityDefinition', url: 'http://x/spirometry', status: 'active', kind: 'ServiceRequest' },
    ...{ intent: 'order', priority: 'urgent', code: { text: 'Spirometri' } },
  },
  {
    ...{
      resourceType: 'ActivityDefinition',
      url: 'http://x/prednisolone',
      status: 'active',
      kind: 'MedicationRequest',
    },
    productReference: { reference: '#tablets' },
    contained: [{ resourceType: 'Medication', id: 'tablets', code: { text: 'Prednisolon' } }],
  },
  {
    ...{ resourceType: 'ActivityDefinition', url: 'http://x/call', status: 'active', kind: 'Task' },
    code: { text: 'Ring pasienten' },
  },
]
const nested: PlanDefinition = {
  ...{ resourceType: 'PlanDefinition', url: 'http://x/PlanDefinition/inner', status: 'active' },
  action: [{ id: 'inner', title: 'Innleggelse vurdert', definitionCanonical: 'http://x/call' }],
}

const planOf = (...action: PlanDefinitionAction[]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', url: 'http://x/PlanDefinition/copd', title: 'KOLS', status: 'active', action },
})

function cards(plan: PlanDefinition, language: Language = 'nb'): Card[] {
  const facts = {
    ...{ subject, context: {}, variables: {}, data: [], now: new Date('2026-11-10T08:00:00Z') },
    find: (canonical: string) => [...activities, nested].find(({ url }) => url === canonical) as Resource | undefined,
  }
  let count = 0
  return cardsOf(plan, applyPlan({ ...facts, plan: hookedPlan(plan, PATIENT_VIEW) }), {
    language,
    newId: () => `uuid-${++count}`,
  })
}

test('an action is a card, its children the suggestions, what is below them the suggestion’s actions', () => {
  const [card, ...others] = cards(
    planOf({
      ...{ id: 'worse', title: 'Forverring', description: '**CAT** steg 6 poeng', priority: 'stat', trigger: opened },
      selectionBehavior: 'exactly-one',
      documentation: [
        { type: 'citation', display: 'GOLD 2026', url: 'http://gold.example/2026' },
        { type: 'documentation', display: 'Behandlingsplan', url: 'http://x/plan' },
      ],
      action: [
        {
          ...{ id: 'course', title: 'Kur med prednisolon', precheckBehavior: 'yes' },
          action: [{ title: 'Resept', description: '40 mg i fem dager', definitionCanonical: 'http://x/prednisolone' }],
        },
        { id: 'measure', title: 'Bare spirometri', definitionCanonical: 'http://x/spirometry' },
      ],
    }),
  )
  expect(others).toEqual([])
  expect(card).toEqual({
    uuid: expect.any(String),
    summary: 'Forverring',
    detail: '**CAT** steg 6 poeng',
    indicator: 'critical',
    source: { label: 'GOLD 2026', url: 'http://gold.example/2026' },
    links: [{ label: 'Behandlingsplan', url: 'http://x/plan', type: 'absolute' }],
    selectionBehavior: 'at-most-one',
    suggestions: [
      {
        label: 'Kur med prednisolon',
        uuid: expect.any(String),
        isRecommended: true,
        actions: [
          {
            type: 'create',
            description: '40 mg i fem dager',
            resource: expect.objectContaining({
              resourceType: 'MedicationRequest',
              intent: 'proposal',
              subject: { reference: 'Patient/p1' },
              contained: [expect.objectContaining({ resourceType: 'Medication', code: { text: 'Prednisolon' } })],
            }),
          },
        ],
      },
      {
        label: 'Bare spirometri',
        uuid: expect.any(String),
        actions: [expect.objectContaining({ type: 'create', description: 'Bare spirometri' })],
      },
    ],
  })
  const [medication] = card?.suggestions?.[0]?.actions ?? []
  const { medicationReference, contained } = (medication?.resource ?? {}) as unknown as MedicationRequest
  expect(medicationReference?.reference).toBe(`#${contained?.[0]?.id}`)
})

test('a request stands alone: it has no id and nothing of the proposal that the client would not know', () => {
  const [card] = cards(planOf({ id: 'call', title: 'Ring', trigger: opened, definitionCanonical: 'http://x/call' }))
  const resource = card?.suggestions?.[0]?.actions[0]?.resource
  expect(resource).toMatchObject({ resourceType: 'Task', intent: 'proposal', code: { text: 'Ring pasienten' } })
  expect(Object.keys(resource ?? {})).not.toEqual(expect.arrayContaining(['id']))
  expect(JSON.stringify(resource)).not.toContain('"#')
})

test.each([
  ['all', 1, 'any'],
  ['all-or-none', 1, 'any'],
  ['any', 2, 'any'],
  ['one-or-more', 2, 'any'],
  [undefined, 2, 'any'],
  ['exactly-one', 2, 'at-most-one'],
  ['at-most-one', 2, 'at-most-one'],
] as const)('%s of two is %i suggestion(s), chosen as %s', (selectionBehavior, count, chosen) => {
  const both = ['http://x/call', 'http://x/spirometry'].map((definitionCanonical) => ({
    ...{ title: definitionCanonical, definitionCanonical },
  }))
  const [card] = cards(
    planOf({ title: 'Begge', trigger: opened, ...(selectionBehavior && { selectionBehavior }), action: both }),
  )
  expect([card?.suggestions?.length, card?.selectionBehavior]).toEqual([count, chosen])
  expect(card?.suggestions?.flatMap(({ actions }) => actions)).toHaveLength(2)
})

const colour = (code: string) => [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code }] }]

test.each<[string, Partial<PlanDefinitionAction>, string]>([
  ['nothing said', {}, 'info'],
  ['routine', { priority: 'routine' }, 'info'],
  ['urgent', { priority: 'urgent' }, 'warning'],
  ['asap', { priority: 'asap' }, 'warning'],
  ['stat', { priority: 'stat' }, 'critical'],
  ['the priority of its request', { definitionCanonical: 'http://x/spirometry' }, 'warning'],
  ['yellow', { code: colour('yellow') }, 'warning'],
  ['red, however routine', { code: colour('red'), priority: 'routine' }, 'critical'],
])('%s: the indicator is right', (_what, given, indicator) => {
  expect(cards(planOf({ title: 'x', trigger: opened, ...given }))).toMatchObject([{ indicator }])
})

const inEnglish = (valueString: string) => ({
  extension: [
    {
      url: TRANSLATION,
      extension: [
        { url: 'lang', valueCode: 'en' },
        { url: 'content', valueString },
      ],
    },
  ],
})
const IN_TWO_LANGUAGES = {
  ...{ id: 'worse', title: 'Forverring', _title: inEnglish('Exacerbation'), trigger: opened },
  ...{ description: 'CAT steg', _description: inEnglish('CAT rose') },
  documentation: [
    {
      type: 'documentation',
      label: 'G',
      display: 'GOLD: kontroll',
      _display: inEnglish('GOLD: review'),
      url: 'http://x/g',
    },
    { type: 'documentation', label: 'P', display: 'Forslag', _display: inEnglish('Proposal'), url: 'http://x/p' },
  ],
  action: [
    { id: 'measure', title: 'Spirometri', _title: inEnglish('Spirometry'), definitionCanonical: 'http://x/spirometry' },
  ],
} as unknown as PlanDefinitionAction

test.each([
  ['nb', 'Forverring', 'CAT steg', 'GOLD: kontroll', 'Forslag', 'Spirometri'],
  ['en', 'Exacerbation', 'CAT rose', 'GOLD: review', 'Proposal', 'Spirometry'],
  ['nn', 'Forverring', 'CAT steg', 'GOLD: kontroll', 'Forslag', 'Spirometri'],
] as const)('what is translated is read in %s, its sources too', (language, summary, detail, source, link, label) => {
  expect(cards(planOf(IN_TWO_LANGUAGES), language)).toMatchObject([
    {
      ...{ summary, detail, source: { label: source, url: 'http://x/g' }, links: [{ label: link, url: 'http://x/p' }] },
      suggestions: [{ label, actions: [{ description: label }] }],
    },
  ])
})

test('what was worked out for the patient is read as it came out', () => {
  const path = 'title'
  const expression: Expression = { language: 'text/fhirpath', expression: "'Ny forverring'" }
  expect(cards(planOf({ ...IN_TWO_LANGUAGES, dynamicValue: [{ path, expression }] }), 'en')).toMatchObject([
    { summary: 'Ny forverring', detail: 'CAT rose' },
  ])
})

test('an action of words alone is a card without suggestions, its source the plan', () => {
  expect(cards(planOf({ title: 'Husk inhalasjonsteknikk', trigger: opened }))).toEqual([
    {
      ...{ uuid: 'uuid-1', summary: 'Husk inhalasjonsteknikk', indicator: 'info' },
      source: { label: 'KOLS', url: 'http://x/PlanDefinition/copd' },
    },
  ])
})

test('a summary stays below 140 characters', () => {
  const [card] = cards(planOf({ title: 'Lang '.repeat(60), trigger: opened }))
  expect(card?.summary.length).toBeLessThan(140)
  expect(card?.summary.endsWith('…')).toBe(true)
})

test('the actions of a plan within the plan are suggestions too', () => {
  const [card] = cards(
    planOf({ title: 'Vurder', trigger: opened, definitionCanonical: 'http://x/PlanDefinition/inner' }),
  )
  expect(card?.suggestions).toMatchObject([
    { label: 'Innleggelse vurdert', actions: [{ resource: { resourceType: 'Task' } }] },
  ])
})

test('what does not apply is no card; what cannot be evaluated is one, never silence', () => {
  const when = (expression: string) => [
    { kind: 'applicability' as const, expression: { language: 'text/fhirpath' as const, expression } },
  ]
  expect(cards(planOf({ title: 'Nei', trigger: opened, condition: when('false') }))).toEqual([])
  expect(cards(planOf({ title: 'Uvurdert', id: 'broken', trigger: opened, condition: when("'x' + 1") }))).toMatchObject(
    [{ indicator: 'warning', detail: expect.stringContaining('broken') }],
  )
})

test('what is stored already can be deleted, never created', () => {
  const remove = { type: { coding: [{ code: 'remove' }] } }
  const [card] = cards(planOf({ title: 'Avslutt', trigger: opened, ...remove, definitionUri: 'ServiceRequest/9' }))
  expect(card?.suggestions?.[0]?.actions).toEqual([
    { type: 'delete', description: 'Avslutt', resourceId: 'ServiceRequest/9' },
  ])
  expect(
    cards(planOf({ title: 'Les', trigger: opened, definitionUri: 'http://x/leaflet' }))[0]?.suggestions,
  ).toBeUndefined()
})
