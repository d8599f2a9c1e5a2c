import type { PlanDefinitionAction } from '@medplum/fhirtypes'
import { openExpressions } from '../expressions/expressions.ts'
import { skipEvents } from './cursor.ts'
import { type ReactRooms, react } from './react.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

const expressions = openExpressions({ expressionMilliseconds: 1_000, callMilliseconds: 5_000, threadCountMax: 1 })
let house: TestHouse
let rooms: ReactRooms

beforeAll(async () => {
  house = await startTestHouse()
  rooms = { ...house, now: () => house.clock.now, settle: expressions.settle }
  await skipEvents(house.pool)
})
afterAll(async () => {
  await expressions.close()
  await house.stop()
})

const rule = (id: string, expression: string, more: Partial<PlanDefinitionAction> = {}): PlanDefinitionAction => ({
  id,
  title: `Regel ${id}`,
  trigger: [{ type: 'data-added', data: [{ type: 'Observation' }] }],
  condition: [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression } }],
  ...more,
})

/** A plan of these rules, and one patient in it. */
async function follow(patient: string, ...action: PlanDefinitionAction[]): Promise<void> {
  const url = `http://example.org/PlanDefinition/${patient}`
  await house.put(
    { resourceType: 'PlanDefinition', id: `plan-${patient}`, url, version: '1', status: 'active', action },
    {
      ...{ resourceType: 'CarePlan', id: `${patient}-own`, status: 'active', intent: 'plan' },
      subject: { reference: `Patient/${patient}` },
      instantiatesCanonical: [`${url}|1`],
      careTeam: [{ reference: 'CareTeam/response' }],
    },
  )
}

async function measure(patient: string, value: number): Promise<void> {
  await house.measure(patient, value)
  for (let more = true; more; ) {
    const done = await react(rooms, { countMax: 200 })
    more = done.more || done.waiting
  }
}

const reasons = async (patient: string) =>
  (await house.tasksOf(patient)).map(({ code, reasonCode }) => [code?.coding?.[0]?.code, reasonCode?.text])

test('a rule that would never end becomes a Task about the rule, and the rule beside it is evaluated', async () => {
  await follow('hangs', rule('hangs', `'${'a'.repeat(40)}!'.matches('^(a+)+$')`), rule('holds', 'true'))
  await measure('hangs', 84)
  expect(await reasons('hangs')).toEqual([
    ['assess-measurement', 'Regel holds'],
    ['rule-unevaluable', 'betingelsen er for tung: It took longer than 1000 ms.'],
  ])
})

test('what a thread answers is decided on as if it had been answered here; a Task has the same id in all of its values', async () => {
  const dynamicValue = [
    {
      path: 'description',
      expression: { language: 'text/fhirpath' as const, expression: "'SpO2'.replaceMatches('2', '₂')" },
    },
    {
      path: 'note.text',
      expression: { language: 'text/fhirpath' as const, expression: "%resource.id.replaceMatches('^', 'id ')" },
    },
  ]
  await follow('heavy', rule('heavy', "%current.code.coding.code.matches('^59408-5$')", { dynamicValue }))
  await measure('heavy', 84)
  const [task, ...others] = await house.tasksOf('heavy')
  expect(others).toEqual([])
  expect(task).toMatchObject({ description: 'SpO₂', note: [{ text: `id ${task?.id}` }] })
})
