import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bundle, CodeSystem, StructureDefinition, ValueSet } from '@medplum/fhirtypes'
import type { Resource } from '../server/core/fhir/resource.ts'
import { compileFhirPath } from '../server/core/fhirpath/evaluate.ts'
import { createDefinitionBook } from '../server/definitions/definition-book.ts'
import { loadDefinitions } from '../server/definitions/definitions.ts'
import { readGuideDefinitions } from '../server/guide/definitions.ts'
import { CHANGES } from '../server/guide/no-basis-page.ts'
import { applyJsonPatch } from '../server/patch/json-patch.ts'
import { createValidator } from '../server/validation/validator.ts'

const NO_BASIS = 'http://hl7.no/fhir/StructureDefinition/no-basis-'

/** Changes of an example that no-basis does not let pass, and so neither do we; the rest of what we refuse is asked beyond it. */
const BREAKS_NO_BASIS = [
  ['line', '/identifier/0/value'],
  ['without-number', '/identifier/0/assigner'],
  ['without-number', '/identifier/0/type/coding/0/code'],
  ['nurse', '/qualification/0/code/coding/0/code'],
  ['nurse-at-work', '/specialty'],
  ['hospital-ward', '/type'],
  ['husband', '/relationship/0/coding/0/code'],
  ['husband', '/relationship/1/coding/0/code'],
  ['mother', '/relationship/1/coding/0/code'],
]

/** What no-basis has a place for, as FHIRPath over an example: each is there in some example of ours, and passes by our profiles. */
const SHAPES = [
  ['gry', "identifier.where(system = 'urn:oid:2.16.578.1.12.4.1.4.1')"],
  ['gry', "identifier.where(system = 'urn:oid:2.16.578.1.12.4.1.4.2' and use = 'old').period.end"],
  ['with-common-number', "identifier.where(system = 'urn:oid:2.16.578.1.12.4.1.4.3')"],
  ['without-number', "identifier.where(system = 'HNR' and type.coding.code = 'HNR').assigner"],
  ['line', `name.extension('${NO_BASIS}middlename')`],
  ['gry', "extension('http://hl7.org/fhir/StructureDefinition/patient-citizenship').extension('code')"],
  ['gry', `address.extension('${NO_BASIS}address-official').value.where($this)`],
  ['gry', `address.extension('${NO_BASIS}urban-district')`],
  ['gry', `address.extension('${NO_BASIS}propertyinformation').extension('municipality')`],
  ['gry', `address.district.extension('${NO_BASIS}municipalitycode')`],
  ['nurse', "qualification.code.coding.where(system = 'urn:oid:2.16.578.1.12.4.1.1.9060')"],
  ['response-centre', "identifier.where(system = 'urn:oid:2.16.578.1.12.4.1.4.101')"],
  ['hospital-ward', "identifier.where(system = 'urn:oid:2.16.578.1.12.4.1.4.102')"],
  ['husband', "relationship.coding.where(system = 'http://hl7.no/fhir/CodeSystem/no-basis-family-relation')"],
  ['husband', "relationship.coding.where(system = 'http://hl7.no/fhir/CodeSystem/no-basis-marital-status')"],
  ['mother', "relationship.coding.where(system = 'http://hl7.no/fhir/CodeSystem/no-basis-parental-responsibility')"],
  ['document', "type.coding.where(system = 'urn:oid:2.16.578.1.12.4.1.1.9602')"],
]

/** R4 asks for the strength of a binding (ElementDefinition.binding.strength, 1..1); this one is published without. */
const PUBLISHED_WRONG = ['snapshot.element[23]', 'differential.element[17]'].map(
  (element) =>
    `StructureDefinition/no-basis-propertyinformation required StructureDefinition.${element}.binding.strength: ElementDefinition.binding must have strength.`,
)

