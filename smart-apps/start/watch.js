import { readFhir } from './server.js'
import { isOpen, OPEN_TASKS, tasksSince, toRow } from './tasks.js'

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
  let isAsking = false

  /** One question at a time: an older answer must not overtake a newer one. */
  const ask = async () => {
    clearTimeout(timer)
    if (isAsking) return
    isAsking = true
    await askNow()
    isAsking = false
    if (!document.hidden) timer = setTimeout(ask, Math.min(POLL_MS * 2 ** failures, POLL_MS_MAX))
  }

  const askNow = async () => {
    try {
      const fresh = take(await question())
      failures = 0
      onTrouble(undefined)
      const rows = [...tasks.values()].map((task) => toRow(task, patients))
      onRows(rows, asked ? fresh : new Set(), isCut)
      asked = true
    } catch (error) {
      failures++
      // What happened meanwhile is unknown: after trouble, everything is asked for anew.
      reloadAt = 0
      onTrouble(error)
    }
  }

  const question = async () => {
    // Until there has been a Task, the server's clock is unknown, and an empty list costs nothing to ask for.
    const whole = Date.now() >= reloadAt || newest === ''
    const bundles = await Promise.all((whole ? OPEN_TASKS : [tasksSince(reachBack(newest))]).map(readFhir))
    const hasMore = bundles.some(({ link }) => link?.some(({ relation }) => relation === 'next'))
    if (whole) {
      reloadAt = Date.now() + RELOAD_MS
      isCut = hasMore
    } else if (hasMore) reloadAt = 0
    return { whole, resources: bundles.flatMap(({ entry }) => (entry ?? []).map(({ resource }) => resource)) }
  }

  /** Takes in what the server showed. @returns ids of open Tasks that are new or have changed */
  const take = ({ whole, resources }) => {
    const known = new Map(tasks)
    if (whole) tasks.clear()
    const fresh = new Set()
    for (const resource of resources) {
      if (resource.resourceType === 'Patient') patients.set(`Patient/${resource.id}`, resource)
      if (resource.resourceType !== 'Task') continue
      const { id, meta } = resource
      if (meta.lastUpdated > newest) newest = meta.lastUpdated
      if (!isOpen(resource)) tasks.delete(id)
      else {
        tasks.set(id, resource)
        if (known.get(id)?.meta.versionId !== meta.versionId) fresh.add(id)
      }
    }
    return fresh
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : ask()))
  ask()
  return { ask }
}

/** By the server's clock, never ours: `instant` is the newest lastUpdated that it has shown. */
const reachBack = (instant) => new Date(Date.parse(instant) - OVERLAP_MS).toISOString()
