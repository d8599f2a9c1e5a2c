import { SaxesParser } from 'saxes'
import { LANGUAGES, type Language } from '../core/decide/words/language.ts'

/** What a page is made of. */
export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'item'; text: string }
  | { kind: 'table'; header: string[]; rows: string[][] }

type Element = { name: string; language: string | undefined; children: (Element | string)[] }

/**
 * The XHTML of a narrative as blocks of plain text. Of a narrative that says the same in several languages only the wanted one is taken;
 * of one that does not speak it, all.
 * @param div as it is stored: well-formed, with formatting elements only; or nothing
 * @see https://hl7.org/fhir/R4/narrative.html
 */
export function narrativeBlocks(div: string, language: Language): Block[] {
  // A section may have entries or sections of its own alone.
  if (div.trim() === '') return []
  const root = parse(div)
  const speaks = languagesIn(root).has(language)
  return blocksOf(speaks ? onlyIn(root, language) : root)
}

function parse(div: string): Element {
  const root: Element = { name: 'div', language: undefined, children: [] }
  const open = [root]
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, language: attributes.lang ?? attributes['xml:lang'], children: [] }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', (text) => void open.at(-1)?.children.push(text))
  parser.write(div).close()
  return root
}

const languagesIn = (element: Element): Set<string> =>
  new Set([
    ...(element.language ? [element.language] : []),
    ...element.children.flatMap((child) => (typeof child === 'string' ? [] : [...languagesIn(child)])),
  ])

const OURS: ReadonlySet<string> = new Set(LANGUAGES)

function onlyIn(element: Element, language: Language): Element {
  const children = element.children.flatMap((child): (Element | string)[] => {
    if (typeof child === 'string') return [child]
    const isOther = child.language !== undefined && OURS.has(child.language) && child.language !== language
    return isOther ? [] : [onlyIn(child, language)]
  })
  return { ...element, children }
}

const HEADING = /^h[1-6]$/
const LIST = new Set(['ul', 'ol', 'dl'])
const ITEM = new Set(['li', 'dt', 'dd'])
/** What begins a line of its own. Everything else is part of the line that it stands in. */
const ON_ITS_OWN = new Set(['p', 'div', 'pre', 'blockquote', 'table', 'hr', 'br', ...LIST, ...ITEM])
const isBlock = (child: Element | string): child is Element =>
  typeof child !== 'string' && (ON_ITS_OWN.has(child.name) || HEADING.test(child.name))

function blocksOf(element: Element): Block[] {
  const blocks: Block[] = []
  let line = ''
  const endLine = () => {
    const text = tidy(line)
    line = ''
    if (text !== '') blocks.push({ kind: ITEM.has(element.name) ? 'item' : 'paragraph', text })
  }
  for (const child of element.children) {
    if (!isBlock(child)) {
      line += typeof child === 'string' ? child : textOf(child)
      continue
    }
    endLine()
    if (HEADING.test(child.name)) blocks.push({ kind: 'heading', text: tidy(textOf(child)) })
    else if (child.name === 'table') blocks.push(tableOf(child))
    else blocks.push(...blocksOf(child))
  }
  endLine()
  return blocks
}

function tableOf(table: Element): Block {
  const rows = elementsIn(table, 'tr').map((row) => ({
    isHeader: row.children.every((cell) => typeof cell === 'string' || cell.name === 'th'),
    cells: row.children.flatMap((cell) => (typeof cell === 'string' ? [] : [tidy(textOf(cell))])),
  }))
  const header = rows[0]?.isHeader ? rows[0].cells : []
  return { kind: 'table', header, rows: rows.slice(header.length > 0 ? 1 : 0).map(({ cells }) => cells) }
}

const elementsIn = (element: Element, name: string): Element[] =>
  element.children.flatMap((child) =>
    typeof child === 'string' ? [] : child.name === name ? [child] : elementsIn(child, name),
  )

const textOf = (element: Element): string =>
  element.name === 'br'
    ? ' '
    : element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('')
const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim()