// The Norwegian base profiles (CC0) lie beside a developer's checkout and are no part of this project. Without them the name of the first test says so.
const MATERIAL = join(import.meta.dirname, '../../shared/reference/no-basis')
const isThere = existsSync(MATERIAL)
const { examples, failing } = readGuideDefinitions()
const exampleOf = (name: string) => {
  const found = examples.find(({ id }) => id === name)
  if (!found) throw new Error(`there is no example ${name}`)
  return found
}
/** It is held to what it says by `examples.test.ts`. */
const failingOf = (name: string, path: string) => failing(exampleOf(name)).find(({ change }) => change.path === path)
const claimsOf = (id: string) => examples.filter(({ meta }) => meta.profile[0]?.endsWith(`/StructureDefinition/${id}`))

test(`each profile that is told to be after no-basis has an example${isThere ? '; no-basis is here to judge them' : ''}`, () => {
  const ofResources = CHANGES.filter(({ profile }) => !profile.startsWith('norwegian-'))
  for (const { profile } of ofResources) expect([profile, claimsOf(profile).length > 0]).toEqual([profile, true])
})

test.each(SHAPES)('the example %s has %s', (name, expression) => {
  expect(compileFhirPath(expression)(exampleOf(name), {}, new Date()).length).toBeGreaterThan(0)
})

test.each(BREAKS_NO_BASIS)('the example %s is refused by our profile when its %s breaks no-basis', (name, path) => {
  expect(failingOf(name, path)?.issues).toHaveLength(1)
})

if (isThere)
  describe('by no-basis itself', () => {
    const read = (path: string) => JSON.parse(readFileSync(join(MATERIAL, path), 'utf8'))
    const published = readdirSync(join(MATERIAL, 'json')).map((name) => read(`json/${name}`) as Resource)
    const volven = (read('volven-fragments.json') as Bundle).entry?.map(({ resource }) => resource as Resource) ?? []
    const all = [...published, ...volven]
    const ofType = <T>(type: string) => all.filter(({ resourceType }) => resourceType === type) as unknown as T[]

    const r4 = loadDefinitions()
    const book = createDefinitionBook(r4)
    book.change(
      ofType<StructureDefinition>('StructureDefinition').map((resource) => ({ id: String(resource.id), resource })),
      [],
    )
    const systems = new Map(ofType<CodeSystem>('CodeSystem').map((one) => [one.url, one.concept ?? []]))
    const codesOf = ({ compose }: ValueSet) =>
      (compose?.include ?? []).flatMap(({ system, concept }) =>
        (concept ?? systems.get(String(system)) ?? []).map(({ code }) => `${system}|${code}`),
      )
    book.takeCodes(new Map(ofType<ValueSet>('ValueSet').map((one) => [String(one.url), new Set(codesOf(one))])))
    const { validate } = createValidator(r4, {
      source: book,
      nationalNumbers: { mode: 'refuse', acceptsSynthetic: true },
    })
    const errorsOf = (resource: unknown, profiles: string[] = []) =>
      validate(resource, undefined, { profiles })
        .filter(({ severity }) => severity === 'error')
        .map(({ code, expression, diagnostics }) => `${code} ${expression}: ${diagnostics}`)

    test(`all ${all.length} definitions that it publishes are valid here, but for one binding without a strength`, () => {
      const wrong = all.flatMap((one) => errorsOf(one).map((error) => `${one.resourceType}/${one.id} ${error}`))
      expect(wrong).toEqual(PUBLISHED_WRONG)
    })

    const judged = CHANGES.flatMap(({ profile, base }) => claimsOf(profile).map((example) => ({ base, example })))

    test.each(judged.map(({ base, example }) => [example.id, base, example] as const))(
      'the example %s passes by %s too',
      (_, base, example) => {
        expect(errorsOf(example, [`http://hl7.no/fhir/StructureDefinition/${base}`])).toEqual([])
      },
    )

    test.each(BREAKS_NO_BASIS)('the example %s does not pass by it with another %s', (name, path) => {
      const example = structuredClone(exampleOf(name))
      const base = CHANGES.find(({ profile }) => example.meta.profile[0]?.endsWith(`/${profile}`))?.base
      applyJsonPatch(example, [failingOf(name, path)?.change as never])
      expect(errorsOf({ ...example, meta: {} }, [`http://hl7.no/fhir/StructureDefinition/${base}`])).not.toEqual([])
    })
  })
