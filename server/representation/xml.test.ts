import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseJson, stringifyJson } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { jsonFromXml } from './from-xml.ts'
import { toXml } from './to-xml.ts'

const definitions = loadDefinitions()
const fromXml = (xml: string) => JSON.parse(jsonFromXml(definitions, xml))
const toXmlOf = (json: string) => toXml(definitions, parseJson(json) as Record<string, unknown>)
const fhir = (type: string, content: string) => `<${type} xmlns="http://hl7.org/fhir">${content}</${type}>`

function refusalOf(xml: string): Refusal['issues'][number] | undefined {
  try {
    jsonFromXml(definitions, xml)
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]
    throw error
  }
  return undefined
}

const DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p class="a">1 &lt; 2 &amp; <b>x</b><br/></p></div>'

test.each([
  [
    'ids and urls are attributes',
    { resourceType: 'Patient', id: 'a', extension: [{ url: 'u', id: 'e', valueCode: 'c' }] },
  ],
  [
    'a primitive with an extension',
    {
      resourceType: 'Patient',
      birthDate: '1970',
      _birthDate: { id: 'b', extension: [{ url: 'u', valueString: 'x' }] },
    },
  ],
  [
    'a primitive with an extension alone',
    { resourceType: 'Patient', _gender: { extension: [{ url: 'u', valueCode: 'x' }] } },
  ],
  [
    'a list of primitives with gaps',
    { resourceType: 'Patient', name: [{ given: ['A', null, 'C'], _given: [null, { id: 'x' }, null] }] },
  ],
  ['the narrative as it stands', { resourceType: 'Patient', text: { status: 'generated', div: DIV } }],
  [
    'contained resources',
    { resourceType: 'Patient', contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }] },
  ],
  [
    'a Bundle',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'urn:x', resource: { resourceType: 'Basic', code: { text: 'x' } } }],
    },
  ],
  [
    'choices, booleans, numbers',
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      valueInteger: 5,
      component: [{ code: { text: 'y' }, valueBoolean: false }],
    },
  ],
  ['spaces, lines and signs in texts', { resourceType: 'Basic', code: { text: ' a\n\tb "<>&\' æøå 😀' } }],
] as const)('there and back: %s', (_, resource) => {
  const text = JSON.stringify(resource)
  expect(fromXml(toXmlOf(text))).toEqual(resource)
})

test('elements come in the order of the definition, whatever the order in JSON', () => {
  expect(toXmlOf('{"gender":"male","active":true,"resourceType":"Patient","id":"x"}')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>' +
      '<Patient xmlns="http://hl7.org/fhir"><id value="x"/><active value="true"/><gender value="male"/></Patient>',
  )
})

test('decimals keep their digits both ways', () => {
  const json = '{"resourceType":"Observation","valueQuantity":{"value":95.00}}'
  expect(toXmlOf(json)).toContain('<value value="95.00"/>')
  expect(stringifyJson(parseJson(jsonFromXml(definitions, toXmlOf(json))))).toBe(json)
})

test('the narrative stays as it was sent, and is found under any prefix of FHIR', () => {
  const xml = `<f:Patient xmlns:f="http://hl7.org/fhir"><f:text><f:status value="generated"/>${DIV}</f:text></f:Patient>`
  expect(fromXml(xml).text.div).toBe(DIV)
})

test('comments, processing instructions and a declaration say nothing of the resource', () => {
  const xml = `<?xml version="1.0"?><!-- a --><?x y?>${fhir('Basic', '<!-- b --><code><text value="&#x41;&amp;"/></code>')}`
  expect(fromXml(xml)).toEqual({ resourceType: 'Basic', code: { text: 'A&' } })
})

test('what is no number is text, for validation to refuse', () => {
  expect(fromXml(fhir('Observation', '<valueInteger value="five"/>')).valueInteger).toBe('five')
})

