import type { StructureDefinition } from '@medplum/fhirtypes'
import { cutProfile } from '../../definitions/cut-profile.ts'
import type { Fields, Walk } from '../walk.ts'
import { parseDiscriminatorPath } from './discriminator.ts'
import { baseTypeOf, isOfType, type ProfileRooms } from './profile-rooms.ts'
import { type ElementNode, onlyType, toProfileTree } from './profile-tree.ts'

/**
 * Checks a profile as such: each path, discriminator and profile of a type must be one that R4 or another profile has. One
 * that is stored with a wrong path would ask nothing, and nobody would notice.
 * @see https://hl7.org/fhir/R4/profiling.html
 */
export function checkDefinition(structure: Fields, walk: Walk, rooms: ProfileRooms): void {
  // What is not sound in itself has been reported, and may be of any form.
  if (structure.derivation !== 'constraint' || walk.errorCount > 0 || !rooms.base.root(String(structure.type))) return
  const profile = cutProfile(structure as unknown as StructureDefinition)
  const own = { ...profile, baseDefinition: `http://hl7.org/fhir/StructureDefinition/${profile.type}`, snapshot: [] }
  if (own.differential.length === 0) return
  const { root, problems } = toProfileTree(own, rooms.findProfile, rooms.base)
  for (const problem of [...problems, ...nodeProblems(root, rooms)])
    walk.report('structure', `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`, 'differential')
}

function nodeProblems(node: ElementNode, rooms: ProfileRooms): string[] {
  const own = node.base ? [...typeProblems(node, rooms), ...slicingProblems(node, rooms)] : []
  const below = [...node.children.values(), ...node.slices.values()].flatMap((child) => nodeProblems(child, rooms))
  return [...own, ...below]
}

function typeProblems({ definition, label }: ElementNode, rooms: ProfileRooms): string[] {
  return (definition.type ?? []).flatMap(({ code = '', profile = [] }) =>
    profile
      .filter((canonical) => !canonical.includes('#'))
      .flatMap((canonical) => {
        const type = baseTypeOf(canonical, rooms) ?? rooms.findProfile(canonical)?.type
        return type === undefined || isOfType(type, code, rooms) || isOfType(code, type, rooms)
          ? []
          : [`the profile ${canonical} is for ${type}, and ${label} is a ${code}`]
      }),
  )
}

function slicingProblems({ definition, label, base }: ElementNode, rooms: ProfileRooms): string[] {
  return (definition.slicing?.discriminator ?? []).flatMap(({ path = '$this' }) => {
    const steps = parseDiscriminatorPath(path)
    if (!steps) return [`the discriminator ${path} of ${label} is not in the FHIRPath that discriminators may use`]
    let at = base
    let type = onlyType({ definition, base } as ElementNode)
    for (const step of steps) {
      // Beyond a reference, an extension or a choice of types the definition alone does not tell what is there.
      if (step.kind !== 'child' || !at) return []
      const next = rooms.base.child(at, step.name, type) ?? rooms.base.child(at, `${step.name}[x]`, type)
      if (!next && isOpen(at, type)) return []
      if (!next) return [`the discriminator ${path} of ${label} leads to no element`]
      at = next
      type = undefined
    }
    return []
  })
}

/** Whether anything may be below: a resource, or one of several types. */
const isOpen = ({ element }: NonNullable<ElementNode['base']>, type: string | undefined) =>
  type === 'Resource' || (element.type?.length ?? 0) > 1 || element.type?.[0]?.code === 'Resource'
