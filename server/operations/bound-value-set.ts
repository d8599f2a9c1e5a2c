import type { StructureDefinition } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import { cutProfile, type Profile } from '../definitions/cut-profile.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { DefinitionReader } from './definition-reader.ts'

/** A profile of a profile of a profile; more than this is a circle. */
const DEPTH_MAX = 20

/**
 * The value set that an element is bound to, by `context` of $expand: `[StructureDefinition URL]#[path or name of the element]`.
 * What the profile does not say itself, what it is made from says; and of an element within a datatype, that type.
 * @returns its canonical
 * @throws Refusal value, not-found
 * @see https://hl7.org/fhir/R4/valueset-operation-expand.html
 */
export async function boundValueSet(exchange: Exchange, rooms: Rooms, context: string): Promise<string> {
  const [url = '', path = '', ...more] = context.split('#')
  if (url === '' || path === '' || more.length > 0) {
    throw refuse('value', `context must be [StructureDefinition URL]#[path], not ${context}.`, 'context')
  }
  const asked = { rooms, reader: new DefinitionReader(exchange, rooms) }
  const structure = await structureAt(asked, url)
  if (!structure) throw refuse('not-found', `There is no StructureDefinition ${url} here.`, 'context')
  const found = await bindingOf(asked, structure, path, DEPTH_MAX)
  if (found === undefined) throw refuse('not-found', `${url} binds no element ${path} to a value set.`, 'context')
  return found
}

type Asked = { rooms: Rooms; reader: DefinitionReader }

async function bindingOf(
  asked: Asked,
  structure: Profile,
  path: string,
  depthMax: number,
): Promise<string | undefined> {
  const elements = [...structure.differential, ...structure.snapshot]
  const bound = elements.find((one) => one.binding?.valueSet && [one.path, one.id, one.sliceName].includes(path))
  if (bound) return bound.binding?.valueSet
  if (depthMax === 0) return undefined
  const next = async (url: string | undefined, nextPath: string) => {
    const other = url === undefined ? undefined : await structureAt(asked, url)
    return other && bindingOf(asked, other, nextPath, depthMax - 1)
  }
  const inBase = structure.derivation === 'constraint' ? await next(structure.baseDefinition, path) : undefined
  if (inBase !== undefined) return inBase
  // Patient.name.use is HumanName.use, and that is what HumanName says.
  const whole = path.slice(0, path.lastIndexOf('.'))
  const [type, ...others] = elements.find((one) => one.path === whole)?.type ?? []
  if (!type?.code || others.length > 0 || !whole.includes('.')) return undefined
  return next(type.code, `${type.code}${path.slice(whole.length)}`)
}

async function structureAt({ rooms, reader }: Asked, url: string): Promise<Profile | undefined> {
  const own = rooms.definitions.structure(url)
  if (own) return cutProfile(own)
  const stored = await reader.findDefinition(url, ['StructureDefinition'], true)
  return stored ? cutProfile(stored as unknown as StructureDefinition) : rooms.definitions.profile(url)
}
