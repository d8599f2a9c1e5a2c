import { isDeepStrictEqual } from 'node:util'
import type { Door } from '../caller/caller.ts'
import { isInForceSince } from './as-draft.ts'
import type { Loaded } from './read-resources.ts'

export type Tally = {
  created: number
  updated: number
  unchanged: number
  refused: { name: string; why: string }[]
}

export type LoadOptions = {
  /** A token; asked for again when it has run out. */
  open: () => Promise<Door>
  parallel: number
  /** Counted up meanwhile, for whoever shows the progress. */
  tally: Tally
}

const TRY_COUNT_MAX = 5
const WAIT_MILLISECONDS = 500

/**
 * Puts each resource where there is none, or another. One type after the other, so that a profile finds the value sets that it
 * names; within a type several at once.
 * @throws TypeError `fetch failed` when the server does not answer, after some tries
 */
export async function load(resources: Loaded[], { open, parallel, tally }: LoadOptions): Promise<void> {
  let door = await open()

  async function call(method: 'GET' | 'PUT', { resourceType, id }: Loaded, body?: string): Promise<Response> {
    for (let tries = 1; ; tries++) {
      const response = await fetch(`${door.fhirBase.href}/${resourceType}/${id}`, {
        method,
        headers: { authorization: door.authorization, 'content-type': 'application/fhir+json' },
        ...(body === undefined ? {} : { body }),
      }).catch((error: unknown) => {
        if (tries === TRY_COUNT_MAX) throw error
      })
      const isPassing = !response || response.status === 401 || response.status === 429 || response.status === 503
      if (response && (!isPassing || tries === TRY_COUNT_MAX)) return response
      if (response?.status === 401) door = await open()
      else await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS * tries))
    }
  }

  async function loadOne(resource: Loaded): Promise<void> {
    const stored = await call('GET', resource)
    const standing = stored.ok ? ((await stored.json()) as Loaded) : undefined
    if (standing && (isSame(standing, resource) || isInForceSince(standing, resource))) {
      tally.unchanged++
      return
    }
    if (!stored.ok) await stored.arrayBuffer()
    const response = await call('PUT', resource, JSON.stringify(resource))
    const answer = await response.text()
    if (!response.ok)
      tally.refused.push({ name: `${resource.resourceType}/${resource.id}`, why: whyOf(response, answer) })
    else if (response.status === 201) tally.created++
    else tally.updated++
  }

  for (const ofType of Map.groupBy(resources, ({ resourceType }) => resourceType).values()) {
    const waiting = ofType.values()
    const work = async () => {
      for (const resource of waiting) await loadOne(resource)
    }
    await Promise.all(Array.from({ length: parallel }, work))
  }
}

/** But for what the server itself writes: version and time. */
function isSame(stored: Loaded, wanted: Loaded): boolean {
  return isDeepStrictEqual(withoutVersion(stored), withoutVersion(wanted))
}

function withoutVersion({ meta = {}, ...rest }: Loaded): object {
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = meta as Record<string, unknown>
  return Object.keys(kept).length > 0 ? { ...rest, meta: kept } : rest
}

const ISSUES_SHOWN_MAX = 3

function whyOf({ status }: Response, answer: string): string {
  try {
    const { issue } = JSON.parse(answer) as {
      issue: { severity: string; diagnostics?: string; expression?: string[] }[]
    }
    const errors = issue.filter(({ severity }) => severity === 'error' || severity === 'fatal')
    const told = errors
      .slice(0, ISSUES_SHOWN_MAX)
      .map(({ diagnostics, expression = [] }) => [...expression, diagnostics].join(': '))
    return `${status} ${told.join('; ')}${errors.length > ISSUES_SHOWN_MAX ? ` and ${errors.length - ISSUES_SHOWN_MAX} more` : ''}`
  } catch {
    return `${status} ${answer.slice(0, 200)}`
  }
}
