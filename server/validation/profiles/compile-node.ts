import type { ProfileElement } from '../../definitions/cut-profile.ts'
import { compileBinding } from '../binding.ts'
import { compileInvariant } from '../invariants.ts'
import { checkReferenceTarget, resolveReference } from '../reference.ts'
import type { Fields } from '../walk.ts'
import { compileMatch } from './compile-match.ts'
import { compileDiscriminator } from './discriminator.ts'
import { fieldsOf, type Item } from './item.ts'
import { namesOf } from './item-names.ts'
import { compareToLimit } from './limits.ts'
import type { ItemCheck, NodeRule } from './node-rule.ts'
import { equalsFixed, matchesPattern } from './pattern.ts'
import { baseTypeOf, isOfType, type ProfileRooms } from './profile-rooms.ts'
import type { ElementNode } from './profile-tree.ts'
import type { Matches, Slice, SlicingRule } from './slicing.ts'

/** What a node of the tree asks, as plain functions. @param problems takes up what of the profile cannot be checked */
export type Compilation = { profile: string; rooms: ProfileRooms; problems: string[] }

export function compileNode(node: ElementNode, compilation: Compilation): NodeRule {
  const { definition, base, name } = node
  const isSlice = definition.sliceName !== undefined
  const [baseMin, baseMax] = isSlice ? [0, '*'] : [base?.element.min ?? 0, base?.element.max ?? '*']
  const max = definition.max === undefined || definition.max === baseMax ? '*' : definition.max
  const min = definition.min !== undefined && definition.min > baseMin ? definition.min : 0
  const slicing = compileSlicing(node, compilation)
  return {
    name: name.replace('[x]', ''),
    label: node.label,
    profile: compilation.profile,
    names: namesOf(node),
    min,
    max: max === '*' ? Number.POSITIVE_INFINITY : Number(max),
    checks: checksOf(node, compilation),
    children: [...node.children.values()]
      // What R4 does not have cannot be there, and must not be asked for.
      .filter((child) => child.base !== undefined)
      .map((child) => compileNode(child, compilation))
      .filter(asksAnything),
    ...(slicing && { slicing }),
  }
}

const asksAnything = ({ min, max, checks, children, slicing }: NodeRule) =>
  min > 0 || max < Number.POSITIVE_INFINITY || checks.length > 0 || children.length > 0 || slicing !== undefined

function checksOf(node: ElementNode, compilation: Compilation): ItemCheck[] {
  const { definition } = node
  return [
    ...typeChecks(node, compilation),
    ...valueChecks(definition, compilation),
    ...bindingChecks(node, compilation),
    ...invariantChecks(node, compilation),
  ]
}

