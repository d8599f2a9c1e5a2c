import { checkReferenceTarget, resolveReference } from '../reference.ts'
import { fieldsOf, type Item } from './item.ts'
import type { ItemCheck } from './node-rule.ts'
import { baseTypeOf, isOfType, type ProfileRooms } from './profile-rooms.ts'
import type { ElementNode } from './profile-tree.ts'

/** The types that the profile leaves, with the profiles that their values must conform to. */
export function typeChecks(
  { definition, base, isUnfolded }: ElementNode,
  { profile, rooms }: { profile: string; rooms: ProfileRooms },
): ItemCheck[] {
  const { type: types } = definition
  if (!types?.length) return []
  const codes = types.flatMap(({ code }) => (code === undefined || code.includes('/fhirpath/') ? [] : [code]))
  const checks: ItemCheck[] = []
  const baseCodes = base?.element.type?.map(({ code }) => code ?? '') ?? []
  // Where R4 has one datatype only, no other can come.
  const isNarrowed = codes.length > 0 && baseCodes.length > 0 && !(baseCodes.length === 1 && baseCodes[0] === codes[0])
  if (isNarrowed && !base?.element.contentReference)
    checks.push(({ type }, walk) => {
      if (type !== '' && !codes.some((code) => isOfType(type, code, rooms) || isOfType(code, type, rooms)))
        walk.report('structure', `Must be of type ${codes.join(' or ')}, not ${type} (${profile}).`)
    })
  for (const type of types) {
    // Extensions are checked by their own definition wherever they are, see `check-extension.ts`.
    if (type.profile?.length && type.code !== 'Extension' && !isUnfolded)
      checks.push(profileCheck(type.code ?? '', type.profile, rooms))
    if (type.targetProfile?.length && type.code === 'Reference') checks.push(targetCheck(type.targetProfile, rooms))
  }
  return checks
}

function profileCheck(code: string, profiles: string[], rooms: ProfileRooms): ItemCheck {
  const [only] = profiles
  return (item, walk) => {
    if (item.type !== '' && !isOfType(item.type, code, rooms)) return
    if (profiles.length === 1 && only !== undefined) {
      if (!rooms.check(only, item, walk))
        walk.report('not-found', `The profile ${only} is not known here, and was not checked.`, undefined, 'warning')
      return
    }
    const results = profiles.map((one) => rooms.conforms(one, item, walk))
    if (!results.includes(true) && !results.includes(undefined))
      walk.report('structure', `Must conform to one of the profiles ${profiles.join(', ')}.`)
  }
}

/** Where a reference may lead: its type, as far as one can see it, and the profile of what is in the same resource or Bundle. */
function targetCheck(targetProfiles: string[], rooms: ProfileRooms): ItemCheck {
  const types = targetProfiles.map((url) => baseTypeOf(url, rooms) ?? rooms.findProfile(url)?.type)
  const isAny = types.includes(undefined) || types.includes('Resource')
  const targets = { targetTypes: new Set(types as string[]), resourceTypes: rooms.definitions.resourceTypes }
  return (item, walk) => {
    const fields = fieldsOf(item)
    if (!fields) return
    const errorsBefore = walk.errorCount
    if (!isAny) checkReferenceTarget(fields, walk, targets)
    if (walk.errorCount > errorsBefore) return
    const target = resolveReference(fields.reference, walk)
    if (!target) return
    const found: Item = { value: target, type: String(target.resourceType), segments: [] }
    const results = targetProfiles.map((url) => rooms.conforms(url, found, walk))
    if (!results.includes(true) && !results.includes(undefined))
      walk.report('structure', `What is referred to conforms to none of ${targetProfiles.join(', ')}.`)
  }
}
