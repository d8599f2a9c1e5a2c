import type { Exchange, Rooms } from '../exchange.ts'
import { reportDifference, VerdictDiffers } from './report-difference.ts'

const triage = (...codes: string[]) => ({
  resourceType: 'ClinicalImpression',
  finding: codes.map((code) => ({
    itemCodeableConcept: {
      text: 'SpO2 84 %',
      coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code }],
    },
  })),
})

/** @returns the answer, and what was written to the log */
async function report(stored: object, parameter: object[]) {
  const faults: unknown[] = []
  const exchange = {
    ...{ access: {}, id: '7', origin: { request: 'r-1' }, query: new URLSearchParams() },
    body: { resourceType: 'Parameters', parameter },
  } as unknown as Exchange
  const rooms = {
    store: { read: async () => ({ text: JSON.stringify(stored) }) },
    reportFault: (error: unknown, request: string) => faults.push([error, request]),
  } as unknown as Rooms
  const { text } = await reportDifference.handler(exchange, rooms)
  return { text, faults }
}
const colour = (valueCode: string) => ({ name: 'colour', valueCode })

test.each([
  ['green', 'red', 'milder'],
  ['grey', 'yellow', 'milder'],
  ['red', 'green', 'graver'],
] as const)('an app that said %s where the triage is %s was %s, and that is a fault', async (said, is, way) => {
  const app = { name: 'app', valueString: 'patient-1a2b' }
  const { text, faults } = await report(triage(is), [colour(said), app])
  expect(text).toContain(`"valueCode":"${way}"`)
  const told = `The app patient-1a2b was ${way} than ClinicalImpression/7.`
  expect(faults).toEqual([[new VerdictDiffers(told), 'r-1']])
})

test.each([
  ['the same colour', triage('red'), [colour('red')], 'business-rule', 'colour'],
  ['a triage without a colour', triage(), [colour('red')], 'business-rule', 'ClinicalImpression.finding'],
  ['no colour', triage('red'), [colour('blue')], 'value', 'colour'],
  [
    'words instead of a name',
    triage('red'),
    [colour('green'), { name: 'app', valueString: 'Line is ill' }],
    'value',
    'app',
  ],
] as const)('%s is refused', async (_, stored, parameter, code, expression) => {
  await expect(report(stored, [...parameter])).rejects.toMatchObject({ issues: [{ code, expression: [expression] }] })
})
