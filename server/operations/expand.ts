import { expand as expandValueSet } from '../terminology/expand.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
import { valueSetGiven } from './value-set-given.ts'

/** https://hl7.org/fhir/R4/valueset-operation-expand.html */
export const expand: Operation = {
  code: 'expand',
  title: 'Expand a value set',
  description: 'The codes of a value set, all or by pages, from the code systems that are here.',
  resource: ['ValueSet'],
  on: ['type', 'instance'],
  letter: 'r',
  in: [
    { name: 'url', type: 'uri', min: 0, max: '1', documentation: 'Canonical of the value set, or ValueSet/[id].' },
    { name: 'valueSet', type: 'ValueSet', min: 0, max: '1', documentation: 'The value set itself.' },
    { name: 'valueSetVersion', type: 'string', min: 0, max: '1', documentation: 'Which version of the url.' },
    { name: 'filter', type: 'string', min: 0, max: '1', documentation: 'Words in code, display or designation.' },
    { name: 'date', type: 'dateTime', min: 0, max: '1', documentation: 'Taken; what is here now is what is used.' },
    { name: 'offset', type: 'integer', min: 0, max: '1', documentation: 'How many codes come before the page.' },
    { name: 'count', type: 'integer', min: 0, max: '1', documentation: 'Codes in the page; 0 for the total alone.' },
    { name: 'includeDesignations', type: 'boolean', min: 0, max: '1', documentation: 'With designations.' },
    { name: 'includeDefinition', type: 'boolean', min: 0, max: '1', documentation: 'With the definition (compose).' },
    { name: 'activeOnly', type: 'boolean', min: 0, max: '1', documentation: 'Without inactive codes.' },
    { name: 'excludeNested', type: 'boolean', min: 0, max: '1', documentation: 'Taken; the list is always flat.' },
    { name: 'excludeNotForUI', type: 'boolean', min: 0, max: '1', documentation: 'Without abstract codes.' },
    { name: 'displayLanguage', type: 'code', min: 0, max: '1', documentation: 'Language of the displays.' },
  ],
  out: [{ name: 'return', type: 'ValueSet', min: 1, max: '1', documentation: 'The value set with its expansion.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, expand)
    const terms = rooms.terminology.of(exchange.access)
    const valueSet = await valueSetGiven(exchange, rooms, terms, given, 'valueSetVersion')
    const language = given.text('displayLanguage')
    const expanded = await expandValueSet(
      terms,
      valueSet,
      {
        filter: given.text('filter'),
        count: given.count('count'),
        offset: given.count('offset'),
        activeOnly: given.flag('activeOnly'),
        excludeNotForUI: given.flag('excludeNotForUI'),
        includeDesignations: given.flag('includeDesignations'),
        includeDefinition: given.flag('includeDefinition'),
        displayLanguages: language === undefined ? undefined : [language],
      },
      rooms.now(),
    )
    return { status: 200, text: JSON.stringify(expanded) }
  },
}
