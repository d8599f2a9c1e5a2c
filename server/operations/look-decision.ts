import { refuse } from '../core/fhir/outcome.ts'
import type { Look } from '../exchange.ts'
import { opensRecord } from '../store/relations/ties.ts'
import type { Ties } from '../store/store.ts'

/**
 * What says that they have to do with each other. Others may have written what the patient has closed here, and nothing says whether they have: nobody
 * looks to whom anything is closed.
 * @param what is asked, as it is called in a sentence
 * @throws Refusal business-rule (no relation), suppressed (the patient has closed something to them)
 */
export function decisionOf(
  { relations, closedBy }: Pick<Ties, 'relations' | 'closedBy'>,
  what: string,
): Look['decision'] {
  const opening = relations.filter(opensRecord)
  const care = opening.find(({ kind }) => kind !== 'break-glass')
  const [decision] = care ? [care] : opening
  if (!decision)
    throw refuse('business-rule', `Only of a patient with whom you have something to do can ${what} be asked.`)
  if (closedBy.length > 0)
    throw refuse(
      'suppressed',
      `The patient has closed something to you, which ${what} could tell. With their consent, or in an emergency, $open-restricted opens it.`,
    )
  return { id: decision.source, isUserSelected: care === undefined }
}
