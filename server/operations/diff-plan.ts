import type { ParametersParameter } from '@medplum/fhirtypes'
import { chooseLanguage } from '../core/decide/words/language.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import type { Difference } from '../lifecycle/plan-diff.ts'
import { diffFromTemplate, inBoth, originOf, type ReadPlan } from '../lifecycle/template-diff.ts'
import { differenceParameter, differencePart } from './difference-parameter.ts'
import { readGiven } from './given-parameters.ts'
import { type Operation, part, parts } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { findNewer, findPlan, readPlan } from './plan-reading.ts'

const KINDS = 'plan (an element of the plan itself), goal, rule, schedule or limit.'
const CHANGES = 'added, removed or changed.'

/**
 * PlanDefinition/{id}/$diff: what a plan says otherwise than the one that it comes from, in words: a hospital's own than its region's
 * template, a draft than the version before. Where the template has a newer version in force, what that has changed is told beside it,
 * and what of it the local plan has changed too.
 * @throws Refusal not-found (the plan, or what it is held against), required (`from`, of a plan that does not say where it comes from),
 *   invalid (one of them cannot be compiled)
 */
export const diffPlanDefinition: Operation = {
  code: 'diff',
  title: 'What a plan says otherwise',
  description:
    'Holds a plan against the one that it is derived from or follows, or another, and tells the differences in words; also what a newer version of the template has changed since.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [part('from', 'canonical', 'What it is held against. Unsaid: what it is derived from, else its predecessor.')],
  out: [
    { ...part('from', 'canonical', 'What it is held against.'), min: 1 },
    { ...part('to', 'canonical', 'The plan itself.'), min: 1 },
    differenceParameter(KINDS, CHANGES, 'One thing that the plan says otherwise.'),
    parts('newer', '1', 'Where what it comes from has a later version in force.', [
      { ...part('version', 'canonical', 'That version.'), min: 1 },
      differenceParameter(
        KINDS,
        CHANGES,
        'One thing that it says otherwise than the version that the plan comes from.',
      ),
      part('both', 'string', 'What such a difference is about, where the plan has changed it too: look at both.', '*'),
    ]),
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, diffPlanDefinition)
    const local = await readPlan(exchange, rooms)
    const canonical = given.text('from') ?? originOf(local.plan)
    if (!canonical) {
      throw refuse(
        'required',
        `${canonicalOf(local.plan)} does not say where it comes from (relatedArtifact derived-from or predecessor): from says what to hold it against.`,
        'from',
      )
    }
    const template = await findPlan(local.reader, canonical)
    if (!template) throw refuse('not-found', `There is no PlanDefinition ${canonical} here.`, 'from')
    const language = chooseLanguage(exchange.headers.acceptLanguage)
    const differences = diffFromTemplate(template, local, language)
    const newer = template.plan.url === local.plan.url ? undefined : await findNewer(local.reader, template.plan)
    const upstream = newer && diffFromTemplate(template, newer, language)
    return parametersReply([
      { name: 'from', valueCanonical: canonicalOf(template.plan) },
      { name: 'to', valueCanonical: canonicalOf(local.plan) },
      ...differences.map(differencePart),
      ...(newer && upstream ? [newerPart(newer, upstream, differences)] : []),
    ])
  },
}

function newerPart({ plan }: ReadPlan, upstream: Difference[], differences: Difference[]): ParametersParameter {
  return {
    name: 'newer',
    part: [
      { name: 'version', valueCanonical: canonicalOf(plan) },
      ...upstream.map(differencePart),
      ...inBoth(differences, upstream).map(({ about }) => ({ name: 'both', valueString: about })),
    ],
  }
}
