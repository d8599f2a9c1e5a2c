import type { ProfileElement } from '../../definitions/cut-profile.ts'
import { compileMatch } from './compile-match.ts'
import type { Compilation } from './compile-node.ts'
import { compileDiscriminator } from './discriminator.ts'
import { fieldsOf } from './item.ts'
import type { NodeRule } from './node-rule.ts'
import type { ElementNode } from './profile-tree.ts'
import type { Matches, Slice, SlicingRule } from './slicing.ts'

type Discriminators = NonNullable<NonNullable<ProfileElement['slicing']>['discriminator']>

/**
 * How the values of a node fall into slices; undefined when it has none.
 * @param compileNode makes the rule of a slice, which may be sliced again
 */
export function compileSlicing(
  node: ElementNode,
  compilation: Compilation,
  compileNode: (slice: ElementNode, compilation: Compilation) => NodeRule,
): SlicingRule | undefined {
  const { slicing } = node.definition
  const isClosed = slicing?.rules === 'closed'
  if (node.slices.size === 0 && !isClosed) return undefined
  const discriminators = slicing?.discriminator ?? impliedDiscriminators(node)
  return {
    rules: slicing?.rules ?? 'open',
    ordered: slicing?.ordered === true,
    slices: [...node.slices].map(([name, slice]): Slice => {
      return {
        name,
        rule: compileNode(slice, compilation),
        matches: compileMatches(slice, discriminators, compilation),
      }
    }),
  }
}

/** Profiles leave these out: a choice is sliced by its type, extensions by their url. */
function impliedDiscriminators({ name }: ElementNode): Discriminators {
  if (name.endsWith('[x]')) return [{ type: 'type', path: '$this' }]
  return name === 'extension' || name === 'modifierExtension' ? [{ type: 'value', path: 'url' }] : []
}

function compileMatches(slice: ElementNode, discriminators: Discriminators, { rooms, problems }: Compilation): Matches {
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
