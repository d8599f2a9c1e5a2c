import type { ElementDefinition } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../server/core/fhir/resource.ts'
import type { Definitions } from '../../server/definitions/definitions.ts'

/** How deep elements are filled in; below, only what is required. */
const DEPTH_MAX = 3

/** Literals of each primitive type, the odd but legal ones among them. http://hl7.org/fhir/R4/datatypes.html#primitive */
const PRIMITIVES: Record<string, fc.Arbitrary<Json>> = {
  boolean: fc.boolean(),
  integer: fc.integer({ min: -2147483648, max: 2147483647 }),
  positiveInt: fc.integer({ min: 1, max: 2147483647 }),
  unsignedInt: fc.integer({ min: 0, max: 2147483647 }),
  decimal: fc.oneof(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.constantFrom(0, -0.5, 1e-7, 36.6)),
  string: fc.constantFrom(
    'Ærfugl',
    'x',
    'two  spaces',
    'line\nbreak',
    '𝛑 og 中文',
    '<b>"quoted"</b>',
    "O'Hara; DROP TABLE resource",
  ),
  markdown: fc.constantFrom('# Heading\n\n* point', 'plain'),
  code: fc.constantFrom('final', 'active', 'a-code'),
  id: fc.constantFrom('a', 'A.b-9', 'x'.repeat(64)),
  uri: fc.constantFrom('http://example.org/x', 'urn:oid:1.2.3', 'urn:uuid:0d6f0c2e-3d5b-4c7b-8f44-0d8b3a2f6c11'),
  url: fc.constantFrom('http://example.org/x', 'mailto:a@example.org'),
  canonical: fc.constantFrom('http://example.org/x', 'http://example.org/x|1.0'),
  oid: fc.constantFrom('urn:oid:1.2.3', 'urn:oid:2.16.578.1.12.4.1.4.1'),
  uuid: fc.constant('urn:uuid:0d6f0c2e-3d5b-4c7b-8f44-0d8b3a2f6c11'),
  base64Binary: fc.constantFrom('AA==', 'Rnlsw6dqZQ=='),
  date: fc.constantFrom('2026', '2026-11', '2026-11-22', '2024-02-29', '0001-01-01', '9999-12-31'),
  dateTime: fc.constantFrom(
    '2026',
    '2026-11-22',
    '2026-11-22T08:00:00+01:00',
    '2026-03-29T02:30:00.123456Z',
    '2026-11-22T23:59:59-12:00',
  ),
  instant: fc.constantFrom('2026-11-22T08:00:00Z', '2026-11-22T08:00:00.123+14:00'),
  time: fc.constantFrom('00:00:00', '23:59:59.999'),
  xhtml: fc.constant('<div xmlns="http://www.w3.org/1999/xhtml"><p>Tekst</p></div>'),
}

/**
 * Resources of one type as its definition allows them: what is required is there, the rest sometimes. Most of them are valid;
 * invariants, and codes of large value sets, are left to chance.
 */
export function resourceOf(definitions: Definitions, type: string): fc.Arbitrary<JsonObject> {
  const elements = definitions.structure(type)?.snapshot?.element ?? []
  return contentOf(definitions, elements, type, 0).map((content) => {
    const { id: _id, contained: _contained, text: _text, implicitRules: _rules, meta: _meta, ...rest } = content
    return { resourceType: type, ...rest }
  })
}

function contentOf(
  definitions: Definitions,
  elements: ElementDefinition[],
  path: string,
  depth: number,
): fc.Arbitrary<JsonObject> {
  const children = elements.filter(
    (element) => element.path?.startsWith(`${path}.`) && !element.path.slice(path.length + 1).includes('.'),
  )
  const wanted = children.filter(
    (element) => !/\.(extension|modifierExtension|id|contained)$/.test(element.path ?? '') && element.max !== '0',
  )
  const parts = wanted.map((element) => elementOf(definitions, elements, element, depth))
  return fc.tuple(...parts).map((filled) => Object.assign({}, ...filled) as JsonObject)
}

/** The element as members of its parent: none, one, or one of a choice's names. */
function elementOf(
  definitions: Definitions,
  elements: ElementDefinition[],
  element: ElementDefinition,
  depth: number,
): fc.Arbitrary<JsonObject> {
  const required = (element.min ?? 0) > 0
  if (!required && depth >= DEPTH_MAX) return fc.constant({})
  const name = (element.path ?? '').slice((element.path ?? '').lastIndexOf('.') + 1)
  const types = element.type?.length ? element.type : [{ code: 'BackboneElement' }]
  const members = fc.constantFrom(...types).chain((type) => {
    const code = type.code ?? 'BackboneElement'
    const member = name.endsWith('[x]') ? name.slice(0, -3) + code.charAt(0).toUpperCase() + code.slice(1) : name
    const value = valuesOf(definitions, elements, element, code, depth)
    const repeats = element.max !== '1' && element.max !== '0'
    const values = repeats ? fc.array(value, { minLength: 1, maxLength: 2 }) : value
    return values.map((filled) => (isEmpty(filled) ? {} : { [member]: filled as Json }))
  })
  return required ? members : fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: members })
}

function valuesOf(
  definitions: Definitions,
  elements: ElementDefinition[],
  element: ElementDefinition,
  code: string,
  depth: number,
): fc.Arbitrary<Json> {
  const codes =
    element.binding?.strength === 'required' && element.binding.valueSet
      ? definitions.codes(element.binding.valueSet)
      : undefined
  if (code === 'code' && codes?.size)
    return fc.constantFrom(...codes).map((token) => token.slice(token.indexOf('|') + 1))
  const primitive = PRIMITIVES[code.replace('http://hl7.org/fhirpath/System.', '').replace(/^String$/, 'string')]
  if (primitive) return primitive
  if (code === 'Reference') {
    const targets = (element.type?.[0]?.targetProfile ?? []).map((url) => url.slice(url.lastIndexOf('/') + 1))
    const concrete = targets.filter((target) => definitions.resourceTypes.has(target))
    return fc
      .constantFrom(...(concrete.length > 0 ? concrete : ['Patient']))
      .map((target) => ({ reference: `${target}/mutated` }))
  }
  if (code === 'Resource') return fc.constant({ resourceType: 'Basic', code: { text: 'inside' } })
  const inline = elements.some((other) => other.path?.startsWith(`${element.path}.`))
  if (inline) return contentOf(definitions, elements, element.path ?? '', depth + 1)
  const structure = definitions.structure(code)?.snapshot?.element
  return structure ? contentOf(definitions, structure, code, depth + 1) : fc.constant({})
}

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.some(isEmpty)
    : typeof value === 'object' && value !== null && Object.keys(value).length === 0
