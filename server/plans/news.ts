import type { Task } from '@medplum/fhirtypes'
import type { Changed } from '../core/decide/limits/limits-changed.ts'
import { answeredMessages } from '../core/decide/message/message-life.ts'
import { tellsOfUnsent } from '../core/decide/silence/sync-status.ts'
import { isFollowed } from '../core/decide/task/follow-task.ts'
import type { FeedEvent } from '../outbox/feed.ts'

/** A Task that others than the engine have changed, and that there is something to follow of. */
export const isWork = ({ type, depth }: FeedEvent, changed: Changed | undefined): boolean =>
  type === 'Task' && depth === 0 && changed?.current !== undefined && isFollowed(changed.current as unknown as Task)

/** Whoever sends messages tells how it went with one. */
export const isNewsOfMessage = ({ current }: Changed = {}): boolean => answeredMessages(current).length > 0

/** Something may have been measured and not sent, or has been sent now. */
export const isNewsOfUnsent = ({ current, previous }: Changed = {}): boolean =>
  [current, previous].some((resource) => resource !== undefined && tellsOfUnsent(resource))

export const changesLimits = ({ type, interaction }: FeedEvent): boolean =>
  type === 'Goal' || (type === 'CarePlan' && interaction === 'update')
