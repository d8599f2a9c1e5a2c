import { readFhir } from './server.js'
import { OPEN_TASKS, tasksSince, toRow } from './tasks.js'

const POLL_MS = 1_000
const POLL_MS_MAX = 10_000
/** A Task committed a little later than its lastUpdated says is still found: each question reaches back so far. */
const OVERLAP_MS = 5_000
/** Now and then everything is asked for anew, whatever may have slipped by. */
const RELOAD_MS = 120_000

/**
 * Follows the open Tasks: all of them first, then only what changed. Rests while the page is not seen.
 * @param onRows    all open rows and which of them are new since the last call (none at the first)
 * @param onTrouble what hinders the asking; `undefined` when it works again
 */
export function watchTasks({ onRows, onTrouble }) {
  const tasks = new Map()
  const patients = new Map()
  let newest = ''
  let reloadAt = 0
  let failures = 0
  let asked = false
  let isCut = false
  let timer

  const ask = async () => {
    clearTimeout(timer)
    timer = undefined
    try {
      // Until there has been a Task, the server's clock is unknown, and an empty list costs nothing to ask for.
      const whole = Date.now() >= reloadAt || newest === ''
      const questions = whole ? OPEN_TASKS : [tasksSince(reachBack(newest))]
      const bundles = await Promise.all(questions.map(readFhir))
      const resources = bundles.flatMap((bundle) => (bundle.entry ?? []).map(({ resource }) => resource))
      const hasMore = bundles.some(({ link }) => link?.some(({ relation }) => relation === 'next'))
      const fresh = take(resources, whole)
      newest = newestOf(tasks, newest)
      if (whole) {
        reloadAt = Date.now() + RELOAD_MS
        isCut = hasMore
      } else if (hasMore) reloadAt = 0
      failures = 0
      onTrouble(undefined)
      onRows(
        [...tasks.values()].map((task) => toRow(task, patients)).filter((row) => row.open),
        asked ? fresh : new Set(),
        isCut,
      )
      asked = true
    } catch (error) {
      failures++
      // What happened meanwhile is unknown: after trouble, everything is asked for anew.
      reloadAt = 0
      onTrouble(error)
    }
    if (!document.hidden && timer === undefined) timer = setTimeout(ask, Math.min(POLL_MS * 2 ** failures, POLL_MS_MAX))
  }

  /** Takes in what the server showed. @returns ids of open Tasks that are new or have changed */
  const take = (resources, whole) => {
    const known = new Map(tasks)
    if (whole) tasks.clear()
    const fresh = new Set()
    for (const resource of resources) {
      if (resource?.resourceType === 'Patient') patients.set(`Patient/${resource.id}`, resource)
      if (resource?.resourceType !== 'Task') continue
      const before = known.get(resource.id)
      const isOpen = toRow(resource, patients).open
      if (isOpen) tasks.set(resource.id, resource)
      else tasks.delete(resource.id)
      if (isOpen && before?.meta?.versionId !== resource.meta?.versionId) fresh.add(resource.id)
    }
    return fresh
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer)
    else ask()
  })
  ask()
  return { ask }
}

/** By the server's clock, never ours: the newest lastUpdated that it has shown. */
const newestOf = (tasks, before) =>
  [...tasks.values()].reduce((newest, { meta }) => (meta.lastUpdated > newest ? meta.lastUpdated : newest), before)

const reachBack = (instant) => new Date(Date.parse(instant) - OVERLAP_MS).toISOString()
