import { literalOf } from '../core/fhir/json.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type Child, childrenOf } from '../definitions/element-tree.ts'
import { FHIR_NAMESPACE } from './xml-names.ts'

type Fields = Record<string, unknown>

/**
 * A resource as XML, elements in the order of the definition. What the definition does not know is left out: nothing that is
 * stored has any.
 * @param resource as `parseJson` gives it, so that decimals keep their digits
 * @see https://hl7.org/fhir/R4/xml.html
 */
export function toXml(definitions: Definitions, resource: Fields): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${resourceXml(definitions, resource, ` xmlns="${FHIR_NAMESPACE}"`)}`
}

function resourceXml(definitions: Definitions, resource: Fields, attributes = ''): string {
  const type = String(resource.resourceType)
  return tag(type, attributes, contentXml(definitions, resource, type, ['resourceType']))
}

/** The elements below one, in order. @param leaveOut what stands in attributes */
function contentXml(definitions: Definitions, fields: Fields, key: string, leaveOut: string[]): string {
  let xml = ''
  for (const child of childrenOf(definitions, key).values()) {
    if (!leaveOut.includes(child.name)) xml += elementXml(definitions, fields, child)
  }
  return xml
}

function elementXml(definitions: Definitions, fields: Fields, child: Child): string {
  const { name } = child
  const value = fields[name]
  const beside = fields[`_${name}`]
  if (value === undefined && beside === undefined) return ''
  if (!Array.isArray(value) && !Array.isArray(beside)) {
    return oneXml(definitions, child, value, beside, literalIn(fields, name, value))
  }
  const values = listOf(value)
  const besides = listOf(beside)
  let xml = ''
  for (let i = 0; i < Math.max(values.length, besides.length); i++) {
    const one = values[i] ?? undefined
    xml += oneXml(definitions, child, one, besides[i] ?? undefined, literalIn(values, i, one))
  }
  return xml
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** @param text a primitive's value as it is written */
function oneXml(definitions: Definitions, child: Child, value: unknown, beside: unknown, text: string): string {
  const { name, type, below, isPrimitive } = child
  if (type === 'xhtml') return String(value)
  if (isPrimitive) {
    const attributes = value === undefined ? '' : ` value="${escapeAttribute(text)}"`
    const more = (beside ?? {}) as Fields
    return tag(name, idAttribute(more) + attributes, contentXml(definitions, more, 'Element', ['id']))
  }
  if (typeof value !== 'object' || value === null) return ''
  const fields = value as Fields
  if (below === undefined) return tag(name, '', resourceXml(definitions, fields))
  const isExtension = type === 'Extension'
  const url = isExtension && typeof fields.url === 'string' ? ` url="${escapeAttribute(fields.url)}"` : ''
  return tag(
    name,
    idAttribute(fields) + url,
    contentXml(definitions, fields, below, isExtension ? ['id', 'url'] : ['id']),
  )
}

const tag = (name: string, attributes: string, content: string): string =>
  content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`

const idAttribute = ({ id }: Fields): string => (typeof id === 'string' ? ` id="${escapeAttribute(id)}"` : '')

const literalIn = (holder: object, name: string | number, value: unknown): string =>
  (typeof value === 'number' ? literalOf(holder, name) : undefined) ?? String(value)

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader would make spaces of them.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write them.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

const escapeAttribute = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character)
