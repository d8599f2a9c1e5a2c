import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Difference } from '../lifecycle/plan-diff.ts'
import { type Parameter, part, parts } from './operation.ts'

/**
 * How an operation declares the differences that it tells.
 * @param kinds what they may be about, in words
 */
export const differenceParameter = (kinds: string, changes: string, documentation: string): Parameter =>
  parts('difference', '*', documentation, [
    { ...part('kind', 'code', kinds), min: 1 },
    { ...part('about', 'string', 'The action, the limit, the goal, the element or the resource.'), min: 1 },
    { ...part('change', 'code', changes), min: 1 },
    part('before', 'string', 'What it is now.'),
    part('after', 'string', 'What it will be.'),
  ])

/** One difference, as it is answered. */
export const differencePart = ({ kind, about, change, before, after }: Difference): ParametersParameter => ({
  name: 'difference',
  part: [
    { name: 'kind', valueCode: kind },
    { name: 'about', valueString: about },
    { name: 'change', valueCode: change },
    ...(before ? [{ name: 'before', valueString: before }] : []),
    ...(after ? [{ name: 'after', valueString: after }] : []),
  ],
})
