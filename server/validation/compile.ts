import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes'
import type { Definitions } from '../definitions/definitions.ts'
import { compileBinding } from './binding.ts'
import { checkBundle } from './bundle-rules.ts'
import { compileInvariant } from './invariants.ts'
import { narrativeAdvice, narrativeProblem } from './narrative.ts'
import { type Check, checkObject, type ObjectRule, type Property } from './object-rule.ts'
import { PRIMITIVES, type PrimitiveRule } from './primitives.ts'
import { PROSE_RULES } from './prose-rules.ts'
import { checkReferenceForm, checkReferenceTarget } from './reference.ts'
import { describe, type Fields, quote, type Walk } from './walk.ts'

/** The rules of all types, each compiled when it is first met and kept: some milliseconds for a type with all that it is made of. */
export type Rules = {
  /** The rule of a structure by canonical or bare name; undefined when it is unknown or abstract. */
  find(url: string): ObjectRule | undefined
  checkObject(rule: ObjectRule, value: unknown, walk: Walk): void
  /** Any resource, by its own resourceType. */
  checkResource(value: unknown, walk: Walk): void
}

/** What is looked at beside R4's own rules: the profiles of each resource, the definition of each extension, the number in each Identifier. */
export type Beside = {
  identifier(identifier: Fields, walk: Walk): void
  resource(resource: Fields, walk: Walk): void
  extension(extension: Fields, walk: Walk): void
  knowsExtension(url: string): boolean
}

type ElementType = NonNullable<ElementDefinition['type']>[number]

/** One structure while it is compiled: its elements by the path of their parent, and the rules made so far, for `contentReference`. */
type Compilation = {
  structure: StructureDefinition
  children: Map<string, ElementDefinition[]>
  rules: Map<string, ObjectRule>
}

const NARRATIVE: PrimitiveRule = { json: 'string', problem: narrativeProblem, advice: narrativeAdvice }

/** Attributes in XML, not elements: they have no extension and so no `_name` beside them. */
const isAttribute = (element: ElementDefinition) => element.path.endsWith('.id') || element.path === 'Extension.url'