test.each([
  ['no XML', '{}', 'invalid', undefined],
  ['half an element', '<Patient xmlns="http://hl7.org/fhir">', 'invalid', undefined],
  ['nothing', '', 'invalid', undefined],
  ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${fhir('Basic', '')}`, 'invalid', undefined],
  ['an entity of one’s own', fhir('Basic', '<language value="&a;"/>'), 'invalid', undefined],
  ['another namespace', '<Patient/>', 'invalid', undefined],
  ['no resource type', fhir('Nonsense', ''), 'invalid', ['Nonsense']],
  ['an unknown element', fhir('Patient', '<colour value="x"/>'), 'structure', ['Patient.colour']],
  ['an unknown attribute', fhir('Patient', '<active wert="true"/>'), 'structure', ['Patient.active']],
  [
    'an element that is an attribute',
    fhir('Patient', '<name><id value="x"/></name>'),
    'structure',
    ['Patient.name[0].id'],
  ],
  [
    'one that may be there once, twice',
    fhir('Patient', '<active value="true"/><active value="true"/>'),
    'structure',
    ['Patient.active'],
  ],
  ['an empty element', fhir('Patient', '<active/>'), 'structure', ['Patient.active']],
  ['text between elements', fhir('Patient', 'text'), 'invalid', undefined],
  ['a narrative of FHIR’s namespace', fhir('Patient', '<text><div>x</div></text>'), 'invalid', undefined],
  ['deep nesting', `${'<extension xmlns="http://hl7.org/fhir">'.repeat(200)}`, 'invalid', undefined],
] as const)('refused: %s', (_, xml, code, expression) => {
  const issue = refusalOf(xml)
  expect([issue?.code, issue?.expression]).toEqual([code, expression])
})

test('any text at all gives JSON or a Refusal', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '/',
    '"',
    '&',
    'Patient',
    ' xmlns="http://hl7.org/fhir"',
    'div',
    'value=',
    '<!--',
    ']]>',
    '<![CDATA[',
    'a',
  )
  fc.assert(fc.property(fc.array(pieces), (parts) => void refusalOf(parts.join(''))))
  fc.assert(fc.property(fc.string(), (text) => void refusalOf(fhir('Patient', text))))
})

const PAIRS = join(import.meta.dirname, '../../../shared/conformance/xml-pairs/pairs.ndjson')
// Public pairs that lie beside the project where it is developed.
const pairs: { name: string; xml: string; line: string }[] = existsSync(PAIRS)
  ? readFileSync(PAIRS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => ({ ...JSON.parse(line), line }))
  : []

/**
 * What is the same in both: the narrative whatever its white space, signs and order of attributes, a list of nulls alone and none. The pairs themselves
 * differ in `meta`.
 */
function comparable(json: string) {
  const resource = JSON.parse(json, (name, value) => {
    if (name === 'div') return comparableNarrative(String(value))
    return Array.isArray(value) && value.every((one) => one === null) ? undefined : value
  })
  return { ...resource, meta: undefined }
}

const SIGNS: Record<string, string> = { '&quot;': '"', '&apos;': "'", '&gt;': '>', '&#xA0;': ' ', '&#160;': ' ' }
const comparableNarrative = (div: string): string =>
  div
    .replace(/<!--.*?-->/gs, '')
    .replace(/&(?:quot|apos|gt|#xA0|#160);/g, (sign) => SIGNS[sign] ?? sign)
    .replace(/['"]/g, '"')
    .replace(/<(\w+)([^<>]*?)\s*\/>/g, '<$1$2></$1>')
    .replace(/<(\w+)((?:\s+[^\s=]+\s*=\s*"[^"]*")+)/g, (_, name, attributes: string) =>
      [`<${name}`, ...(attributes.match(/[^\s=]+\s*=\s*"[^"]*"/g) ?? []).sort()].join(' '),
    )
    .replace(/\s+/g, '')

if (pairs.length > 0) {
  describe('the pairs of the conformance suite', () => {
    test.each(pairs)('$name', ({ xml, line }) => {
      const json = stringifyJson((parseJson(line) as { json: unknown }).json)
      expect(comparable(jsonFromXml(definitions, xml))).toEqual(comparable(json))
      expect(comparable(jsonFromXml(definitions, toXmlOf(json)))).toEqual(comparable(json))
    })
  })
}
