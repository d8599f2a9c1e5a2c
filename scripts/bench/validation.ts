// Prints how long one vital sign takes from text to a validated tree, as JSON lines: parse, validate, write; µs per Observation.
import { cpus } from 'node:os'
import { parseJson, stringifyJson } from '../../server/core/fhir/json.ts'
import { loadDefinitions } from '../../server/definitions/definitions.ts'
import { createValidator } from '../../server/validation/validator.ts'

const ROUND_COUNT = 20_000

const observation = {
  resourceType: 'Observation',
  identifier: [{ system: 'urn:ietf:rfc:3986', value: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' }],
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5', display: 'SpO2' }], text: 'Oksygenmetning' },
  subject: { reference: 'Patient/demo-line' },
  effectiveDateTime: '2026-03-05T08:15:00+01:00',
  issued: '2026-03-05T08:15:04.123+01:00',
  performer: [{ reference: 'Patient/demo-line' }],
  valueQuantity: { value: 84.5, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  device: { reference: 'Device/oximeter-1' },
}

const started = performance.now()
const definitions = loadDefinitions()
const loadMilliseconds = performance.now() - started
const { validate } = createValidator(definitions)

const firstStarted = performance.now()
validate(observation, 'Observation')
const firstMilliseconds = performance.now() - firstStarted

const claiming = { ...observation, meta: { profile: ['http://hl7.org/fhir/StructureDefinition/vitalsigns'] } }
const text = JSON.stringify(claiming)
const withLiteral = text.replace('84.5', '84.50')

const workloads: [string, () => unknown][] = [
  ['validate', () => validate(observation, 'Observation')],
  ['validate by the profile of vital signs', () => validate(claiming, 'Observation')],
  ['parse', () => parseJson(text)],
  ['parse, keeping the literal 84.50', () => parseJson(withLiteral)],
  ['write', () => stringifyJson(observation)],
]

const machine = { date: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, bytes: text.length }
console.log(JSON.stringify({ ...machine, loadMilliseconds, firstMilliseconds }))
for (const [workload, work] of workloads) {
  for (let i = 0; i < ROUND_COUNT; i++) work() // until it is compiled
  const begun = performance.now()
  for (let i = 0; i < ROUND_COUNT; i++) work()
  const microseconds = ((performance.now() - begun) * 1_000) / ROUND_COUNT
  console.log(JSON.stringify({ workload, microseconds: Number(microseconds.toFixed(2)) }))
}
