import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Operation } from '../operations/operation.ts'
import { type Definition, fileOf, type GuideDefinitions, readGuideDefinitions } from './definitions.ts'
import { downloadsPage } from './downloads-page.ts'
import { packGuide } from './guide-package.ts'
import { identifiersPage } from './identifiers-page.ts'
import { indexPage } from './index-page.ts'
import { fileIn, GUIDE_LANGUAGES, type GuideLanguage } from './language.ts'
import type { GuideFile, Section } from './layout.ts'
import { linksOf } from './links.ts'
import { noBasisPage } from './no-basis-page.ts'
import { operationsPage } from './operations-page.ts'
import { readGuidePathways } from './pathways.ts'
import { pathwaysPage } from './pathways-page.ts'
import { extensionsPage, profilesPage } from './profiles-page.ts'
import { searchParametersPage } from './search-parameters-page.ts'
import { structurePage } from './structure-page.ts'
import { codeSystemPage, terminologyPage, valueSetPage } from './terminology-pages.ts'
import { withSnapshot } from './with-snapshot.ts'

/** The implementation guide: its files by name, each made when it is first asked for, and kept: anybody may ask. */
export type Guide = {
  names: readonly string[]
  /** @returns undefined for a name that it does not have */
  file(name: string): Promise<GuideFile> | GuideFile | undefined
}

export type GuideRooms = {
  /** As callers see it. */
  fhirBase: string
  operations: readonly Operation[]
  resourceTypes: ReadonlySet<string>
}

/** Reads our definitions and says which pages tell of them. */
export function openGuide(
  { fhirBase, operations, resourceTypes }: GuideRooms,
  definitions: GuideDefinitions = readGuideDefinitions(),
): Guide {
  const linkTo = linksOf(definitions, resourceTypes)
  const files = new Map<string, () => Promise<GuideFile> | GuideFile>([
    ...GUIDE_LANGUAGES.flatMap((language) =>
      Object.entries(pagesOf(definitions, { fhirBase, operations })).map(
        ([name, made]) => [fileIn(language, name), () => made(language)] as const,
      ),
    ),
    ['guide.css', () => ({ type: 'css', content: readFileSync(STYLE, 'utf8') })],
    ['package.tgz', async () => ({ type: 'tgz', content: await packGuide(definitions) })],
  ])
  const page = (definition: Definition): (() => GuideFile) | undefined => {
    if (definition.resourceType === 'StructureDefinition') return () => structurePage(definitions, definition, linkTo)
    if (definition.resourceType === 'CodeSystem') return () => codeSystemPage(definition)
    if (definition.resourceType === 'ValueSet') return () => valueSetPage(definitions, definition, linkTo)
    return undefined
  }
  for (const definition of definitions.all) {
    const made = page(definition)
    if (made) files.set(`${fileOf(definition)}.html`, made)
    files.set(`${fileOf(definition)}.json`, () => json(withSnapshot(definitions, definition)))
  }
  for (const example of definitions.examples) files.set(`${fileOf(example)}.json`, () => json(example))
  const made = new Map<string, Promise<GuideFile> | GuideFile>()
  return {
    names: [...files.keys()],
    file(name) {
      const known = made.get(name)
      if (known) return known
      const file = files.get(name)?.()
      if (file) made.set(name, file)
      // What could not be made is made when it is asked for again.
      if (file instanceof Promise) file.catch(() => made.delete(name))
      return file
    },
  }
}

/** The pages that are there in each language. */
const pagesOf = (
  definitions: GuideDefinitions,
  { fhirBase, operations }: Omit<GuideRooms, 'resourceTypes'>,
): Record<Section, (language: GuideLanguage) => GuideFile> => ({
  'index.html': (language) => indexPage(definitions, fhirBase, language),
  'profiles.html': (language) => profilesPage(definitions, language),
  'extensions.html': (language) => extensionsPage(definitions, language),
  'terminology.html': (language) => terminologyPage(definitions, language),
  'identifiers.html': (language) => identifiersPage(definitions, language),
  'search-parameters.html': (language) => searchParametersPage(definitions, language),
  'operations.html': (language) => operationsPage(operations, language),
  'pathways.html': (language) => pathwaysPage(readGuidePathways(), language),
  'no-basis.html': (language) => noBasisPage(definitions, language),
  'downloads.html': (language) => downloadsPage(definitions, language),
})

const STYLE = fileURLToPath(new URL('./guide.css', import.meta.url))

const json = (resource: object): GuideFile => ({ type: 'json', content: `${JSON.stringify(resource, undefined, 2)}\n` })
