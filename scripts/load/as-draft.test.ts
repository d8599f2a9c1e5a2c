import { asDraft, isInForceSince } from './as-draft.ts'
import type { Loaded } from './read-resources.ts'

const PLAN: Loaded = {
  resourceType: 'PlanDefinition',
  id: 'p',
  url: 'http://example.org/p',
  version: '1',
  status: 'active',
}

test('of what is active plans alone become drafts', () => {
  expect(asDraft(PLAN)).toEqual({ ...PLAN, status: 'draft' })
  const others: Loaded[] = [
    { ...PLAN, status: 'retired' },
    { ...PLAN, resourceType: 'Questionnaire' },
  ]
  for (const other of others) expect(asDraft(other)).toBe(other)
})

const STAGED = { url: 'http://fylgje.no/fhir/StructureDefinition/staged-start', valuePositiveInt: 5 }
const OTHER = { url: 'http://example.org/x', valueBoolean: true }
const acts = { date: '2026-11-23T08:00:00Z', approvalDate: '2026-11-22', meta: { versionId: '3' } }

test.each<[string, Partial<Loaded>, Partial<Loaded>, boolean]>([
  ['as the acts have left it', acts, {}, true],
  ['in a staged start', { ...acts, extension: [OTHER, STAGED] }, { extension: [OTHER] }, true],
  ['out of force again', { ...acts, status: 'retired' }, {}, true],
  ['with another content', { ...acts, title: 'Other' }, {}, false],
  ['still a draft', { status: 'draft' }, {}, false],
  ['loaded as what is in force', acts, { status: 'active' }, false],
])('a draft that came into force since, %s, is the same: %#', (_how, stored, wanted, expected) => {
  expect(isInForceSince({ ...PLAN, ...stored }, { ...asDraft(PLAN), ...wanted })).toBe(expected)
})
