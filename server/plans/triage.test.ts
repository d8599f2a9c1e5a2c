import type { ClinicalImpression, Goal } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sql } from '../db/sql.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { createValidator } from '../validation/validator.ts'
import { skipEvents } from './cursor.ts'
import { COPD_PLAN, startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'

const TESTER = engineAccess('test')
let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

const minutes = (count: number) => {
  house.clock.now = new Date(house.clock.now.getTime() + count * 60_000)
}

async function triagesOf(patient: string): Promise<ClinicalImpression[]> {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE patient = ${patient} AND type = 'ClinicalImpression' ORDER BY rk`,
  )
  return rows.map(({ content }) => JSON.parse(content) as ClinicalImpression)
}
const readNow = async (type: string, id: string) =>
  JSON.parse((await house.store.read(TESTER, type, id)).text ?? '') as Resource
const colourOf = ({ finding }: ClinicalImpression) => finding?.[0]?.itemCodeableConcept?.coding?.[0]?.code
const percent = (value: number) => ({ value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' })

async function setLimits(patient: string, yellow: number, red: number): Promise<void> {
  const goal = (await readNow('Goal', `${patient}-spo2`)) as unknown as Goal
  const [first, second] = goal.target ?? []
  await house.put({
    ...goal,
    target: [
      { ...first, detailQuantity: { ...percent(yellow), comparator: '<' } },
      { ...second, detailQuantity: { ...percent(red), comparator: '<' } },
    ],
  })
}

test('each measurement that a rule looks at is triaged: colour, rule, its version, inputs with versions; green too', async () => {
  await house.enrol('seen')
  const id = await house.measure('seen', 84)
  await house.measure('seen', 96)
  await house.measure('seen', 170, { code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] } })
  await reactToAll(house)
  const [red, green, ...others] = await triagesOf('seen')
  expect(others).toEqual([])
  expect(red).toMatchObject({
    status: 'completed',
    subject: { reference: 'Patient/seen' },
    effectiveDateTime: '2026-11-10T08:00:00.000Z',
    protocol: [COPD_PLAN],
    summary: 'SpO2 84 %, rød grense 88 %',
    investigation: [{ item: [{ reference: `Observation/${id}/_history/1`, display: 'SpO2 84 %' }] }],
    finding: [
      {
        itemCodeableConcept: {
          coding: [
            { system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code: 'red' },
            {
              system: 'http://fylgje.no/fhir/PlanDefinition/copd',
              version: COPD_PLAN.split('|')[1],
              code: 'spo2-red',
              display: 'Svært lav oksygenmetning',
            },
          ],
        },
      },
    ],
    supportingInfo: [
      { reference: 'PlanDefinition/copd/_history/1' },
      { reference: 'CarePlan/seen-copd/_history/1' },
      { reference: 'Goal/seen-spo2/_history/1' },
    ],
  })
  expect(green && [colourOf(green), green.summary]).toEqual(['green', 'SpO2 96 %, ingen funn'])
  const { validate } = createValidator(loadDefinitions())
  for (const one of [red, green]) expect(validate(one).filter(({ severity }) => severity === 'error')).toEqual([])
})

test('what cannot be evaluated is grey; who is not followed is not triaged', async () => {
  await house.enrol('grey')
  await house.measure('grey', 84, { valueQuantity: { ...percent(84), unit: 'kPa', code: 'kPa' } })
  await house.measure('nobody', 84)
  await reactToAll(house)
  expect((await triagesOf('grey')).map(colourOf)).toEqual(['grey'])
  expect(await triagesOf('nobody')).toEqual([])
})

test('a correction is the next version of the same triage; withdrawn or deleted it is entered-in-error, with its Task', async () => {
  await house.enrol('mended')
  const id = await house.measure('mended', 84)
  await reactToAll(house)
  const observation = await readNow('Observation', id)
  await house.put({ ...observation, status: 'corrected', valueQuantity: percent(94) })
  await reactToAll(house)
  const [green] = await triagesOf('mended')
  expect(green).toMatchObject({ meta: { versionId: '2' }, status: 'completed' })
  expect(green && colourOf(green)).toBe('green')
  expect(green?.investigation?.[0]?.item?.[0]?.reference).toBe(`Observation/${id}/_history/2`)
  await house.put({ ...observation, status: 'entered-in-error' })
  await reactToAll(house)
  const withdrawn = await triagesOf('mended')
  expect(withdrawn).toMatchObject([{ meta: { versionId: '3' }, status: 'entered-in-error', statusReason: {} }])
  await house.put({ ...observation, status: 'final' })
  await reactToAll(house)
  expect((await triagesOf('mended')).map((one) => [one.status, colourOf(one)])).toEqual([['completed', 'red']])
  await house.store.write(TESTER, { interaction: 'delete', type: 'Observation', id })
  await reactToAll(house)
  expect(await triagesOf('mended')).toMatchObject([{ status: 'entered-in-error' }])
  expect((await house.tasksOf('mended')).map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
})

test('a measurement and its correction in one round leave one triage, of the correction', async () => {
  await house.enrol('hasty')
  const id = await house.measure('hasty', 84)
  await house.put({ ...(await readNow('Observation', id)), status: 'corrected', valueQuantity: percent(95) })
  await reactToAll(house)
  expect((await triagesOf('hasty')).map((one) => [one.meta?.versionId, colourOf(one)])).toEqual([['1', 'green']])
})

test('an event that is read again, as after a restore, makes no second triage', async () => {
  await house.enrol('restored')
  await house.measure('restored', 84)
  await reactToAll(house)
  minutes(60)
  await house.pool.query(sql`UPDATE engine_cursor SET xid = '0', seq = 0`)
  await reactToAll(house)
  expect(await triagesOf('restored')).toHaveLength(1)
  expect(await house.tasksOf('restored')).toHaveLength(1)
})

describe('when limits change, the latest measurement is judged anew', () => {
  test('tighter limits make the Task that was not due before; wider ones take it back', async () => {
    await house.enrol('moving')
    await house.measure('moving', 92)
    minutes(10)
    await house.measure('moving', 89)
    await reactToAll(house)
    expect((await triagesOf('moving')).map(colourOf)).toEqual(['green', 'yellow'])
    await setLimits('moving', 93, 90)
    await reactToAll(house)
    // Only the latest: 92 is yellow by these limits, and stays as it was judged.
    expect((await triagesOf('moving')).map(colourOf)).toEqual(['green', 'red'])
    expect(await house.tasksOf('moving')).toMatchObject([
      { status: 'cancelled', statusReason: { text: 'Grensene er endret; regelen slår ikke lenger til.' } },
      { status: 'requested', reasonCode: { text: 'SpO2 89 %, rød grense 90 %' } },
    ])
    await setLimits('moving', 88, 86)
    await reactToAll(house)
    expect((await triagesOf('moving')).map(colourOf)).toEqual(['green', 'green'])
    expect((await house.tasksOf('moving')).map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
  })

  test('a red that somebody has handled is not raised again because the yellow limit moved', async () => {
    await house.enrol('handled')
    await house.measure('handled', 84)
    await reactToAll(house)
    const [task] = await house.tasksOf('handled')
    await house.put({ ...task, status: 'completed' })
    await setLimits('handled', 92, 88)
    await reactToAll(house)
    expect((await house.tasksOf('handled')).map(({ status }) => status)).toEqual(['completed'])
    expect((await triagesOf('handled')).map((one) => one.supportingInfo?.at(-1)?.reference)).toEqual([
      'Goal/handled-spo2/_history/2',
    ])
  })

  test('one that is too old, or was never judged, is left alone; a Goal that the CarePlan gains or loses counts', async () => {
    await house.measure('later', 89)
    await reactToAll(house)
    await house.enrol('later')
    await setLimits('later', 93, 90)
    await reactToAll(house)
    expect(await triagesOf('later')).toEqual([])
    minutes(10)
    await house.measure('later', 89)
    await reactToAll(house)
    expect((await triagesOf('later')).map(colourOf)).toEqual(['red'])
    const carePlan = await readNow('CarePlan', 'later-copd')
    await house.put({ ...carePlan, goal: undefined })
    await reactToAll(house)
    // By the plan's own limits 89 % is above red.
    expect((await triagesOf('later')).map(colourOf)).not.toContain('red')
    minutes(73 * 60)
    await house.put(carePlan)
    await reactToAll(house)
    expect((await triagesOf('later')).map(colourOf)).not.toContain('red')
  })
})
