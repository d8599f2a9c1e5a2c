import type { Definitions } from '../definitions/definitions.ts'
import { type Child, childrenOf } from '../definitions/element-tree.ts'

/** Below this an element holds primitives alone, so that types which hold themselves come to an end. */
const DEPTH_MAX = 3

/** Texts that XML has to write in another way, or that a careless reader would change. */
const TEXTS = [
  'æøå ÆØÅ é e\u0301 ß',
  'a & b < c > "d" \'e\' ]]>',
  ' spaces  at both ends ',
  'tab\tline\nreturn\r\nend',
  '&amp; &#10; &lt;b&gt;',
  '\u{1F9E0} 測定 \u00a0\u2028 ﬁ',
]
const DECIMALS = ['1.50', '-0.0', '1E-22', '100.000', '3', '0.10000000000000000001', '1.000000000000000000E+245']
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p class="a">1 &lt; 2 &amp; æ <b>x</b><br/></p></div>'

/** @param turn chooses among a choice's types and among values, so that all come after enough turns */
type Making = { definitions: Definitions; turn: number; count: number }

/** JSON text of a resource in which every element that its type has stands, of each choice one type. */
export function everyElement(definitions: Definitions, type: string, turn: number): string {
  const making: Making = { definitions, turn, count: turn }
  return objectText(making, type, { depth: 0, first: [`"resourceType":"${type}"`] })
}

/** As many turns as it takes until each type of each choice of this type has come. */
export function turnsOf(definitions: Definitions, type: string): number {
  const sizes = Map.groupBy(childrenOf(definitions, type).values(), ({ element }) => element)
  return Math.max(1, ...[...sizes.values()].map((choice) => choice.length))
}

type Place = { depth: number; first?: string[] }

function objectText(making: Making, key: string, { depth, first = [] }: Place): string {
  const choices = Map.groupBy(childrenOf(making.definitions, key).values(), ({ element }) => element)
  const members = [...first]
  for (const [element, types] of choices) {
    const child = types[making.turn % types.length] as Child
    members.push(...memberText(making, key, element, child, depth))
  }
  return `{${members.join(',')}}`
}

function memberText(making: Making, key: string, element: string, child: Child, depth: number): string[] {
  const { name, type, isList, below } = child
  const list = (texts: string[]) => (isList ? `[${texts.join(',')}]` : texts[0])
  if (type === 'xhtml') return [`"${name}":${JSON.stringify(DIV)}`]
  if (element === 'id' || (key === 'Extension' && element === 'url'))
    return [`"${name}":"${element}-${making.count++}"`]
  if (child.isPrimitive) return primitiveText(making, child)
  if (depth >= DEPTH_MAX) return []
  const one = () =>
    below === undefined
      ? `{"resourceType":"Basic","id":"in${making.count++}","code":{"text":${text(making)}}}`
      : objectText(making, below, { depth: depth + 1 })
  const content = [one(), ...(isList ? [one()] : [])].filter((object) => object !== '{}')
  return content.length > 0 ? [`"${name}":${list(content)}`] : []
}

/** A value, its id and its extension; in a list also a value without and an extension without a value. */
function primitiveText(making: Making, { name, type, isList }: Child): string[] {
  const value = () => valueText(making, type)
  const beside = () =>
    `{"id":"p${making.count++}","extension":[{"url":"http://x.example/e","valueString":${text(making)}}]}`
  if (isList) return [`"${name}":[${value()},null,${value()}]`, `"_${name}":[null,${beside()},${beside()}]`]
  // With both, with the value alone, with the extension alone.
  switch (making.count++ % 3) {
    case 0:
      return [`"${name}":${value()}`, `"_${name}":${beside()}`]
    case 1:
      return [`"${name}":${value()}`]
    default:
      return [`"_${name}":${beside()}`]
  }
}

const pick = <T>(making: Making, from: readonly T[]): T => from[making.count++ % from.length] as T
const text = (making: Making): string => JSON.stringify(pick(making, TEXTS))

function valueText(making: Making, type: string): string {
  switch (type) {
    case 'boolean':
      return pick(making, ['true', 'false'])
    case 'decimal':
      return pick(making, DECIMALS)
    case 'integer':
      return pick(making, ['0', '-7', '2147483647'])
    case 'positiveInt':
    case 'unsignedInt':
      return pick(making, ['1', '42'])
    default:
      // Whether a code or a date is a good one is not for the format to say.
      return text(making)
  }
}
