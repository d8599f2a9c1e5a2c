import type { TerminologyCapabilities } from '@medplum/fhirtypes'
import type { Rooms } from '../exchange.ts'

/**
 * What this server knows of terminology, at metadata?mode=terminology. Code systems that were stored here are not told to
 * everybody; a search finds them for those who may see them.
 * @see https://hl7.org/fhir/R4/terminologycapabilities.html
 */
export async function terminologyCapabilities({
  terminology,
  routes,
  baseUrl,
  now,
}: Rooms): Promise<TerminologyCapabilities> {
  const has = (path: string) => routes.some((route) => route.path === path)
  const statement = {
    resourceType: 'TerminologyCapabilities',
    status: 'active',
    date: now().toISOString(),
    kind: 'instance',
    software: { name: 'Fylgje' },
    implementation: { description: 'Fylgje, digital home monitoring', url: baseUrl },
    codeSystem: (await terminology.published()).map((uri) => ({ uri })),
    ...(has('ValueSet/$expand')
      ? {
          expansion: {
            hierarchical: false,
            paging: true,
            incomplete: false,
            parameter: EXPANSION_PARAMETERS.map((name) => ({ name })),
            textFilter:
              'Every word must stand in the code, the display or a designation; neither case nor accents count.',
          },
        }
      : {}),
    codeSearch: 'explicit',
    ...(has('ValueSet/$validate-code') ? { validateCode: { translations: false } } : {}),
    ...(has('ConceptMap/$translate') ? { translation: { needsMap: false } } : {}),
  }
  return statement as TerminologyCapabilities
}

const EXPANSION_PARAMETERS = [
  ...['filter', 'offset', 'count', 'activeOnly', 'excludeNotForUI', 'includeDesignations', 'includeDefinition'],
  'displayLanguage',
]