export function createRules(definitions: Definitions, beside?: Beside): Rules {
  const compiled = new Map<string, ObjectRule | undefined>()

  function find(url: string): ObjectRule | undefined {
    if (compiled.has(url)) return compiled.get(url)
    const structure = definitions.structure(url)
    const rule = structure && compileStructure(structure)
    // Only what the definitions know is kept, so that senders cannot fill the memory with names.
    if (rule) compiled.set(url, rule)
    return rule
  }

  const walkInto = (rule: ObjectRule, value: unknown, walk: Walk) => checkObject(rule, value, walk, siblingRule)

  function compileStructure(structure: StructureDefinition): ObjectRule {
    const [root, ...elements] = structure.snapshot?.element ?? []
    if (!root) throw new Error(`${structure.url} has no snapshot.`)
    const children = Map.groupBy(elements, ({ path }) => path.slice(0, path.lastIndexOf('.')))
    return compileObject(root, { structure, children, rules: new Map() })
  }

  /** The rule of an element that has its own elements below it: the root of a structure, or a backbone element. */
  function compileObject(parent: ElementDefinition, compilation: Compilation): ObjectRule {
    const known = compilation.rules.get(parent.path)
    if (known) return known
    const properties = new Map<string, Property>()
    const isResource = parent.path === compilation.structure.type && compilation.structure.kind === 'resource'
    const rule = {
      label: parent.path,
      isResource,
      isBesideValue: false,
      properties,
      required: [],
      invariants: [],
    } as ObjectRule
    compilation.rules.set(parent.path, rule) // before its children: they may refer back to it
    if (isResource) properties.set('resourceType', ignored('resourceType'))

    for (const element of compilation.children.get(parent.path) ?? []) {
      const alternatives = propertiesOf(element, compilation)
      for (const property of alternatives) {
        properties.set(property.name, property)
        if (property.siblingName) properties.set(property.siblingName, { ...property, siblingOf: property })
      }
      const names = alternatives.flatMap(({ name, siblingName }) => (siblingName ? [name, siblingName] : [name]))
      if (element.min) rule.required.push({ element: lastName(element), names })
    }
    if (compilation.structure.type === 'Reference')
      rule.invariants.push((value, walk) => checkReferenceForm(value as Fields, walk, definitions.resourceTypes))
    if (parent.path === 'Identifier' && beside)
      rule.invariants.push((value, walk) => beside.identifier(value as Fields, walk))
    if (parent.path === 'Bundle')
      rule.invariants.push((value, walk) => checkBundle(value as Fields, walk, definitions.resourceTypes))
    const prose = PROSE_RULES[parent.path]
    if (prose) rule.invariants.push(prose)
    for (const constraint of parent.constraint ?? []) {
      const check = compileInvariant(constraint, parent.path, 'r4')
      if (check) rule.invariants.push(check)
    }
    return rule
  }

  /** The JSON properties of an element: one, or one for each type of a choice. */
  function propertiesOf(element: ElementDefinition, compilation: Compilation): Property[] {
    const name = lastName(element)
    if (element.contentReference)
      return [{ ...frame(name, element), check: referredCheck(element.contentReference, compilation) }]
    if (compilation.children.has(element.path))
      return [
        { ...frame(name, element), check: (value, walk) => walkInto(compileObject(element, compilation), value, walk) },
      ]
    const types = element.type ?? []
    if (!name.endsWith('[x]'))
      return types.slice(0, 1).map((type) => typed(frame(name, element), element, type, compilation))
    const stem = name.slice(0, -3)
    return types.map((type) => {
      const code = type.code ?? ''
      const choice = frame(`${stem}${code.charAt(0).toUpperCase()}${code.slice(1)}`, element)
      return typed({ ...choice, segment: `${stem}.ofType(${code})` }, element, type, compilation)
    })
  }

  /** `#Bundle.link`: the same as another element of this structure. */
  function referredCheck(contentReference: string, compilation: Compilation): Check {
    const path = contentReference.slice(contentReference.indexOf('#') + 1)
    const parent = path.slice(0, path.lastIndexOf('.'))
    const target = compilation.children.get(parent)?.find((element) => element.path === path)
    if (!target) throw new Error(`${compilation.structure.url}: ${contentReference} refers to nothing.`)
    return (value, walk) => walkInto(compileObject(target, compilation), value, walk)
  }

  /** Gives a property what its type asks for, and what the element asks for beyond that. */
  function typed(
    property: Property,
    element: ElementDefinition,
    type: ElementType,
    { structure }: Compilation,
  ): Property {
    const code = type.code ?? ''
    const isResourceId = structure.kind === 'resource' && element.path === `${structure.type}.id`
    const primitive = code === 'xhtml' ? NARRATIVE : PRIMITIVES[isResourceId ? 'id' : code]
    const also = alsoChecks(element, type)
    if (primitive) {
      const siblingName = isAttribute(element) || code === 'xhtml' ? undefined : `_${property.name}`
      return { ...property, primitive, also, ...(siblingName && { siblingName }) }
    }
    return { ...property, check: code === 'Resource' ? resourceCheck(element) : typeCheck(type), also }
  }

  function typeCheck(type: ElementType): Check {
    const url = type.profile?.[0] ?? type.code ?? ''
    let rule: ObjectRule | undefined
    return (value, walk) => {
      rule ??= find(url)
      if (!rule) throw new Error(`There is no definition of ${url}.`)
      if (type.code === 'Extension') checkExtension(rule, value, walk)
      else walkInto(rule, value, walk)
    }
  }

  /** What is in an extension whose definition nobody here has is not ours to refuse, as long as it can be read: R4 asks to keep it. */
  function checkExtension(rule: ObjectRule, value: unknown, walk: Walk): void {
    const extension = (value ?? {}) as Fields
    const { isForeign } = walk
    // Inside a complex extension the urls are names of its own.
    const isNamed = typeof extension.url === 'string' && extension.url.includes(':')
    if (isNamed) walk.isForeign = beside?.knowsExtension(String(extension.url)) === false
    walkInto(rule, value, walk)
    walk.isForeign = isForeign
    beside?.extension(extension, walk)
  }

  function alsoChecks(element: ElementDefinition, type: ElementType): Check[] {
    const checks: Check[] = []
    const { strength, valueSet = '' } = element.binding ?? {}
    const codes = strength === 'required' || strength === 'extensible' ? definitions.codes(valueSet) : undefined
    const severity = strength === 'required' ? 'error' : 'warning'
    const bindingCheck = codes && compileBinding(type.code ?? '', valueSet, codes, severity)
    if (bindingCheck) checks.push(bindingCheck)
    const targetTypes = type.code === 'Reference' ? targetTypesOf(type) : undefined
    if (targetTypes) {
      const targets = { targetTypes, resourceTypes: definitions.resourceTypes }
      checks.push((value, walk) => checkReferenceTarget(value as Fields, walk, targets))
    }
    const prose = PROSE_RULES[element.path]
    if (prose) checks.push(prose)
    for (const constraint of element.constraint ?? []) {
      const check = compileInvariant(constraint, element.path.endsWith('[x]') ? (type.code ?? '') : element.path, 'r4')
      if (check) checks.push(check)
    }
    return checks
  }

  /** A resource inside another: contained, or in a Bundle or Parameters, where `#id` begins anew. */
  function resourceCheck(element: ElementDefinition): Check {
    if (element.path.endsWith('.contained')) return checkContained
    const isEntry = element.path === 'Bundle.entry.resource'
    return (value, walk) => {
      if (isEntry && walk.options.skipEntryResources) return
      const { resource, rootResource, bundle } = walk
      if (rootResource.resourceType === 'Bundle') walk.bundle = rootResource
      if (typeof value === 'object' && value !== null) walk.rootResource = value as Fields
      checkResource(value, walk)
      Object.assign(walk, { resource, rootResource, bundle })
    }
  }

  function checkContained(value: unknown, walk: Walk): void {
    const { resource } = walk
    const fields = (value ?? {}) as Fields
    // Said before its references are looked at, which would lead into the wrong resource.
    if (fields.contained !== undefined) {
      walk.report('invariant', 'dom-2: A contained resource must not contain others.', 'contained')
      return
    }
    checkResource(value, walk)
    walk.resource = resource
    if (typeof fields.resourceType === 'string' && fields.id === undefined)
      walk.report('required', 'A contained resource must have an id, to be referred to as #id.', 'id')
  }

  function checkResource(value: unknown, walk: Walk): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      walk.report('structure', `Must be a resource, a JSON object, not ${describe(value)}.`)
      return
    }
    const { resourceType } = value as Fields
    if (typeof resourceType !== 'string') {
      walk.report('structure', 'A resource must have a resourceType.', 'resourceType')
      return
    }
    const rule = definitions.resourceTypes.has(resourceType) ? find(resourceType) : undefined
    if (!rule) {
      walk.report('structure', `${quote(resourceType)} is no resource type of R4.`, 'resourceType')
      return
    }
    const { resourceStart } = walk
    walk.resource = value as Fields
    walk.resourceStart = walk.path.length
    walkInto(rule, value, walk)
    beside?.resource(value as Fields, walk)
    walk.resourceStart = resourceStart
  }

  const siblingRule: ObjectRule = { ...(find('Element') as ObjectRule), isBesideValue: true }
  return { find, checkObject: walkInto, checkResource }
}

const lastName = ({ path }: ElementDefinition) => path.slice(path.lastIndexOf('.') + 1)

function frame(name: string, element: ElementDefinition): Property {
  const countMax = element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max)
  return {
    name,
    segment: name,
    element: lastName(element),
    many: (element.base?.max ?? element.max) !== '1' && countMax !== 0,
    countMin: element.min ?? 0,
    countMax,
    also: [],
  }
}

const ignored = (name: string): Property => ({
  ...{ name, segment: name, element: name, many: false, countMin: 0, countMax: 1, also: [] },
  primitive: { json: 'string', problem: () => undefined },
})

/** The types a reference may point to; undefined when it may point to any. */
function targetTypesOf(type: ElementType): ReadonlySet<string> | undefined {
  const names = type.targetProfile?.map((url) => url.slice(url.lastIndexOf('/') + 1))
  return names && !names.includes('Resource') ? new Set(names) : undefined
}
