import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type Child, childrenOf } from '../definitions/element-tree.ts'
import { parseXmlTree, type XmlElement } from './xml-tree.ts'

/**
 * A resource in XML as the text of its JSON, which is then read like any other: so a decimal keeps its digits, and whatever is
 * wrong with a value is told in one way for both. Elements may come in any order.
 * @throws Refusal `invalid` for what is no XML; `structure` for every element that R4 does not have there
 * @see https://hl7.org/fhir/R4/xml.html and https://hl7.org/fhir/R4/json.html
 */
export function jsonFromXml(definitions: Definitions, xml: string): string {
  const root = parseXmlTree(xml)
  const reading: Reading = { definitions, issues: [] }
  const json = resourceJson(reading, root, root.name)
  if (reading.issues.length > 0) throw new Refusal(reading.issues)
  return json
}

type Reading = { definitions: Definitions; issues: Issue[] }

const ISSUE_COUNT_MAX = 100

function report({ issues }: Reading, path: string, diagnostics: string): void {
  if (issues.length < ISSUE_COUNT_MAX)
    issues.push({ severity: 'error', code: 'structure', diagnostics, expression: [path] })
}

function resourceJson(reading: Reading, element: XmlElement, path: string): string {
  if (!reading.definitions.resourceTypes.has(element.name)) {
    throw refuse('invalid', `R4 has no resource type ${element.name}.`, path)
  }
  noAttributes(reading, element, path, [])
  return objectJson(reading, element, {
    key: element.name,
    path,
    members: [`"resourceType":${JSON.stringify(element.name)}`],
    inAttributes: [],
  })
}

type Place = {
  /** Where the elements are looked up. */
  key: string
  path: string
  /** What the caller has read already; it comes first. */
  members: string[]
  /** Elements of JSON that are attributes in XML. */
  inAttributes: string[]
}

function objectJson(reading: Reading, element: XmlElement, { key, path, members, inAttributes }: Place): string {
  const children = childrenOf(reading.definitions, key)
  for (const [name, group] of Map.groupBy(element.children, (child) => child.name)) {
    const child = inAttributes.includes(name) ? undefined : children.get(name)
    if (!child) report(reading, `${path}.${name}`, `${key} has no element ${name}.`)
    else members.push(...memberJson(reading, child, group, path))
  }
  return `{${members.join(',')}}`
}

function memberJson(reading: Reading, child: Child, group: XmlElement[], path: string): string[] {
  const { name, isList, isPrimitive } = child
  const step = child.element === name ? name : `${child.element}.ofType(${child.type})`
  if (!isList && group.length > 1)
    report(reading, `${path}.${name}`, `${name} stands ${group.length} times; it can be there once.`)
  const pathOf = (i: number) => `${path}.${step}${isList ? `[${i}]` : ''}`
  const key = JSON.stringify(name)
  if (!isPrimitive) {
    const values = group.map((element, i) => complexJson(reading, child, element, pathOf(i)))
    return [`${key}:${isList ? `[${values.join(',')}]` : values[0]}`]
  }
  const values = group.map((element) => primitiveJson(child, element))
  const besides = group.map((element, i) => besideJson(reading, child, element, pathOf(i)))
  const members: string[] = []
  if (values.some(isSaid)) members.push(`${key}:${isList ? listJson(values) : values[0]}`)
  if (besides.some(isSaid)) members.push(`"_${name}":${isList ? listJson(besides) : besides[0]}`)
  // An element that says nothing is none in JSON, and must not go unnoticed.
  if (members.length === 0) report(reading, pathOf(0), `${name} has neither a value nor an extension.`)
  return members
}

const isSaid = (text: string | undefined): text is string => text !== undefined
const listJson = (texts: (string | undefined)[]): string => `[${texts.map((text) => text ?? 'null').join(',')}]`

function complexJson(reading: Reading, { type, below, name }: Child, element: XmlElement, path: string): string {
  if (below === undefined) {
    const [resource, ...more] = element.children
    if (!resource || more.length > 0) throw refuse('structure', `${name} holds one resource.`, path)
    noAttributes(reading, element, path, [])
    return resourceJson(reading, resource, `${path}.ofType(${resource.name})`)
  }
  const taken = type === 'Extension' ? ['id', 'url'] : ['id']
  noAttributes(reading, element, path, taken)
  const members = taken.flatMap((attribute) => {
    const value = element.attributes.get(attribute)
    return value === undefined ? [] : [`"${attribute}":${JSON.stringify(value)}`]
  })
  return objectJson(reading, element, { key: below, path, members, inAttributes: taken })
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const NUMERIC_TYPES = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt'])

/** As JSON writes it; what is no number or boolean stays text, which validation then refuses. */
function primitiveJson({ type }: Child, { attributes, xhtml }: XmlElement): string | undefined {
  const value = xhtml ?? attributes.get('value')
  if (value === undefined) return undefined
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value
  if (NUMERIC_TYPES.has(type) && NUMBER.test(value)) return value
  return JSON.stringify(value)
}

function besideJson(reading: Reading, { type }: Child, element: XmlElement, path: string): string | undefined {
  if (type === 'xhtml') return undefined
  noAttributes(reading, element, path, ['id', 'value'])
  const id = element.attributes.get('id')
  if (id === undefined && element.children.length === 0) return undefined
  const members = id === undefined ? [] : [`"id":${JSON.stringify(id)}`]
  return objectJson(reading, element, { key: 'Element', path, members, inAttributes: ['id'] })
}

function noAttributes(reading: Reading, { attributes, name }: XmlElement, path: string, known: string[]): void {
  for (const attribute of attributes.keys()) {
    if (!known.includes(attribute)) report(reading, path, `${name} has no attribute ${attribute}.`)
  }
}
