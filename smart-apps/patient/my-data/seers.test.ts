import { expect, test } from '@jest/globals'
import type { ParametersParameter } from '@medplum/fhirtypes'
import { groupsOf, toSeers } from './seers.ts'

const entry = (
  who: string,
  because: string,
  more: { types?: string[]; until?: string; closed?: boolean } = {},
): ParametersParameter => ({
  name: 'entry',
  part: [
    { name: 'who', valueReference: { reference: who, display: `Navn ${who}` } },
    { name: 'because', valueCode: because },
    ...(more.types ?? []).map((type) => ({ name: 'type', valueCode: type })),
    ...(more.until ? [{ name: 'until', valueInstant: more.until }] : []),
    { name: 'closed', valueBoolean: more.closed ?? false },
  ],
})
const seers = (...parameter: ParametersParameter[]) => toSeers({ resourceType: 'Parameters', parameter })

test('who may see in several ways stands there once, by the widest of them', () => {
  const kin = 'RelatedPerson/7'
  const [first, ...others] = seers(
    entry(kin, 'granted', { types: ['Observation'], until: '2026-12-01T00:00:00Z' }),
    entry(kin, 'granted', { types: ['Goal'], until: '2027-01-01T00:00:00Z' }),
  )
  expect(others).toEqual([])
  expect(first).toMatchObject({ types: ['Observation', 'Goal'], until: '2027-01-01T00:00:00Z', group: 'seersKin' })
  const [whole] = seers(
    entry(kin, 'granted', { types: ['Goal'], until: '2027-01-01T00:00:00Z' }),
    entry(kin, 'granted'),
  )
  expect(whole).not.toHaveProperty('types')
  expect(whole).not.toHaveProperty('until')
})

test('the team, next of kin and who has opened the record in an emergency stand apart; a group of nobody does not stand', () => {
  const found = groupsOf(
    seers(
      entry('Practitioner/1', 'break-glass', { until: '2026-12-01T00:00:00Z' }),
      entry('CareTeam/1', 'care-plan', { closed: true }),
      entry('Practitioner/2', 'break-glass'),
      entry('Practitioner/2', 'gp'),
    ),
  )
  expect(found.map(([group, of]) => [group, of.map(({ who }) => who)])).toEqual([
    ['seersTeam', ['CareTeam/1', 'Practitioner/2']],
    ['seersShort', ['Practitioner/1']],
  ])
  expect(found[0]?.[1][0]?.isClosed).toBe(true)
})
