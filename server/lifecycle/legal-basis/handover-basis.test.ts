import type { Consent, Extension } from '@medplum/fhirtypes'
import { withBasis } from './basis.ts'
import { checkDemands, HANDOVER_BASIS_REQUIRED } from './demands.ts'
import { handoverDemandsOf, judgeHandover, type Party } from './handover-basis.ts'

const NOW = new Date('2026-11-10T12:00:00Z')
const CATEGORY = { system: 'http://example.org/c', code: 'sharing', display: 'deling' }
const LAW = 'https://lovdata.no/lov/1999-07-02-64/§45'
const PATIENT = { reference: 'Patient/1' }
const HOSPITAL: Party = { reference: 'CareTeam/hospital', organization: 'Organization/hospital' }
const WARD: Party = { reference: 'CareTeam/ward', organization: 'Organization/hospital' }
const TOWN: Party = { reference: 'CareTeam/town', organization: 'Organization/town' }
const UNKNOWN: Party = { reference: 'CareTeam/unknown' }

const plan = (...parts: Extension[]) => ({
  extension: [
    {
      url: HANDOVER_BASIS_REQUIRED,
      extension: [{ url: 'policy', valueUri: LAW }, { url: 'consent', valueCoding: CATEGORY }, ...parts],
    },
  ],
})
const consent = (change: Partial<Consent> = {}): Consent => ({
  ...{ resourceType: 'Consent', id: 'c', status: 'active', patient: PATIENT, scope: {} },
  ...{ category: [{ coding: [CATEGORY] }], ...change },
})
const toActor = (reference: string) => ({ provision: { actor: [{ role: {}, reference: { reference } }] } })
const judge = (given: {
  policies?: string[]
  named?: string[]
  consents?: Consent[]
  from?: Party | undefined
  to?: Party
  parts?: Extension[]
}) => {
  const { policies = [], named = [], consents = [], to = TOWN, parts = [] } = given
  const from = 'from' in given ? given.from : HOSPITAL
  const task = withBasis({ for: PATIENT } as never, { policies, consents: named }) as { for: typeof PATIENT }
  return judgeHandover({ ...{ task, consents, from, to, now: NOW }, demands: handoverDemandsOf(plan(...parts)) })
}

test.each<[string, Parameters<typeof judge>[0], boolean]>([
  ['to another organisation without anything', {}, false],
  ['by the law that is demanded', { policies: [LAW] }, true],
  ['by another law', { policies: ['https://lovdata.no/other'] }, false],
  ['by a Consent that is there', { consents: [consent()] }, true],
  ['by one of another category', { consents: [consent({ category: [] })] }, false],
  ['by one that was withdrawn', { consents: [consent({ status: 'inactive' })] }, false],
  ['by one that says no', { consents: [consent({ provision: { type: 'deny' } })] }, false],
  ['by one whose time is over', { consents: [consent({ provision: { period: { end: '2026-11-09' } } })] }, false],
  ['by another patient’s', { consents: [consent({ patient: { reference: 'Patient/2' } })] }, false],
  ['by one for the receiving team', { consents: [consent(toActor('CareTeam/town'))] }, true],
  ['by one for the organisation behind it', { consents: [consent(toActor('Organization/town'))] }, true],
  ['by one for somebody else', { consents: [consent(toActor('Organization/elsewhere'))] }, false],
  ['within one organisation', { to: WARD }, true],
  ['within one, where any two teams need it', { to: WARD, parts: [{ url: 'between', valueCode: 'teams' }] }, false],
  ['to a team whose organisation nobody knows', { to: UNKNOWN }, false],
  ['from nobody', { from: undefined }, false],
])('a handover %s rests on what the plan demands: %j', (_case, given, isMet) => {
  expect(judge(given).missing.length === 0).toBe(isMet)
})

test('what it rests on is told: the law that was named, else the Consent that was found', () => {
  expect(judge({ consents: [consent()] }).basis).toEqual({ policies: [], consents: ['Consent/c'] })
  expect(judge({ policies: [LAW], consents: [consent()] }).basis).toEqual({ policies: [LAW], consents: [] })
  expect(judge({ named: ['Consent/c', 'Consent/gone'], consents: [consent()] }).notGiven).toEqual(['Consent/gone'])
})

test('it is refused unless the plan says that it waits; a demand that nothing can meet is told', () => {
  const without = (...parts: Extension[]) => handoverDemandsOf(plan(...parts)).map((one) => one.without)
  expect([without(), without({ url: 'without', valueCode: 'hold' })]).toEqual([['refuse'], ['hold']])
  const bare = { extension: [{ url: HANDOVER_BASIS_REQUIRED, extension: [{ url: 'between', valueCode: 'teams' }] }] }
  expect(checkDemands(bare as never)).toMatchObject([{ expression: 'PlanDefinition.extension[0]' }])
})
