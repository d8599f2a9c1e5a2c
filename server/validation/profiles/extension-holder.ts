import type { Fields, Walk } from '../walk.ts'
import type { BaseElement } from './base-elements.ts'
import type { ProfileRooms } from './profile-rooms.ts'

/** What an extension stands in. */
export type Holder = {
  /** What its context may be called: `Patient.contact.name`, `HumanName`, `Element`. */
  names: Set<string>
  value: unknown
  /** Of the nearest extension around it. */
  extensionUrl: unknown
}

/** Goes the way of the walk once more, from its resource to what holds the extension that the walk stands at. */
export function holderOf(walk: Walk, { base, definitions }: ProfileRooms): Holder {
  const type = String(walk.resource.resourceType)
  const end = walk.path.findLastIndex((segment) => segment === 'extension' || segment === 'modifierExtension')
  let element: BaseElement | undefined = base.root(type)
  let chosen: string | undefined
  let value: unknown = walk.resource
  let beside: unknown
  let path = type
  let extensionUrl: unknown
  for (const segment of walk.path.slice(walk.resourceStart, end)) {
    if (typeof segment === 'number') {
      value = Array.isArray(value) ? value[segment] : value
      beside = Array.isArray(beside) ? beside[segment] : beside
      extensionUrl = (value as Fields | undefined)?.url ?? extensionUrl
      continue
    }
    const [, stem, choice] = /^(\w+)\.ofType\((\w+)\)$/.exec(segment) ?? []
    const fields = (value ?? {}) as Fields
    const name = stem && choice ? `${stem}${choice.charAt(0).toUpperCase()}${choice.slice(1)}` : segment
    element = element && base.child(element, stem ? `${stem}[x]` : segment, chosen)
    chosen = choice
    path = `${path}.${stem ? `${stem}[x]` : segment}`
    beside = fields[`_${name}`]
    value = fields[name]
  }
  const held = element?.element
  const types = chosen
    ? [chosen]
    : held?.path.includes('.')
      ? (held.type?.flatMap(({ code }) => code ?? []) ?? [])
      : [type]
  const lineage = types.flatMap((one) => lineageOf(one, definitions))
  // An item of an item of a questionnaire is one too.
  const referred = held?.contentReference?.split('#')[1] ?? path
  const names = [path, path.replace(/\[x\]$/, ''), held?.path ?? path, referred, ...lineage]
  return { names: new Set(names), value, extensionUrl }
}

function lineageOf(type: string, definitions: ProfileRooms['definitions']): string[] {
  const parent = definitions.structure(type)?.baseDefinition
  return parent ? [type, ...lineageOf(parent.slice(parent.lastIndexOf('/') + 1), definitions)] : [type]
}
