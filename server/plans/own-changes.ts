import type { Task } from '@medplum/fhirtypes'
import { questionnaireOf } from '../core/decide/schedule/questionnaire-task.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { FeedEvent } from '../outbox/feed.ts'

/** More than these wait in the feed only while something else is wrong. */
const KEPT_COUNT_MAX = 20_000

/**
 * What this process's own rounds have written and no plan can have anything to say about: when it comes by in the feed it is passed
 * without a look. Most of what the feed holds beside measurements are such Tasks. Nothing rests on it: what is not known
 * here, because another worker has written it or this one was started since, is looked at as any other change.
 */
export class OwnChanges {
  private readonly passed = new Set<string>()

  /** Once they are committed. @param resources with the version that they now are */
  add(resources: { resource: Resource; version: number }[]): void {
    if (this.passed.size > KEPT_COUNT_MAX) this.passed.clear()
    for (const { resource, version } of resources) {
      if (isOfNoConcern(resource)) this.passed.add(keyOf(resource.resourceType, String(resource.id), version))
    }
  }

  /** Whether the event need not be looked at. It comes by once. @param types that some plan listens to */
  passes({ type, id, version, depth }: FeedEvent, types: ReadonlySet<string>): boolean {
    return depth > 0 && this.passed.delete(keyOf(type, id, version)) && !types.has(type)
  }
}

/** A Task for people; one that asks for answers has a schedule. */
const isOfNoConcern = (resource: Resource): boolean =>
  resource.resourceType === 'Task' && questionnaireOf(resource as unknown as Task) === undefined

const keyOf = (type: string, id: string, version: number) => `${type}/${id}/${version}`
