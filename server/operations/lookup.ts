import type { ParametersParameter } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import { type Concept, type ConceptTree, displayIn, isAbstract, isInactive } from '../terminology/concept-tree.ts'
import { codeSystemGiven, codingsGiven } from './code-system-given.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** https://hl7.org/fhir/R4/codesystem-operation-lookup.html */
export const lookup: Operation = {
  code: 'lookup',
  title: 'Look up a concept',
  description: 'What a code system says of one code.',
  resource: ['CodeSystem'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'code', type: 'code', min: 0, max: '1', documentation: 'The code.' },
    { name: 'system', type: 'uri', min: 0, max: '1', documentation: 'Its system.' },
    { name: 'version', type: 'string', min: 0, max: '1', documentation: 'Version of the system.' },
    { name: 'coding', type: 'Coding', min: 0, max: '1', documentation: 'Code and system as a Coding.' },
    { name: 'date', type: 'dateTime', min: 0, max: '1', documentation: 'Taken; what is here now is what is used.' },
    { name: 'displayLanguage', type: 'code', min: 0, max: '1', documentation: 'Language of the display.' },
    { name: 'property', type: 'code', min: 0, max: '*', documentation: 'Only these properties; * is all.' },
  ],
  out: [
    { name: 'name', type: 'string', min: 1, max: '1', documentation: 'Name of the code system.' },
    { name: 'version', type: 'string', min: 0, max: '1', documentation: 'Version of the code system.' },
    { name: 'display', type: 'string', min: 1, max: '1', documentation: 'The display of the code.' },
    {
      name: 'designation',
      min: 0,
      max: '*',
      documentation: 'Other words for it.',
      part: [
        { name: 'language', type: 'code', min: 0, max: '1', documentation: 'Its language.' },
        { name: 'use', type: 'Coding', min: 0, max: '1', documentation: 'What it is for.' },
        { name: 'value', type: 'string', min: 1, max: '1', documentation: 'The words.' },
      ],
    },
    {
      name: 'property',
      min: 0,
      max: '*',
      documentation: 'Its properties; parents and children among them.',
      part: [
        { name: 'code', type: 'code', min: 1, max: '1', documentation: 'The property.' },
        { name: 'value', type: 'string', min: 0, max: '1', documentation: 'Its value, of any type.' },
        { name: 'description', type: 'string', min: 0, max: '1', documentation: 'The display of a code.' },
      ],
    },
    { name: 'definition', type: 'string', min: 0, max: '1', documentation: 'What it means.' },
    { name: 'abstract', type: 'boolean', min: 0, max: '1', documentation: 'True: it only groups others.' },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, lookup)
    const [{ system, code = '' } = {}] = codingsGiven(given)
    const tree = await codeSystemGiven(exchange, rooms, given, { url: system, parameter: 'system' })
    const concept = tree.concept(code)
    if (!concept) throw refuse('not-found', `The code ${code} is not in ${tree.url}.`, 'code')
    const language = given.text('displayLanguage')
    const properties = new Set(given.texts('property'))
    const isAsked = (name: string) => properties.size === 0 || properties.has('*') || properties.has(name)
    return parametersReply([
      { name: 'name', valueString: tree.system.name ?? tree.system.title ?? tree.url },
      { name: 'version', valueString: tree.version },
      { name: 'display', valueString: displayIn(concept, language === undefined ? [] : [language]) ?? concept.code },
      ...(isAsked('definition') ? [{ name: 'definition', valueString: concept.definition }] : []),
      { name: 'abstract', valueBoolean: isAbstract(concept) || undefined },
      ...(isAsked('designation') ? concept.designation.map(toDesignation) : []),
      ...propertiesOf(tree, concept).filter((one) => isAsked(String(one.part?.[0]?.valueCode))),
    ])
  },
}

function toDesignation({ language, use, value }: Concept['designation'][number]): ParametersParameter {
  return {
    name: 'designation',
    part: [
      ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
      ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
      { name: 'value', valueString: value },
    ],
  }
}

function propertiesOf(tree: ConceptTree, concept: Concept): ParametersParameter[] {
  const hierarchy = (name: string, codes: string[]) =>
    codes.map((code) => property(name, { valueCode: code }, tree.concept(code)?.display))
  const own = concept.property.filter(({ code }) => code !== 'parent' && code !== 'child')
  return [
    ...hierarchy('parent', concept.parents),
    ...hierarchy('child', concept.children),
    ...own.map(({ code, ...value }) => property(String(code), value)),
    ...(own.some(({ code }) => code === 'inactive')
      ? []
      : [property('inactive', { valueBoolean: isInactive(concept) })]),
  ]
}

function property(code: string, value: Partial<ParametersParameter>, description?: string): ParametersParameter {
  return {
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      { ...value, name: 'value' },
      ...(description === undefined ? [] : [{ name: 'description', valueString: description }]),
    ],
  }
}
