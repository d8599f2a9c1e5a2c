/**
 * Measures what turning a resource into its index row costs: microseconds for each vital sign, one line of JSON.
 * Usage: node scripts/bench/indexing.ts [count]
 */

import type { Resource } from '../../server/core/fhir/resource.ts'
import { loadDefinitions } from '../../server/definitions/definitions.ts'
import { createIndexer } from '../../server/search/indexer.ts'
import { machineFacts } from './machine.ts'

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'

/** As a device posts it: another id, patient, time and value each time, the codes always the same. */
function vitalSign(i: number): Resource {
  return {
    resourceType: 'Observation',
    id: `o${i}`,
    meta: { profile: ['http://hl7.org/fhir/StructureDefinition/oxygensat'] },
    identifier: [{ system: 'urn:example:device', value: `reading-${i}` }],
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: { coding: [{ system: LOINC, code: '59408-5' }], text: 'SpO2' },
    subject: { reference: `Patient/p${i % 2000}` },
    effectiveDateTime: new Date(1_770_000_000_000 + i * 60_000).toISOString(),
    performer: [{ reference: `Patient/p${i % 2000}` }],
    device: { reference: `Device/d${i % 2000}` },
    valueQuantity: { value: 85 + (i % 15), unit: '%', system: UCUM, code: '%' },
  }
}

const count = Number(process.argv[2] ?? 50_000)
const definitions = loadDefinitions()
const indexer = createIndexer(() => definitions)
const resources = Array.from({ length: count }, (_, i) => vitalSign(i))
for (const resource of resources.slice(0, 5_000)) indexer.index(resource)

const startedAt = process.cpuUsage()
const tokens = resources.reduce((sum, resource) => sum + indexer.index(resource).tokens.length, 0)
const used = process.cpuUsage(startedAt)

console.log(
  JSON.stringify({
    workload: 'index a vital-signs Observation',
    count,
    cpuMicrosecondsEach: Number(((used.user + used.system) / count).toFixed(1)),
    tokensEach: tokens / count,
    ...(await machineFacts()),
  }),
)
