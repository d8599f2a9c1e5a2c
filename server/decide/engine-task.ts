import type { Reference, Task } from '@medplum/fhirtypes'
import { type TaskCode, taskCode, triageColour } from './coded-words.ts'
import { type Told, toldAs, toldConcept } from './told.ts'
import { type Colour, FINDING } from './vocabulary.ts'

export type AskedOf = {
  /** Left out where the store gives it. */
  id?: string
  /** By which it is found again: plan or request, what of it, subject, and the first thing that led to it, joined by `|`. */
  name: string
  code: TaskCode
  colour: Colour
  /** What is to be done. */
  told: Told
  /** Why; left out, the same words. */
  reason?: Told
  /** `CarePlan/1`: what whoever does it looks at first. */
  about: string
  basedOn?: string[]
  subject?: Task['for']
  owner?: Reference | undefined
  /** url|version of the plan that it is of. */
  plan?: string
  priority?: Task['priority']
  now: Date
}

const PRIORITY: Readonly<Record<Colour, NonNullable<Task['priority']>>> = {
  ...{ red: 'stat', yellow: 'urgent', grey: 'routine', green: 'routine' },
}

/** A Task of the engine's own, which no rule's activity describes: whatever is to be done, for whom and why, in each language. */
export function engineTask({
  id,
  name,
  code,
  colour,
  told,
  reason = told,
  about,
  basedOn = [],
  now,
  ...rest
}: AskedOf): Task {
  const { subject, owner, plan, priority = PRIORITY[colour] } = rest
  const at = now.toISOString()
  return {
    resourceType: 'Task',
    ...(id ? { id } : {}),
    identifier: [{ system: FINDING, value: name }],
    ...(plan ? { instantiatesCanonical: plan } : {}),
    ...(basedOn.length > 0 ? { basedOn: basedOn.map((reference) => ({ reference })) } : {}),
    status: 'requested',
    businessStatus: triageColour(colour),
    intent: 'order',
    priority,
    code: taskCode(code),
    ...toldAs('description', told),
    focus: { reference: about },
    reasonReference: { reference: about },
    reasonCode: toldConcept(reason),
    ...(subject ? { for: subject } : {}),
    ...(owner ? { owner: owner as Task['owner'] } : {}),
    authoredOn: at,
    lastModified: at,
  }
}
