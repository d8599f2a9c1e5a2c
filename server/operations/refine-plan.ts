import type { Library, ParametersParameter, PlanDefinition } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { draftOf } from '../lifecycle/draft.ts'
import { canonicalOf, casesOf } from '../lifecycle/named-definitions.ts'
import { refineCopies, withoutMerged } from '../lifecycle/refine-definitions.ts'
import { refineCases, refinePlan } from '../lifecycle/refine-plan.ts'
import { templateOf } from '../lifecycle/template-diff.ts'
import type { Conflict } from '../lifecycle/three-ways.ts'
import type { DefinitionReader } from './definition-reader.ts'
import { nextOf, storeDraft } from './draft-plan.ts'
import { readGiven } from './given-parameters.ts'
import { type Operation, part, parts } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'
import { findNewer, findPlan, readPlan } from './plan-reading.ts'

const AT = 'PlanDefinition.relatedArtifact'

/**
 * PlanDefinition/{id}/$refine: the next version of a local plan, on a newer version of the template that it is derived from. What the
 * template has changed is taken, what is said otherwise here stays: rules, goals, cases, and the
 * ActivityDefinitions and Questionnaires that were copied with it. What both have changed is a conflict: ours is kept, and told.
 * @throws Refusal business-rule (a plan that is derived from no other; nothing newer is in force), not-found (one of the two versions of
 *   the template is not here), value (another plan than the template; a version that is not the later one), required and conflict as `$draft`
 */
export const refinePlanDefinition: Operation = {
  code: 'refine',
  title: 'Put a local plan on a newer template',
  description:
    'Drafts the next version of a plan from a newer version of the template that it is derived from: what the template has changed is taken, what the plan says otherwise stays.',
  resource: ['PlanDefinition'],
  on: ['instance'],
  affectsState: true,
  letter: 'c',
  isOwn: true,
  in: [
    part('template', 'canonical', 'The version of the template. Unsaid: the newest in force.'),
    part('version', 'string', 'Of the draft. Unsaid: the next minor one.'),
  ],
  out: [
    {
      ...part(
        'return',
        'PlanDefinition',
        'The draft. Its cases, and what it has copied from the template, are stored beside it.',
      ),
      min: 1,
    },
    parts('conflict', '*', 'What both have changed. Ours was kept: look at it before it is submitted.', [
      {
        ...part('about', 'string', 'The rule, the goal, the case, the definition and its question, or the plan.'),
        min: 1,
      },
      { ...part('element', 'string', 'Its element; "itself" where one has left it out.'), min: 1 },
      part('theirs', 'string', 'What the template says now.'),
      part('ours', 'string', 'What the plan says.'),
    ]),
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, refinePlanDefinition)
    const { plan: ours, definitions: ofOurs, reader } = await readPlan(exchange, rooms)
    const naming = nextOf(ours, 'minor', given.text('version'))
    const { base, theirs } = await templatesOf(ours, reader, given.text('template'))
    const { plan, conflicts } = refinePlan({ base, theirs, ours })
    const cases = await casesRefined({ base, theirs, ours }, reader)
    const copies = refineCopies(
      { base, theirs, ours },
      { base: await reader.readDefinitions(base), theirs: await reader.readDefinitions(theirs), ours: ofOurs },
    )
    const definitions = [
      ...(cases ? [cases.cases as Library & Resource] : []),
      ...copies.map(({ definition }) => definition),
    ].map((definition) => ({ definition, naming: { url: String(definition.url), version: naming.version } }))
    const draft = draftOf(plan, { relation: 'predecessor', naming, definitions, now: rooms.now() })
    const { text } = await storeDraft(exchange, rooms, draft)
    return parametersReply([
      { name: 'return', resource: JSON.parse(text ?? '') },
      ...[
        ...withoutMerged(conflicts, ours, copies),
        ...(cases?.conflicts ?? []),
        ...copies.flatMap((copy) => copy.conflicts),
      ].map(conflictPart),
    ])
  },
}

const conflictPart = ({ about, element, theirs, ours }: Conflict): ParametersParameter => ({
  name: 'conflict',
  part: [
    { name: 'about', valueString: about },
    { name: 'element', valueString: element },
    ...(theirs ? [{ name: 'theirs', valueString: theirs }] : []),
    ...(ours ? [{ name: 'ours', valueString: ours }] : []),
  ],
})

type Templates = { base: PlanDefinition; theirs: PlanDefinition }

/** The version of the template that the plan is derived from, and the newer one. */
async function templatesOf(
  ours: PlanDefinition,
  reader: DefinitionReader,
  asked: string | undefined,
): Promise<Templates> {
  const from = templateOf(ours)
  if (!from) throw refuse('business-rule', `${canonicalOf(ours)} is derived from no other plan.`, AT)
  const base = await findPlan(reader, from)
  if (!base) throw refuse('not-found', `The template ${from} is not here.`, AT)
  const theirs = asked ? await findPlan(reader, asked) : await findNewer(reader, base.plan)
  if (!theirs && asked) throw refuse('not-found', `There is no PlanDefinition ${asked} here.`, 'template')
  if (!theirs) throw refuse('business-rule', `No later version of ${from} is in force.`, 'template')
  if (theirs.plan.url !== base.plan.url)
    throw refuse('value', `${canonicalOf(ours)} is derived from ${from}, not from ${asked}.`, 'template')
  return { base: base.plan, theirs: theirs.plan }
}

/** The cases of the plan, with what the template has changed in its own; as they are, where the template has none. */
async function casesRefined({ base, theirs, ours }: Templates & { ours: PlanDefinition }, reader: DefinitionReader) {
  const libraryOf = async (plan: PlanDefinition) => {
    const canonical = casesOf(plan)
    return canonical ? ((await reader.findDefinition(canonical, ['Library'], true)) as Library | undefined) : undefined
  }
  const [before, next, own] = await Promise.all([libraryOf(base), libraryOf(theirs), libraryOf(ours)])
  if (!own) return undefined
  return before && next ? refineCases({ base: before, theirs: next, ours: own }) : { cases: own, conflicts: [] }
}
