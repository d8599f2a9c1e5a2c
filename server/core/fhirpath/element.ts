import r4 from 'fhirpath/fhir-context/r4'

/** What R4 says about one element: whether it repeats, what lies below it, and the types of a choice. */
export type Element = {
  /** Path under which its children are found: its type's name, or its own path for a backbone element. */
  childrenOf: string
  isRepeating: boolean
  /** `['Quantity', 'String', …]` for `value[x]`; undefined where there is no choice. */
  choice?: string[]
}

type R4 = {
  path2Type: Record<string, string>
  path2Repeating: Record<string, unknown>
  choiceTypePaths: Record<string, string[]>
  pathsDefinedElsewhere: Record<string, string>
}
const { path2Type, path2Repeating, choiceTypePaths, pathsDefinedElsewhere } = r4 as unknown as R4

/**
 * Looks an element up below a type or a backbone element: `findElement('Task', 'reasonCode')`, `findElement('Task.input', 'value')`.
 * The element of a choice may be named with its type: `valueString`. @returns undefined for what R4 does not know
 */
export function findElement(parent: string, name: string): Element | undefined {
  const path = pathsDefinedElsewhere[`${parent}.${name}`] ?? `${parent}.${name}`
  const choice = choiceTypePaths[path]
  const isRepeating = path in path2Repeating
  if (choice) return { childrenOf: path, isRepeating, choice }
  const type = path2Type[path]
  if (type) return { childrenOf: /^(Backbone)?Element$/.test(type) ? path : type, isRepeating }
  if (name === 'extension') return { childrenOf: 'Extension', isRepeating: true }
  const typed = choiceNamed(parent, name)
  return typed ? { childrenOf: typed, isRepeating: false } : undefined
}

/** `Task.input` + `valueString` → `String`, because `Task.input.value` is a choice with that type. */
function choiceNamed(parent: string, name: string): string | undefined {
  for (let end = name.length - 1; end > 0; end--) {
    const types = choiceTypePaths[`${parent}.${name.slice(0, end)}`]
    const found = types?.find((type) => type === name.slice(end))
    if (found) return found
  }
  return undefined
}
