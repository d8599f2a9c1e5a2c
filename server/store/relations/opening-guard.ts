import type { Task } from '@medplum/fhirtypes'
import type { Access } from '../../access/access.ts'
import { ENGINE_CLIENT_ID } from '../../access/engine-access.ts'
import { ACCESS_OPENING } from '../../access/vocabulary.ts'
import { refuse } from '../../core/fhir/outcome.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import type { Guard } from '../rooms.ts'

/** What an opening opens, to whom and how long; all else is for the reviewer. */
const FIXED = ['code', 'for', 'requester', 'restriction', 'authoredOn', 'input', 'intent'] as const

/**
 * A Task that opens a record is made by `$break-glass` and `$open-restricted` alone, and stays what it was: whoever could write one
 * could let themselves in. It is reviewed by somebody else than the person whom it let in.
 */
export const openingGuard: Guard = {
  types: ['Task'],
  admitNew(access, resource) {
    if (!isOurs(access) && isOpening(resource)) throw byOperationOnly()
  },
  async admit(_db, { access, before, after }) {
    if (isOurs(access)) return
    const [was, becomes] = [isOpening(before), after !== undefined && isOpening(after)]
    if (!was && becomes) throw byOperationOnly()
    if (!was) return
    if (isOpener(access, before))
      throw refuse('forbidden', 'Whoever opened a record does not review it; somebody else does.', 'Task.requester')
    const changed = FIXED.find(
      (name) => after === undefined || JSON.stringify(before[name]) !== JSON.stringify(after[name]),
    )
    if (changed) {
      throw refuse(
        'business-rule',
        'What was opened, to whom and why does not change; its review is told by status and note.',
        `Task.${changed}`,
      )
    }
  },
}

/** Signed in as themselves, or in one of their roles. */
function isOpener({ actor, standing }: Access, before: Resource): boolean {
  const opener = (before as unknown as Task).requester?.reference
  return opener !== undefined && (opener === actor || (standing?.grantees ?? []).includes(opener))
}

const isOurs = ({ clientId }: Access): boolean => clientId === ENGINE_CLIENT_ID

const isOpening = (resource: Resource): boolean =>
  ((resource as unknown as Task).code?.coding ?? []).some(({ system }) => system === ACCESS_OPENING)

const byOperationOnly = () =>
  refuse('business-rule', 'A record is opened by $break-glass or $open-restricted, with a reason.', 'Task.code')
