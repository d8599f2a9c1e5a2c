import type { PlanDefinition } from '@medplum/fhirtypes'
import { toModuleDefinition } from '../core/apply/module-definition.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { moduleLibraries } from '../cql/module-libraries.ts'
import { canonicalGiven } from './canonical-given.ts'
import { readCql } from './cql-ground.ts'
import { DefinitionReader } from './definition-reader.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'

/** https://hl7.org/fhir/R4/plandefinition-operation-data-requirements.html, and at type level as CRMI has it */
export const dataRequirements: Operation = {
  code: 'data-requirements',
  title: 'What a plan needs',
  description:
    'The data that a plan and its CQL look at, the definitions and libraries it is made of, and the parameters it takes, as a Library.',
  resource: ['PlanDefinition'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'url', type: 'uri', min: 0, max: '1', documentation: 'Canonical of the plan; at type level.' },
    { name: 'version', type: 'string', min: 0, max: '1', documentation: 'Which version of the url.' },
  ],
  takesAnything: true,
  out: [{ name: 'return', type: 'Library', min: 1, max: '1', documentation: 'Of the type module-definition.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, dataRequirements)
    const reader = new DefinitionReader(exchange, rooms)
    const canonical = canonicalGiven(given.text('url'), given.text('version'))
    if (!exchange.id && !canonical) throw refuse('required', 'A plan is needed: by its id, or as url.', 'url')
    const plan = exchange.id
      ? await reader.read(`PlanDefinition/${exchange.id}`, 'id')
      : await reader.findDefinition(String(canonical), ['PlanDefinition'], false)
    if (!plan) throw refuse('not-found', `No PlanDefinition ${canonical}.`, 'url')
    const definitions = await reader.readDefinitions(plan as unknown as PlanDefinition)
    const all = [...definitions.values()]
    const cql = await readCql(exchange, rooms, [plan, ...all])
    const libraries = cql && moduleLibraries(cql.set)
    const library = toModuleDefinition(plan as unknown as PlanDefinition, all, libraries)
    return { status: 200, text: JSON.stringify(library) }
  },
}
