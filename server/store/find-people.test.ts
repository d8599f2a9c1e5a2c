import type { RelatedPerson } from '@medplum/fhirtypes'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { findPeople } from './find-people.ts'
import type { Store } from './store.ts'

const definitions = loadDefinitions()
const NUMBER = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }

/** A store that has these next of kin, in this order; who shares is known by the id. */
function storeWith(kin: RelatedPerson[]): Pick<Store, 'search'> {
  const answer = (resources: object[], next?: string) => ({
    matches: resources.map((one) => ({ ...one, text: JSON.stringify(one) })),
    included: [],
    ...(next === undefined ? {} : { next }),
  })
  const search = async ({ actor }: { actor: string }, { type, count, cursor = '0' }: SearchQuery) => {
    if (type === 'Patient') {
      const id = actor.slice('RelatedPerson/'.length)
      return answer(id.startsWith('sees-') ? [{ resourceType: 'Patient', id: id.slice('sees-'.length) }] : [])
    }
    const to = Number(cursor) + count
    return answer(kin.slice(Number(cursor), to), to < kin.length ? String(to) : undefined)
  }
  return { search } as unknown as Pick<Store, 'search'>
}
const ofPatient = (id: string, patient: string) =>
  ({ resourceType: 'RelatedPerson', id, patient: { reference: `Patient/${patient}` } }) as RelatedPerson
const standing = { roles: ['next-of-kin'], grantees: [], records: [{ patient: 'x', as: 'guardian' }], attest: {} }
const find = (kin: RelatedPerson[]) =>
  findPeople(
    storeWith(kin),
    () => definitions,
    async (access) => ({ ...access, standing }) as never,
  ).findKin(NUMBER)

test('whom one patient names often, who shares nothing or much, another patient still lets in', async () => {
  for (const start of ['named', 'sees-mallory']) {
    const many = Array.from({ length: 1200 }, (_, i) => ofPatient(`${start}-${i}`, 'mallory'))
    const found = await find([...many, ofPatient('sees-barn', 'barn')])
    expect(found.map(({ id }) => id)).toContain('sees-barn')
    expect(found.length).toBeLessThanOrEqual(50)
  }
})

test('of one patient too, whoever sees something is found behind many who do not', async () => {
  const many = Array.from({ length: 700 }, (_, i) => ofPatient(`named-${i}`, 'barn'))
  expect((await find([...many, ofPatient('sees-barn', 'barn')])).map(({ id }) => id)).toEqual(['sees-barn'])
})
