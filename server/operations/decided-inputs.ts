import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import type { DecisionInputs, Kept } from '../core/decide/decision-record.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Rooms } from '../exchange.ts'
import type { ReadVersion } from '../plans/replay.ts'

/** Knowledge, not a person's data: an explanation tells of it whatever the caller may read. */
const DEFINITIONS = new Set(['PlanDefinition', 'ActivityDefinition'])

/**
 * Reads what a decision rested on, with the caller's own access: an explanation tells nothing that a read would not.
 * @throws Refusal forbidden for a version that the caller may not read
 */
export function inputReader({ store }: Pick<Rooms, 'store'>, access: Access): ReadVersion {
  return async (reference) => {
    const [type = '', id = '', , versionId = ''] = reference.split('/')
    const as = DEFINITIONS.has(type) ? engineAccess('explain') : access
    try {
      const version = await store.readVersion(as, type, id, versionId)
      return JSON.parse(version.text ?? '{}') as Resource
    } catch (error) {
      throw error instanceof Refusal ? hidden(type) : error
    }
  }
}

/** What stands whole in the record was a Task or a triage under way: it may be seen by whoever may read it as it is now. */
export async function mayReadKept(
  { store }: Pick<Rooms, 'store'>,
  access: Access,
  inputs: DecisionInputs,
): Promise<void> {
  const whole = [...inputs.openTasks, inputs.triage].filter(
    (one): one is Exclude<Kept, string> => typeof one === 'object',
  )
  for (const { resourceType, id } of whole) {
    try {
      await store.read(access, resourceType, String(id))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // What was deleted since could be seen by whoever is told so.
      if (error.issues[0]?.code !== 'deleted') throw hidden(resourceType)
    }
  }
}

const hidden = (type: string) =>
  refuse('forbidden', `The decision rests on a ${type} that you may not read, so it cannot be shown to you.`)
