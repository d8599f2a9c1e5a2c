import { loadDefinitions } from '../definitions/definitions.ts'
import { parseSearch } from '../search/search-query.ts'
import { criteriaOf } from './transaction.ts'

const definitions = loadDefinitions()
const criteria = (query: string) => criteriaOf(parseSearch(definitions, 'Patient', new URLSearchParams(query)))

test.each([
  ['FNR', '1'],
  ['DNR', '2'],
])('who asks for a number by the name %s waits for who asks by its oid', (name, arc) => {
  const other = criteria(`identifier=http://hl7.no/fhir/NamingSystem/${name}|13116900216`)
  expect(other).toBe(criteria(`identifier=urn:oid:2.16.578.1.12.4.1.4.${arc}|13116900216`))
})

test('who asks for another number, or by another system, does not', () => {
  const all = ['FNR|13116900216', 'FNR|13116900217', 'DNR|13116900216'].map((one) =>
    criteria(`identifier=http://hl7.no/fhir/NamingSystem/${one}`),
  )
  expect(new Set(all).size).toBe(3)
})
