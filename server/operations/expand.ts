import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseDateInterval } from '../search/date-interval.ts'
import { expand as expandValueSet } from '../terminology/expand.ts'
import { boundValueSet } from './bound-value-set.ts'
import { type Given, readGiven } from './given-parameters.ts'
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
    {
      name: 'context',
      type: 'uri',
      min: 0,
      max: '1',
      documentation: 'Of a bound element: [StructureDefinition]#[path].',
    },
    { name: 'contextDirection', type: 'code', min: 0, max: '1', documentation: 'incoming or outgoing; the same here.' },
    { name: 'filter', type: 'string', min: 0, max: '1', documentation: 'Words in code, display or designation.' },
    { name: 'date', type: 'dateTime', min: 0, max: '1', documentation: 'Of now; how it was is not known here.' },
    { name: 'offset', type: 'integer', min: 0, max: '1', documentation: 'How many codes come before the page.' },
    { name: 'count', type: 'integer', min: 0, max: '1', documentation: 'Codes in the page; 0 for the total alone.' },
    { name: 'includeDesignations', type: 'boolean', min: 0, max: '1', documentation: 'With designations.' },
    {
      name: 'designation',
      type: 'string',
      min: 0,
      max: '*',
      documentation: 'Only these: a use or a language, a token.',
    },
    { name: 'includeDefinition', type: 'boolean', min: 0, max: '1', documentation: 'With the definition (compose).' },
    { name: 'activeOnly', type: 'boolean', min: 0, max: '1', documentation: 'Without inactive codes.' },
    { name: 'excludeNested', type: 'boolean', min: 0, max: '1', documentation: 'Taken; the list is always flat.' },
    { name: 'excludeNotForUI', type: 'boolean', min: 0, max: '1', documentation: 'Without abstract codes.' },
    { name: 'excludePostCoordinated', type: 'boolean', min: 0, max: '1', documentation: 'Taken; there are none here.' },
    { name: 'displayLanguage', type: 'code', min: 0, max: '1', documentation: 'Language of the displays.' },
    { name: 'exclude-system', type: 'canonical', min: 0, max: '*', documentation: 'Without the codes of this system.' },
    {
      name: 'system-version',
      type: 'canonical',
      min: 0,
      max: '*',
      documentation: 'system|version where none is named.',
    },
    {
      name: 'check-system-version',
      type: 'canonical',
      min: 0,
      max: '*',
      documentation: 'The same; another is refused.',
    },
    { name: 'force-system-version', type: 'canonical', min: 0, max: '*', documentation: 'In place of what is named.' },
  ],
  out: [{ name: 'return', type: 'ValueSet', min: 1, max: '1', documentation: 'The value set with its expansion.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, expand)
    const terms = rooms.terminology.of(exchange.access)
    refuseOtherTimes(given, rooms.now())
    const valueSet = await valueSetGiven(exchange, rooms, given, await boundInContext(exchange, rooms, given))
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
        designations: given.texts('designation'),
        displayLanguages: language === undefined ? undefined : [language],
        systems: {
          'exclude-system': given.texts('exclude-system'),
          'system-version': given.texts('system-version'),
          'check-system-version': given.texts('check-system-version'),
          'force-system-version': given.texts('force-system-version'),
        },
      },
      rooms.now(),
    )
    return { status: 200, text: JSON.stringify(expanded) }
  },
}

/** Where a context is given, it names the value set instead of the url. @returns its canonical @throws Refusal value, required, not-found */
async function boundInContext(exchange: Exchange, rooms: Rooms, given: Given): Promise<string | undefined> {
  const [context, direction] = [given.text('context'), given.text('contextDirection')]
  if (direction !== undefined && !['incoming', 'outgoing'].includes(direction)) {
    throw refuse('value', `contextDirection must be incoming or outgoing, not ${direction}.`, 'contextDirection')
  }
  if (context === undefined) {
    if (direction !== undefined) throw refuse('required', 'contextDirection needs a context.', 'context')
    return undefined
  }
  if (exchange.id !== '' || given.has('url') || given.has('valueSet')) {
    throw refuse(
      'value',
      'A value set is named by context, url, valueSet or its path, by one of them alone.',
      'context',
    )
  }
  return boundValueSet(exchange, rooms, context)
}

const DAY_MILLISECONDS = 86_400_000

/** Definitions "as they were on the given date, or an error": those of another day are not kept apart. A day's difference is a time zone's. */
function refuseOtherTimes(given: Given, now: Date): void {
  const date = given.text('date')
  const interval = date === undefined ? undefined : parseDateInterval(date)
  if (!interval) return
  const isNow =
    Date.parse(interval.low) - DAY_MILLISECONDS <= now.getTime() &&
    now.getTime() <= Date.parse(interval.high) + DAY_MILLISECONDS
  if (!isNow) throw refuse('not-supported', `Only how value sets are today is known here, not on ${date}.`, 'date')
}