/** The types that the profile leaves, with the profiles that their values must conform to. */
function typeChecks({ definition, base, isUnfolded }: ElementNode, { profile, rooms }: Compilation): ItemCheck[] {
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

function valueChecks(definition: ProfileElement, { profile }: Compilation): ItemCheck[] {
  const { fixed, pattern, maxLength, minValue, maxValue, mustHaveValue, valueAlternatives } = definition
  const checks: ItemCheck[] = []
  if (fixed !== undefined)
    checks.push(({ value }, walk) => {
      if (!equalsFixed(value, fixed)) walk.report('value', `Must be exactly ${shown(fixed)} (${profile}).`)
    })
  if (pattern !== undefined)
    checks.push(({ value }, walk) => {
      if (!matchesPattern(value, pattern)) walk.report('value', `Must hold ${shown(pattern)} (${profile}).`)
    })
  if (maxLength !== undefined)
    checks.push(({ value }, walk) => {
      if (typeof value === 'string' && [...value].length > maxLength)
        walk.report('value', `Must not be longer than ${maxLength} characters (${profile}).`)
    })
  if (mustHaveValue || valueAlternatives)
    checks.push(({ value, beside }, walk) => {
      const extensions = (Array.isArray(beside?.extension) ? beside.extension : []) as Fields[]
      if (value === undefined && !extensions.some(({ url }) => valueAlternatives?.includes(String(url))))
        walk.report(
          'required',
          `Must have a value${valueAlternatives ? ` or ${valueAlternatives.join(', ')}` : ''} (${profile}).`,
        )
    })
  if (minValue !== undefined) checks.push(limitCheck(minValue, -1, 'below', profile))
  if (maxValue !== undefined) checks.push(limitCheck(maxValue, 1, 'above', profile))
  return checks
}

function limitCheck(limit: unknown, refused: -1 | 1, word: string, profile: string): ItemCheck {
  return ({ value }, walk) => {
    if (value === undefined) return
    const order = compareToLimit(value, limit)
    if (order === refused) walk.report('value', `Must not be ${word} ${shown(limit)} (${profile}).`)
    if (order === undefined)
      walk.report('processing', `Cannot be compared with ${shown(limit)} (${profile}).`, undefined, 'warning')
  }
}

const shown = (value: unknown) => JSON.stringify(value).slice(0, 200)

function bindingChecks(node: ElementNode, { rooms }: Compilation): ItemCheck[] {
  const { binding } = node.definition
  if (!binding?.valueSet || (binding.strength !== 'required' && binding.strength !== 'extensible')) return []
  const known = node.base?.element.binding
  if (known?.valueSet === binding.valueSet && known.strength === binding.strength && binding.strength === 'required')
    return []
  const codes = rooms.codes(binding.valueSet)
  if (!codes) return []
  const severity = binding.strength === 'required' ? 'error' : 'warning'
  const { valueSet } = binding
  const checks = new Map<string, ReturnType<typeof compileBinding>>()
  return [
    ({ value, type }, walk) => {
      const code = type === '' ? 'CodeableConcept' : type
      if (!checks.has(code)) checks.set(code, compileBinding(code, valueSet, codes, severity))
      checks.get(code)?.(value, walk)
    },
  ]
}

function invariantChecks({ definition, base }: ElementNode, { rooms }: Compilation): ItemCheck[] {
  return (definition.constraint ?? []).flatMap((constraint): ItemCheck[] => {
    if (rooms.isOfR4(constraint.key ?? '', constraint.expression ?? '')) return []
    const path = base?.element.path ?? ''
    if (!path.endsWith('[x]')) {
      const check = compileInvariant(constraint, path)
      return check ? [({ value }, walk) => value !== undefined && check(value, walk)] : []
    }
    const checks = new Map<string, ReturnType<typeof compileInvariant>>()
    return [
      ({ value, type }, walk) => {
        if (!checks.has(type)) checks.set(type, compileInvariant(constraint, type))
        if (value !== undefined) checks.get(type)?.(value, walk)
      },
    ]
  })
}

type Discriminators = NonNullable<NonNullable<ProfileElement['slicing']>['discriminator']>

function compileSlicing(node: ElementNode, compilation: Compilation): SlicingRule | undefined {
  const { slicing } = node.definition
  const isClosed = slicing?.rules === 'closed'
  if (node.slices.size === 0 && !isClosed) return undefined
  const discriminators = slicing?.discriminator ?? impliedDiscriminators(node)
  return {
    rules: slicing?.rules ?? 'open',
    ordered: slicing?.ordered === true,
    slices: [...node.slices].map(([name, slice]): Slice => {
      return { name, rule: compileNode(slice, compilation), matches: compileSlice(slice, discriminators, compilation) }
    }),
  }
}

/** Profiles leave these out: a choice is sliced by its type, extensions by their url. */
function impliedDiscriminators({ name }: ElementNode): Discriminators {
  if (name.endsWith('[x]')) return [{ type: 'type', path: '$this' }]
  return name === 'extension' || name === 'modifierExtension' ? [{ type: 'value', path: 'url' }] : []
}

function compileSlice(slice: ElementNode, discriminators: Discriminators, { rooms, problems }: Compilation): Matches {
  const url = extensionUrl(slice)
  if (url !== undefined) return (item) => fieldsOf(item)?.url === url
  const matches = discriminators.map((discriminator) => compileDiscriminator(discriminator, slice, rooms))
  const unclear = discriminators.filter((_, i) => matches[i] === undefined).map(({ path }) => path)
  const known = matches.filter((one) => one !== undefined)
  if (unclear.length > 0)
    problems.push(`the slice ${slice.label} cannot be told by ${unclear.join(', ')}, about which it says nothing`)
  const all = known.length > 0 || discriminators.length > 0 ? known : [compileMatch(slice, rooms) ?? (() => true)]
  return all.length === 0 ? () => false : (item, walk) => all.every((one) => one(item, walk))
}

/** The url of an extension that is sliced by its definition, which need not be known for that. */
function extensionUrl({ definition, name }: ElementNode): string | undefined {
  if (name !== 'extension' && name !== 'modifierExtension') return undefined
  return definition.type?.flatMap(({ profile }) => profile ?? [])[0]?.split('|', 1)[0]
}
