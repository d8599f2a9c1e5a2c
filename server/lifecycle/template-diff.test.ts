import type { PlanDefinition } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { compilePlan } from '../core/decide/plan/compile-plan.ts'
import { toldAs } from '../core/decide/words/told.ts'
import { diffFromTemplate, inBoth, originOf } from './template-diff.ts'

const TEMPLATE: PlanDefinition = {
  ...{ resourceType: 'PlanDefinition', url: 'http://region/p', version: '1.0.0', status: 'active', name: 'P' },
  ...toldAs('title', { nb: 'KOLS', nn: 'KOLS', en: 'COPD' }),
  extension: [{ url: 'http://x/zone-advice', valueString: 'Ring 1' }],
  relatedArtifact: [
    { type: 'documentation', label: 'GOLD' },
    { type: 'composed-of', label: 'cases', resource: 'http://region/cases' },
  ],
  goal: [{ id: 'breath', description: { text: 'Puste godt' } }],
  action: [
    { id: 'call', ...toldAs('title', { nb: 'Ring', nn: 'Ring', en: 'Call' }) },
    { id: 'write', title: 'Skriv' },
  ],
}
const read = (plan: PlanDefinition) => ({ plan, compiled: compilePlan(plan, () => undefined) })
const local = (more: Partial<PlanDefinition>): PlanDefinition => ({
  ...TEMPLATE,
  ...{ url: 'http://hospital/p', version: '0.1.0', status: 'draft', name: 'Q', id: 'q' },
  relatedArtifact: [{ type: 'derived-from', resource: 'http://region/p|1.0.0' }, ...(TEMPLATE.relatedArtifact ?? [])],
  ...more,
})
const told = (more: Partial<PlanDefinition>, language: 'nb' | 'en' = 'nb') =>
  diffFromTemplate(read(TEMPLATE), read(local(more)), language)

test('what makes it a plan of its own is no difference', () => {
  expect(told({ date: '2026-11-23', publisher: 'Sykehuset', approvalDate: '2026-11-23' })).toEqual([])
})

test.each<[string, Partial<PlanDefinition>, object[]]>([
  [
    'a title, in the language of who asks',
    toldAs('title', { nb: 'KOLS i Bodø', nn: 'KOLS i Bodø', en: 'COPD in Bodø' }),
    [{ kind: 'plan', about: 'title', change: 'changed', before: 'COPD', after: 'COPD in Bodø' }],
  ],
  [
    'a translation alone',
    toldAs('title', { nb: 'KOLS', nn: 'KOLS', en: 'Lungs' }),
    [{ kind: 'plan', about: 'title', change: 'changed', before: 'COPD', after: 'Lungs' }],
  ],
  [
    'what the patient is told in a zone',
    { extension: [{ url: 'http://x/zone-advice', valueString: 'Ring 2' }] },
    [
      {
        kind: 'plan',
        about: 'zone-advice',
        change: 'changed',
        before: expect.stringContaining('Ring 1'),
        after: expect.stringContaining('Ring 2'),
      },
    ],
  ],
  [
    'a goal of its own',
    { goal: [...(TEMPLATE.goal ?? []), { id: 'walk', description: { text: 'Gå' } }] },
    [{ kind: 'goal', about: 'walk', change: 'added', after: 'Gå' }],
  ],
  [
    'a source',
    { relatedArtifact: [] },
    [
      {
        kind: 'plan',
        about: 'relatedArtifact documentation',
        change: 'removed',
        before: expect.stringContaining('GOLD'),
      },
    ],
  ],
  [
    'a rule that is left out',
    { action: TEMPLATE.action?.slice(1) ?? [] },
    [{ kind: 'rule', about: 'call', change: 'removed', before: 'Call' }],
  ],
])('%s is told', (_what, more, expected) => {
  expect(told(more, 'en')).toEqual(expected)
})

test('what is about the same in both is what somebody must look at', () => {
  const own = told({ title: 'Ny', goal: [] })
  const upstream = diffFromTemplate(read(TEMPLATE), read({ ...TEMPLATE, version: '1.1.0', title: 'Nyere' }), 'nb')
  expect(inBoth(own, upstream).map(({ about }) => about)).toEqual(['title'])
})

test('a plan comes from its template first, then from its own version before', () => {
  const before = { type: 'predecessor' as const, resource: 'http://hospital/p|0.1.0' }
  expect(originOf(local({ relatedArtifact: [before] }))).toBe('http://hospital/p|0.1.0')
  expect(originOf({ ...TEMPLATE, relatedArtifact: [before, { type: 'derived-from', resource: 'http://r' }] })).toBe(
    'http://r',
  )
  expect(originOf(TEMPLATE)).toBeUndefined()
})

test('one way is the other way round: what was added is removed, before is after', () => {
  const goals = fc.uniqueArray(fc.record({ id: fc.constantFrom('a', 'b', 'c'), text: fc.constantFrom('x', 'y') }), {
    selector: ({ id }) => id,
  })
  const planOf = (list: { id: string; text: string }[]) =>
    read({ ...TEMPLATE, goal: list.map(({ id, text }) => ({ id, description: { text } })) })
  const turned = { added: 'removed', removed: 'added' } as Record<string, string>
  fc.assert(
    fc.property(goals, goals, (one, other) => {
      const there = diffFromTemplate(planOf(one), planOf(other), 'nb')
      const back = diffFromTemplate(planOf(other), planOf(one), 'nb')
      const mirrored = back.map(({ before, after, change, ...rest }) => ({
        ...{ ...rest, change: turned[change] ?? change },
        ...(after === undefined ? {} : { before: after }),
        ...(before === undefined ? {} : { after: before }),
      }))
      expect(new Set(mirrored.map((x) => JSON.stringify(x, Object.keys(x).sort())))).toEqual(
        new Set(there.map((x) => JSON.stringify(x, Object.keys(x).sort()))),
      )
      expect(there.length === 0).toBe(JSON.stringify(one.toSorted(byId)) === JSON.stringify(other.toSorted(byId)))
    }),
  )
})

const byId = (one: { id: string }, other: { id: string }) => one.id.localeCompare(other.id)
