import { createRandom } from '../../server/demo/random.ts'
import type { Call } from '../caller/caller.ts'
import { someMeasurement, transactionOf } from './stored-measurements.ts'

/** A transaction of Observations, for patients that are there. */
export function transactionCall(patients: string[], entryCount: number): Call {
  return { method: 'POST', path: '', body: transactionOf(someMeasurements(patients, entryCount)) }
}

/** The same as a batch: each entry by itself. */
export function batchCall(patients: string[], entryCount: number): Call {
  const { body = '' } = transactionCall(patients, entryCount)
  return { method: 'POST', path: '', body: body.replace('"transaction"', '"batch"') }
}

/** The same in XML. The elements are in the order of R4 because the generator writes them so. */
export function xmlTransactionCall(patients: string[], entryCount: number): Call {
  const entries = someMeasurements(patients, entryCount).map(
    (observation) =>
      `<entry><resource>${xmlOf('Observation', observation, ' xmlns="http://hl7.org/fhir"')}</resource>` +
      '<request><method value="POST"/><url value="Observation"/></request></entry>',
  )
  const body = `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>${entries.join('')}</Bundle>`
  return { method: 'POST', path: '', body, contentType: 'application/fhir+xml' }
}

/** One resource whose size is a single text. */
export function documentCall(byteCount: number): Call {
  const attachment = { contentType: 'application/octet-stream', data: 'QUJD'.repeat(byteCount / 4) }
  const resource = { resourceType: 'DocumentReference', status: 'current', content: [{ attachment }] }
  return { method: 'POST', path: 'DocumentReference', body: JSON.stringify(resource) }
}

/** One resource whose size is its number of elements: a collection of Observations, which is stored as one Bundle. */
export function collectionCall(patients: string[], byteCount: number): Call {
  const sample = someMeasurements(patients, 100)
  const bytesEach = JSON.stringify(sample).length / sample.length
  const entry = someMeasurements(patients, Math.round(byteCount / bytesEach)).map((resource) => ({
    fullUrl: `urn:uuid:${crypto.randomUUID()}`,
    resource,
  }))
  return { method: 'POST', path: 'Bundle', body: JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }) }
}

/** The same, cut before its end: it is read to the last character before it can be refused. */
export function brokenCall(patients: string[], byteCount: number): Call {
  const whole = collectionCall(patients, byteCount)
  return { ...whole, body: whole.body?.slice(0, -1) ?? '' }
}

export function manyValuesCall(valueCount: number): Call {
  const codes = Array.from({ length: valueCount }, (_, number) => encodeURIComponent(`http://loinc.org|${number}-0`))
  return { method: 'GET', path: `Observation?code=${codes.join(',')}&_count=20` }
}

function someMeasurements(patients: string[], count: number) {
  const random = createRandom('bench/heavy')
  return Array.from({ length: count }, (_, number) => someMeasurement(random, patients, `heavy-${number}`))
}

/** https://hl7.org/fhir/R4/xml.html, for values whose texts need no escape but of these. */
function xmlOf(name: string, value: unknown, attributes = ''): string {
  if (Array.isArray(value)) return value.map((one) => xmlOf(name, one)).join('')
  if (typeof value !== 'object' || value === null) return `<${name} value="${escapeXml(String(value))}"/>`
  const members = Object.entries(value).filter(([member]) => member !== 'resourceType')
  return `<${name}${attributes}>${members.map(([member, one]) => xmlOf(member, one)).join('')}</${name}>`
}

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
