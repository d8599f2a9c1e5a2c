import { settleHere } from '../expressions/expressions.ts'
import { openLog } from '../log.ts'
import { createEnrolmentKeeping } from './enrolments.ts'
import { NOBODY_MOVES, startTestHouse, type TestHouse } from './test-house.ts'

const ENDS_WHEN = 'http://fylgje.no/fhir/StructureDefinition/ends-when'
const ACHIEVED = "%goals.exists() and %goals.all(achievementStatus.coding.code = 'achieved')"

let house: TestHouse
beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

async function keep(): Promise<void> {
  const duty = createEnrolmentKeeping()
  const rooms = {
    ...{ pool: house.pool, store: house.store, now: () => house.clock.now, onCommit: () => {} },
    ...{ readBook: house.readBook, settle: settleHere, rateOf: async () => undefined },
    ...{ log: openLog('silent'), ...NOBODY_MOVES },
  }
  while (await duty(rooms));
}

const subjectOf = (patient: string) => ({ reference: `Patient/${patient}` })
const goal = (patient: string, achieved: string) => ({
  ...{ resourceType: 'Goal', id: `${patient}-goal`, lifecycleStatus: 'active', subject: subjectOf(patient) },
  ...{ description: { text: 'Gå 5 km' } },
  achievementStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/goal-achievement', code: achieved }],
  },
})
const statusOf = async (type: string, id: string): Promise<unknown> => {
  const { rows } = await house.pool.query<{ status: string }>(
    `SELECT content::jsonb->>'status' AS status FROM resource WHERE type = '${type}' AND id = '${id}'`,
  )
  return rows[0]?.status
}

/** Followed, then paused with an activity that rests with it, and resumed when its goal has come to be `achieved`. */
async function resumed(patient: string, expression: string, achieved: string): Promise<unknown[]> {
  const url = `http://example.org/PlanDefinition/${patient}`
  const carePlan = (status: string) => ({
    ...{ resourceType: 'CarePlan', id: `${patient}-plan`, status, intent: 'plan', subject: subjectOf(patient) },
    ...{ instantiatesCanonical: [url], goal: [{ reference: `Goal/${patient}-goal` }] },
  })
  await house.put(
    {
      ...{ resourceType: 'PlanDefinition', id: patient, url, status: 'active' },
      extension: [{ url: ENDS_WHEN, valueExpression: { language: 'text/fhirpath', expression } }],
    },
    { resourceType: 'Patient', id: patient },
    goal(patient, 'in-progress'),
    carePlan('active'),
    {
      ...{ resourceType: 'ServiceRequest', id: `${patient}-walk`, status: 'active', intent: 'order' },
      ...{ subject: subjectOf(patient), basedOn: [{ reference: `CarePlan/${patient}-plan` }], code: { text: 'Gå' } },
    },
  )
  await keep()
  await house.put(carePlan('on-hold'))
  await keep()
  await house.put(goal(patient, achieved))
  await keep()
  expect(await statuses(patient)).toEqual(['on-hold', 'on-hold'])
  await house.put(carePlan('active'))
  await keep()
  return statuses(patient)
}
const statuses = async (patient: string) => [
  await statusOf('CarePlan', `${patient}-plan`),
  await statusOf('ServiceRequest', `${patient}-walk`),
]

test('an end that came while an enrolment was paused is seen when it is resumed: it is completed, and nothing goes on', async () => {
  expect(await resumed('rested', ACHIEVED, 'achieved')).toEqual(['completed', 'completed'])
})

test('what is not over when it is resumed goes on, with what rested with it', async () => {
  expect(await resumed('back', ACHIEVED, 'improving')).toEqual(['active', 'active'])
  expect(await house.tasksOf('back')).toEqual([])
})

test('when nobody can say whether it is over it goes on, and the team is told', async () => {
  const expression = "iif(%goals.achievementStatus.coding.code = 'achieved', %nobody.exists(), false)"
  expect(await resumed('puzzled', expression, 'achieved')).toEqual(['active', 'active'])
  expect(await house.tasksOf('puzzled')).toMatchObject([{ code: { coding: [{ code: 'rule-unevaluable' }] } }])
})
