import { compileBinding } from '../binding.ts'
import { compileInvariant } from '../invariants.ts'
import { compileSlicing } from './compile-slicing.ts'
import { namesOf } from './item-names.ts'
import type { ItemCheck, NodeRule } from './node-rule.ts'
import type { ProfileRooms } from './profile-rooms.ts'
import type { ElementNode } from './profile-tree.ts'
import { typeChecks } from './type-checks.ts'
import { valueChecks } from './value-checks.ts'

export type Compilation = {
  /** Canonical, for messages. */
  profile: string
  rooms: ProfileRooms
  /** Takes up what of the profile cannot be checked. */
  problems: string[]
}

/** The rule of a node and of all below it, without what R4 asks by itself. */
export function compileNode(node: ElementNode, compilation: Compilation): NodeRule {
  const { definition, base, name } = node
  const isSlice = definition.sliceName !== undefined
  const [baseMin, baseMax] = isSlice ? [0, '*'] : [base?.element.min ?? 0, base?.element.max ?? '*']
  const max = definition.max === undefined || definition.max === baseMax ? '*' : definition.max
  const min = definition.min !== undefined && definition.min > baseMin ? definition.min : 0
  const slicing = compileSlicing(node, compilation, compileNode)
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
    ...valueChecks(definition, compilation.profile),
    ...bindingChecks(node, compilation),
    ...invariantChecks(node, compilation),
  ]
}

function bindingChecks(node: ElementNode, { rooms }: Compilation): ItemCheck[] {
  const { binding } = node.definition
  if (!binding?.valueSet || (binding.strength !== 'required' && binding.strength !== 'extensible')) return []
  const known = node.base?.element.binding
  // Asked of every resource already, by R4 itself.
  if (known?.valueSet === binding.valueSet && known.strength === binding.strength) return []
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
      const check = compileInvariant(constraint, path, 'profile')
      return check ? [({ value }, walk) => value !== undefined && check(value, walk)] : []
    }
    const checks = new Map<string, ReturnType<typeof compileInvariant>>()
    return [
      ({ value, type }, walk) => {
        if (!checks.has(type)) checks.set(type, compileInvariant(constraint, type, 'profile'))
        if (value !== undefined) checks.get(type)?.(value, walk)
      },
    ]
  })
}
