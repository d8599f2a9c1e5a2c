import type { CarePlan } from '@medplum/fhirtypes'
import { withChanges } from '../core/decide/planned-change/planned-change.ts'
import type { Queryable } from '../db/pool.ts'
import { barredChanges } from './planned-team.ts'
import { newlyNamed } from './team-guard.ts'

const team = (id: string) => ({ reference: `CareTeam/${id}` })
const [HERE, THERE, ELSEWHERE] = [team('here'), team('there'), team('elsewhere')]
const AT = '2026-11-10T08:00:00Z'
const carePlan = (careTeam: { reference: string }[], ...planned: { reference: string }[]): CarePlan =>
  withChanges(
    {
      ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', careTeam },
      subject: { reference: 'Patient/p' },
    } as CarePlan,
    planned.map((to, i) => ({ id: `p${i}`, at: AT, careTeam: to, reason: 'Ferie' })),
  )

test.each<[string, CarePlan, CarePlan, [string, string][]]>([
  ['nothing new', carePlan([HERE], THERE), carePlan([HERE], THERE), []],
  ['a team that it goes back to', carePlan([HERE]), carePlan([HERE], HERE), []],
  ['a team from now on', carePlan([HERE]), carePlan([HERE, THERE]), [['CareTeam/there', 'CarePlan.careTeam[1]']]],
  [
    'a team for later',
    carePlan([HERE], THERE),
    carePlan([HERE], ELSEWHERE),
    [['CareTeam/elsewhere', 'CarePlan.extension']],
  ],
  [
    'what was for later, now',
    carePlan([HERE], THERE),
    carePlan([THERE], THERE),
    [['CareTeam/there', 'CarePlan.careTeam[0]']],
  ],
])('what a CarePlan newly names: %s', (_what, stood, stands, expected) => {
  expect(newlyNamed(stood, stands).map(({ to, expression }) => [to.reference, expression])).toEqual(expected)
})

test('a team that has the plan already is asked for nothing on its day', async () => {
  let count = 0
  const query = () => {
    count++
    return Promise.resolve({ rows: [] })
  }
  const db = { query } as unknown as Queryable
  expect(await barredChanges(db, carePlan([HERE], HERE), new Date(AT))).toEqual(new Map())
  expect(count).toBe(0)
  await barredChanges(db, carePlan([HERE], THERE), new Date(AT))
  expect(count).toBeGreaterThan(0)
})
