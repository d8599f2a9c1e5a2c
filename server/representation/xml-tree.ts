import { SaxesParser } from 'saxes'
import { DEPTH_MAX } from '../core/fhir/json.ts'
import { type Refusal, refuse } from '../core/fhir/outcome.ts'
import { FHIR_NAMESPACE, XHTML_NAMESPACE } from './xml-names.ts'

/** An element of FHIR's namespace. A narrative's `div` is kept as the text that it was sent as. */
export type XmlElement = {
  name: string
  attributes: Map<string, string>
  children: XmlElement[]
  /** Of a `div` in the namespace of XHTML. */
  xhtml?: string
}

/** Each element of FHIR is one level of JSON, and a list another. */
const XML_DEPTH_MAX = DEPTH_MAX

/**
 * XML to a tree. Only the five entities of XML itself and character references are known: a DTD is refused, so there is nothing
 * to expand and nothing to fetch.
 * @throws Refusal `invalid` for what is no well-formed XML, with line and column, and for what FHIR's XML does not have
 * @see https://hl7.org/fhir/R4/xml.html
 */
export function parseXmlTree(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const open: XmlElement[] = []
  let root: XmlElement | undefined
  const refuseHere = (what: string) => at(parser, what)
  let narrative: { start: number; depth: number; isVerbatim: boolean } | undefined

  parser.on('error', (error) => {
    throw refuse(
      'invalid',
      `The body is not XML: ${error.message.replace(/^\d+:\d+: /, '')} at line ${parser.line}, column ${parser.column}.`,
    )
  })
  parser.on('doctype', () => {
    throw refuseHere('A document type declaration is not accepted')
  })
  parser.on('opentagstart', ({ name }) => {
    if (narrative) narrative.depth++
    else if (/(^|:)div$/.test(name))
      narrative = { start: startOfTag(text, parser.position), depth: 0, isVerbatim: true }
  })
  parser.on('opentag', ({ local, uri, prefix, attributes }) => {
    if (narrative && uri === XHTML_NAMESPACE) {
      if (prefix !== '') throw refuseHere('XHTML without a prefix is expected')
      return
    }
    if (narrative) throw refuseHere(`An element of the narrative is not in the namespace ${XHTML_NAMESPACE}`)
    if (uri !== FHIR_NAMESPACE) throw refuseHere(`The element ${local} is not in the namespace ${FHIR_NAMESPACE}`)
    if (open.length >= XML_DEPTH_MAX) throw refuseHere(`The XML is nested deeper than ${XML_DEPTH_MAX} levels`)
    const element: XmlElement = { name: local, attributes: new Map(), children: [] }
    for (const { prefix: space, local: name, value, uri: from } of Object.values(attributes)) {
      // Declarations of namespaces, and hints of a schema: they say nothing of the resource.
      if (space === 'xmlns' || name === 'xmlns' || from === 'http://www.w3.org/2001/XMLSchema-instance') continue
      element.attributes.set(name, value)
    }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('closetag', ({ attributes }) => {
    if (!narrative) {
      open.pop()
      return
    }
    if (narrative.depth-- > 0) return
    const sent = text.slice(narrative.start, parser.position)
    const xhtml = 'xmlns' in attributes ? sent : sent.replace(/^<div/, `<div xmlns="${XHTML_NAMESPACE}"`)
    open.at(-1)?.children.push({ name: 'div', attributes: new Map(), children: [], xhtml })
    narrative = undefined
  })
  const refuseText = (content: string) => {
    if (!narrative && content.trim() !== '')
      throw refuseHere('There is text between the elements; values stand in attributes')
  }
  parser.on('text', refuseText)
  parser.on('cdata', refuseText)
  parser.write(text).close()
  if (!root) throw refuse('invalid', 'The body holds no XML element.')
  return root
}

const startOfTag = (text: string, position: number): number => text.lastIndexOf('<', position - 1)

const at = ({ line, column }: SaxesParser, what: string): Refusal =>
  refuse('invalid', `${what} (line ${line}, column ${column}).`)
