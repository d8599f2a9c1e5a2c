import request from 'supertest'
import { type RunningServer, startServer } from './harness/start-server.ts'

const UCUM = 'http://unitsofmeasure.org'
const HOUR = 3_600_000
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }
const SUBJECT = { reference: 'Patient/demo-line' }

let server: RunningServer
let token: string

beforeAll(async () => {
  server = await startServer()
  token = await server.token()
})
afterAll(() => server.dispose())

const send = (method: 'get' | 'put' | 'post', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')

const instant = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString()

async function measure(status: string, hours: number): Promise<string> {
  const { body } = await send('post', 'Observation')
    .send({
      ...{ resourceType: 'Observation', status, code: WEIGHT, subject: SUBJECT, effectiveDateTime: instant(hours) },
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
      ],
      valueQuantity: { value: 71.5, unit: 'kg', system: UCUM, code: 'kg' },
    })
    .expect(201)
  return `Observation/${body.id}`
}

type Line = { [name: string]: unknown }

/** The lines about weight, each part by its name. */
async function linesOf(query = ''): Promise<{ occurrence: Line[]; extra: Line[] }> {
  const { body } = await send('get', `Patient/demo-line/$schedule${query}`).expect(200)
  const told = (body.parameter ?? []) as { name: string; part: { name: string; [value: string]: unknown }[] }[]
  const toLine = (part: (typeof told)[number]['part']): Line =>
    Object.fromEntries(
      part.map(({ name, part: inner, ...value }) => [
        name,
        inner ? toLine(inner as typeof part) : Object.values(value)[0],
      ]),
    )
  const lines = told.map(({ name, part }) => ({ name, line: toLine(part) }))
  const of = (wanted: string) => lines.filter(({ name }) => name === wanted).map(({ line }) => line)
  // The demo asks her to weigh herself as well.
  const isOurs = ({ request }: Line) => JSON.stringify(request).includes('ServiceRequest/line-')
  return { occurrence: of('occurrence').filter(({ title }) => title === 'Vekt'), extra: of('extra').filter(isOurs) }
}

test('a patient sees what is asked for, what is done, and what came unasked', async () => {
  // Between now and three hours on, four times; the first two are open already.
  await send('put', 'ServiceRequest/line-weight')
    .send({
      ...{
        resourceType: 'ServiceRequest',
        id: 'line-weight',
        status: 'active',
        intent: 'order',
        code: WEIGHT,
        subject: SUBJECT,
      },
      occurrenceTiming: { event: [0.2, 1, 2, 5].map(instant) },
      extension: [
        {
          url: 'http://fylgje.no/fhir/StructureDefinition/occurrence-policy',
          extension: [
            { url: 'early', valueDuration: { value: 30, system: UCUM, code: 'min' } },
            { url: 'grace', valueDuration: { value: 10, system: UCUM, code: 'min' } },
          ],
        },
      ],
    })
    .expect(201)
  expect((await linesOf()).occurrence.map(({ state }) => state)).toEqual(['open', 'planned', 'planned', 'planned'])

  const before = (await linesOf()).extra
  const done = await measure('final', 0)
  const unasked = await measure('final', 0)
  const { occurrence, extra } = await linesOf()
  expect(occurrence[0]).toMatchObject({
    request: { reference: 'ServiceRequest/line-weight' },
    ...{ state: 'done', result: { reference: done } },
  })
  expect(occurrence[1]).not.toHaveProperty('result')
  // What the demo has of her weight in the last day is nothing that was asked for here.
  expect(extra).toEqual([
    ...before,
    { request: { reference: 'ServiceRequest/line-weight' }, result: { reference: unasked } },
  ])
})

test("a result that is announced and not sent is the patient's to send", async () => {
  await send('put', 'ServiceRequest/line-announced')
    .send({
      ...{ resourceType: 'ServiceRequest', id: 'line-announced', status: 'active', intent: 'order', subject: SUBJECT },
      ...{ code: { ...WEIGHT, text: 'Vekt på nytt' }, occurrenceDateTime: instant(30) },
    })
    .expect(201)
  await measure('preliminary', 29)
  const { body } = await send('get', `Patient/demo-line/$schedule?from=${instant(10)}&to=${instant(40)}`).expect(200)
  expect(JSON.stringify(body)).toContain('"name":"kind","valueCode":"not-sent"')
})

test.each([
  ['?from=2026-01-01&to=2026-06-01', 400, 'value', ['from', 'to']],
  ['?from=2026-02-01&to=2026-01-01', 400, 'value', ['from', 'to']],
  ['?from=soon', 400, 'value', ['from']],
  ['?until=2026-01-01', 400, 'not-supported', ['until']],
])('%s is refused', async (query, status, code, expression) => {
  const { body } = await send('get', `Patient/demo-line/$schedule${query}`).expect(status)
  expect(body.issue).toMatchObject([{ code, expression }])
})

test('of a patient that is not here nothing is told', async () => {
  const { body } = await send('get', 'Patient/nobody/$schedule').expect(404)
  expect(body.issue).toMatchObject([{ code: 'not-found' }])
})
