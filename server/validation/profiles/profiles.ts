import type { Profile } from '../../definitions/cut-profile.ts'
import type { Definitions } from '../../definitions/definitions.ts'
import { type Fields, quote, type Walk } from '../walk.ts'
import { createBaseElements } from './base-elements.ts'
import { checkDefinition } from './check-definition.ts'
import { checkExtension } from './check-extension.ts'
import { compileNode } from './compile-node.ts'
import { fieldsOf, type Item } from './item.ts'
import { checkItem, type NodeRule } from './node-rule.ts'
import { baseTypeOf, isOfType, type ProfileRooms } from './profile-rooms.ts'
import { nodeWithId, onlyType, type ProfileTree, toProfileTree } from './profile-tree.ts'

/** Where profiles, extensions and value sets come from: R4's own and what is stored. */
export type ProfileSource = {
  /** @param canonical with or without a version */
  profile(canonical: string): Profile | undefined
  /** All `system|code` of a value set; undefined when it cannot be listed here. */
  codes(valueSet: string): ReadonlySet<string> | undefined
  /** Another number whenever something of the above has changed. */
  readonly generation: number
}

export type Profiles = {
  /** Checks a resource by the profiles that it says it conforms to. https://hl7.org/fhir/R4/resource.html#Meta.profile */
  checkClaimed(resource: Fields, walk: Walk): void
  /** Checks a resource by a profile that the caller asks for; one that is not known is an error. */
  checkAsked(canonical: string, resource: Fields, walk: Walk): void
  /** Checks a profile as such: whether it speaks of what R4 has. */
  checkDefinition(structure: Fields, walk: Walk): void
  /** Checks an extension by its definition. https://hl7.org/fhir/R4/extensibility.html */
  checkExtension(extension: Fields, walk: Walk): void
}

type CompiledProfile = { url: string; type: string; rule: NodeRule; problems: string[] }

/** Profiles are compiled when they are first met, and kept until something stored changes them. */
export function createProfiles(definitions: Definitions, source: ProfileSource): Profiles {
  const compiled = new Map<string, CompiledProfile>()
  const trees = new Map<string, ProfileTree>()
  let generation = source.generation

  function forgetWhatChanged(): void {
    if (generation === source.generation) return
    generation = source.generation
    compiled.clear()
    trees.clear()
  }

  function findTree(canonical: string): ProfileTree | undefined {
    const known = trees.get(canonical)
    if (known) return known
    const [url = '', elementId] = canonical.split('#')
    const profile = source.profile(url)
    if (!profile) return undefined
    const whole = toProfileTree(profile, source.profile, rooms.base)
    const root = elementId === undefined ? whole.root : nodeWithId(whole, elementId)
    if (!root) return undefined
    const tree = elementId === undefined ? whole : { ...whole, root, type: onlyType(root) ?? 'Element' }
    trees.set(canonical, tree)
    return tree
  }

  function find(canonical: string): CompiledProfile | undefined {
    const known = compiled.get(canonical)
    if (known) return known
    const tree = findTree(canonical)
    if (!tree) return undefined
    const problems = [...tree.problems]
    const rule = compileNode(tree.root, { profile: tree.url, rooms, problems })
    const found = { url: canonical, type: tree.type, rule, problems }
    compiled.set(canonical, found)
    return found
  }

  /** Checks an item, once in a walk for each profile, which also ends the circle of two that refer to each other. */
  function checkBy({ url, type, rule, problems }: CompiledProfile, item: Item, walk: Walk): void {
    if (item.type !== '' && !isOfType(item.type, type, rooms) && !isOfType(type, item.type, rooms)) {
      walk.report('structure', `The profile ${url} is for ${type}, not for ${item.type}.`)
      return
    }
    walk.checkOnce(fieldsOf(item) ?? item, url, () => {
      for (const problem of problems)
        walk.report('processing', `Not all of the profile ${url} could be checked: ${problem}.`, undefined, 'warning')
      checkItem(rule, item, walk)
    })
  }

  const rooms: ProfileRooms = {
    definitions,
    base: createBaseElements(definitions),
    findProfile: source.profile,
    findTree,
    codes: source.codes,
    isOfR4: createIsOfR4(definitions),
    check(canonical, item, walk) {
      const type = baseTypeOf(canonical, rooms)
      if (type !== undefined) {
        if (item.type !== '' && !isOfType(item.type, type, rooms))
          walk.report('structure', `Must be of type ${type}, not ${item.type}.`)
        return true
      }
      const found = find(canonical)
      if (found) checkBy(found, item, walk)
      return found !== undefined
    },
    conforms(canonical, item, walk) {
      if (baseTypeOf(canonical, rooms) === undefined && !find(canonical)) return undefined
      return walk.conforms(fieldsOf(item) ?? item, canonical, () => {
        const silent = walk.silent()
        rooms.check(canonical, item, silent)
        return silent.errorCount === 0
      })
    },
  }

  const itemOf = (resource: Fields): Item => ({ value: resource, type: String(resource.resourceType), segments: [] })

  return {
    checkClaimed(resource, walk) {
      const { profile } = (resource.meta ?? {}) as Fields
      if (!Array.isArray(profile)) return
      forgetWhatChanged()
      profile.forEach((canonical, i) => {
        if (typeof canonical !== 'string' || rooms.check(canonical, itemOf(resource), walk)) return
        walk.path.push('meta', 'profile', i)
        const problem = `The profile ${quote(canonical)} is not known here, and was not checked.`
        walk.report('not-found', problem, undefined, 'warning')
        walk.path.length -= 3
      })
    },
    checkAsked(canonical, resource, walk) {
      forgetWhatChanged()
      if (!rooms.check(canonical, itemOf(resource), walk))
        walk.report('not-found', `The profile ${quote(canonical)} is not known here.`)
    },
    checkDefinition(structure, walk) {
      forgetWhatChanged()
      checkDefinition(structure, walk, rooms)
    },
    checkExtension(extension, walk) {
      forgetWhatChanged()
      checkExtension(extension, walk, rooms)
    },
  }
}

/** Snapshots repeat the invariants of R4, which are checked already wherever they apply. */
function createIsOfR4(definitions: Definitions): (key: string, expression: string) => boolean {
  let known: Set<string> | undefined
  return (key, expression) => {
    known ??= new Set(
      definitions
        .structures()
        .filter(({ derivation }) => derivation !== 'constraint')
        .flatMap(({ snapshot }) => snapshot?.element.flatMap(({ constraint }) => constraint ?? []) ?? [])
        .map((constraint) => `${constraint.key} ${constraint.expression}`),
    )
    return known.has(`${key} ${expression}`)
  }
}
