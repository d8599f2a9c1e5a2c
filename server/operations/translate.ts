import type { ConceptMap } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { isMatch, type Translation, translate as translateCodings } from '../terminology/translate.ts'
import { codingsGiven } from './code-system-given.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** https://hl7.org/fhir/R4/conceptmap-operation-translate.html */
export const translate: Operation = {
  code: 'translate',
  title: 'Translate a code',
  description: 'What concept maps say that a code is in another code system.',
  resource: ['ConceptMap'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'url', type: 'uri', min: 0, max: '1', documentation: 'Canonical of the map.' },
    { name: 'conceptMap', type: 'ConceptMap', min: 0, max: '1', documentation: 'The map itself.' },
    { name: 'conceptMapVersion', type: 'string', min: 0, max: '1', documentation: 'Which version of the url.' },
    { name: 'code', type: 'code', min: 0, max: '1', documentation: 'The code.' },
    { name: 'system', type: 'uri', min: 0, max: '1', documentation: 'Its system.' },
    { name: 'version', type: 'string', min: 0, max: '1', documentation: 'Taken; the map decides.' },
    { name: 'source', type: 'uri', min: 0, max: '1', documentation: 'The value set that the code is of.' },
    { name: 'coding', type: 'Coding', min: 0, max: '1', documentation: 'Code and system as a Coding.' },
    { name: 'codeableConcept', type: 'CodeableConcept', min: 0, max: '1', documentation: 'Each of its codings.' },
    { name: 'target', type: 'uri', min: 0, max: '1', documentation: 'Only maps to this value set.' },
    { name: 'targetsystem', type: 'uri', min: 0, max: '1', documentation: 'Only codes of this system.' },
    {
      ...{ name: 'dependency', min: 0, max: '*' },
      documentation: 'What is known of another element, for maps that depend on it.',
      part: [
        { name: 'element', type: 'uri', min: 0, max: '1', documentation: 'The element, as the map names it.' },
        { name: 'concept', type: 'CodeableConcept', min: 0, max: '1', documentation: 'Its value.' },
      ],
    },
    {
      name: 'reverse',
      type: 'boolean',
      min: 0,
      max: '1',
      documentation: 'From the target to the source, which change places.',
    },
  ],
  out: [
    { name: 'result', type: 'boolean', min: 1, max: '1', documentation: 'Whether there is a translation.' },
    {
      name: 'message',
      type: 'string',
      min: 0,
      max: '1',
      documentation: 'Why there is none, or what might give others.',
    },
    {
      name: 'match',
      min: 0,
      max: '*',
      documentation: 'A translation.',
      part: [
        { name: 'equivalence', type: 'code', min: 1, max: '1', documentation: 'How it stands to what was asked.' },
        { name: 'concept', type: 'Coding', min: 1, max: '1', documentation: 'The code.' },
        {
          ...{ name: 'product', min: 0, max: '*', documentation: 'What else the map gives.' },
          part: [
            { name: 'element', type: 'uri', min: 1, max: '1', documentation: 'The element that it is for.' },
            { name: 'concept', type: 'Coding', min: 1, max: '1', documentation: 'Its value.' },
          ],
        },
        { name: 'source', type: 'uri', min: 1, max: '1', documentation: 'The map that says so.' },
      ],
    },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, translate)
    const codings = codingsGiven(given)
    const systemless = given.has('code') && !given.has('system') && exchange.id === '' && !given.has('url')
    if (systemless) throw refuse('required', 'A code without a map needs its system.', 'system')
    const reverse = given.flag('reverse') ?? false
    const maps = await mapsGiven(exchange, rooms, given, { system: codings[0]?.system, reverse })
    const { translations, dependsOn } = await translateCodings(
      leadingTo(maps, given.text('target'), reverse),
      codings,
      {
        ...{ targetSystem: given.text('targetsystem'), reverse },
        dependencies: given
          .parts('dependency')
          .map((part) => ({ element: part.text('element'), concept: part.concept('concept') ?? {} })),
        mapAt: (canonical) => rooms.terminology.of(exchange.access).conceptMap(canonical),
      },
    )
    const result = translations.some(isMatch)
    return parametersReply([
      { name: 'result', valueBoolean: result },
      { name: 'message', valueString: messageOf(result, dependsOn) },
      ...translations.map((translation) => ({ name: 'match', part: partsOf(translation) })),
    ])
  },
}

function messageOf(result: boolean, dependsOn: string[]): string | undefined {
  if (dependsOn.length > 0) return `Other translations depend on ${dependsOn.join(', ')}; give the value as dependency.`
  return result ? undefined : 'No map that is here translates the code.'
}

const partsOf = ({ equivalence, concept, product = [], source }: Translation) => [
  { name: 'equivalence', valueCode: equivalence },
  { name: 'concept', valueCoding: concept },
  ...product.map((one) => ({
    name: 'product',
    part: [
      { name: 'element', valueUri: one.element },
      { name: 'concept', valueCoding: one.concept },
    ],
  })),
  { name: 'source', valueUri: source },
]

/** Those that lead to a value set; backwards, those that come from it. */
function leadingTo(maps: ConceptMap[], target: string | undefined, reverse: boolean): ConceptMap[] {
  if (target === undefined) return maps
  return maps.filter((map) =>
    (reverse ? [map.sourceUri, map.sourceCanonical] : [map.targetUri, map.targetCanonical]).includes(target),
  )
}

/** One map where it is named; otherwise every map that leads from the value set or the system, or backwards to it. */
async function mapsGiven(
  { access, id }: Exchange,
  { store, terminology }: Rooms,
  given: Given,
  { system, reverse }: { system: string | undefined; reverse: boolean },
): Promise<ConceptMap[]> {
  if (id !== '') return [JSON.parse((await store.read(access, 'ConceptMap', id)).text ?? '{}') as ConceptMap]
  const inline = given.resource('conceptMap', 'ConceptMap')
  if (inline) return [inline as unknown as ConceptMap]
  const terms = terminology.of(access)
  const url = given.text('url')
  if (url === undefined) {
    const source = given.text('source') ?? system
    if (source === undefined) throw refuse('required', 'A map is needed: its id, url, or the source.', 'url')
    return terms.conceptMaps(reverse ? 'target' : 'source', source)
  }
  const version = given.text('conceptMapVersion')
  const map = await terms.conceptMap(version === undefined ? url : `${url}|${version}`)
  if (!map) throw refuse('not-found', `There is no concept map ${url} here.`, 'url')
  return [map]
}
