import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bundle, CodeSystem, StructureDefinition, ValueSet } from '@medplum/fhirtypes'
import type { Resource } from '../server/core/fhir/resource.ts'
import { createDefinitionBook } from '../server/definitions/definition-book.ts'
import { loadDefinitions } from '../server/definitions/definitions.ts'
import { readGuideDefinitions } from '../server/guide/definitions.ts'
import { CHANGES } from '../server/guide/no-basis-page.ts'
import { createValidator } from '../server/validation/validator.ts'

/** R4 asks for the strength of a binding (ElementDefinition.binding.strength, 1..1); this one is published without. */
const PUBLISHED_WRONG = ['snapshot.element[23]', 'differential.element[17]'].map(
  (element) =>
    `StructureDefinition/no-basis-propertyinformation required StructureDefinition.${element}.binding.strength: ElementDefinition.binding must have strength.`,
)

// The Norwegian base profiles (CC0) lie beside a developer's checkout and are no part of this project. Without them the name of the first test says so.
const MATERIAL = join(import.meta.dirname, '../../shared/reference/no-basis')
const isThere = existsSync(MATERIAL)
const { examples } = readGuideDefinitions()
const claimsOf = (id: string) => examples.filter(({ meta }) => meta.profile[0]?.endsWith(`/StructureDefinition/${id}`))

test(`each profile that is told to be after no-basis has an example${isThere ? '; no-basis is here to judge them' : ''}`, () => {
  const ofResources = CHANGES.filter(({ profile }) => !profile.startsWith('norwegian-'))
  for (const { profile } of ofResources) expect([profile, claimsOf(profile).length > 0]).toEqual([profile, true])
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

    test('what breaks no-basis does not pass by it: a number without its value', () => {
      const [line] = claimsOf('patient')
      const broken = { ...line, identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1' }] }
      expect(errorsOf(broken, ['http://hl7.no/fhir/StructureDefinition/no-basis-Patient'])).toEqual([
        expect.stringMatching(/^required Patient\.identifier\[0\]\.value/),
      ])
    })
  })
