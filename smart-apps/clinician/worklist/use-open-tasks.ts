import type { Bundle, Patient } from '@medplum/fhirtypes'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type FhirClient, nextLink, ofType, type Query } from '../../fhir/client.ts'
import { SessionOver, toError } from '../../fhir/failure.ts'
import { nameOf } from '../../ui/person.ts'
import { type Answer, SESSION_BEGAN } from '../fhir/use-query.ts'
import type { Live } from '../live/live.ts'
import type { StoredTask } from './row.ts'

/** After a failure it is asked again so soon, and later each time. */
const RETRY_MILLIS = { first: 4_000, max: 30_000 }
/** A Task committed a little later than its lastUpdated says is still found: each question reaches back so far. */
const OVERLAP_MILLIS = 5_000
/** Now and then everything is asked for anew: whose access begins or ends is told by no change of a Task, nor is one that came late. */
const RELOAD_MILLIS = 3 * 60_000
/** The first page is what fits on a screen or two, so that it is soon there; the others come behind it. */
const FIRST_COUNT = 60
const PAGE_COUNT = 250
/** Nobody works a longer list than this from top to bottom. */
const TASK_COUNT_MAX = 1_000

const OPEN = 'draft,requested,received,accepted,ready,in-progress,on-hold'
const CLOSED = 'completed,rejected,failed,cancelled'

export type OpenTasks = {
  tasks: ReadonlyMap<string, StoredTask>
  patients: ReadonlyMap<string, Patient>
  /** What teams and people who have a Task are called, by reference. */
  names: ReadonlyMap<string, string>
  /** There are more open Tasks than are held here. */
  isCut: boolean
  /** False until every page has come for the first time: there is more than is here, and nothing of it is new. */
  isWhole: boolean
}

/**
 * Every open Task that we may see, and those closed today, kept up to date: all of them first, the most urgent at once, then what has
 * changed.
 */
export function useOpenTasks(fhir: FhirClient, live: Live): Answer<OpenTasks> & { put: (task: StoredTask) => void } {
  const [answer, setAnswer] = useState<Omit<Answer<OpenTasks>, 'reload'>>({ isLoading: true })
  const watch = useRef<Watch>(undefined)
  useEffect(() => {
    const own = watchTasks(fhir, live, setAnswer)
    watch.current = own
    addEventListener(SESSION_BEGAN, own.reload)
    return () => {
      removeEventListener(SESSION_BEGAN, own.reload)
      own.stop()
    }
  }, [fhir, live])
  const reload = useCallback(() => watch.current?.reload(), [])
  const put = useCallback((task: StoredTask) => watch.current?.put(task), [])
  return { ...answer, reload, put }
}

type Watch = { reload: () => void; stop: () => void; put: (task: StoredTask) => void }
type Show = (change: (before: Omit<Answer<OpenTasks>, 'reload'>) => Omit<Answer<OpenTasks>, 'reload'>) => void

function watchTasks(fhir: FhirClient, live: Live, show: Show): Watch {
  let tasks = new Map<string, StoredTask>()
  const patients = new Map<string, Patient>()
  const names = new Map<string, string>()
  const stopped = new AbortController()
  let isCut = false
  let isWhole = false
  let newest = ''
  let reloadAt = 0
  let failureCount = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAsking = false
  let isAskedAgain = false

  const told = () =>
    show(() => ({
      data: { tasks: new Map(tasks), patients, names, isCut, isWhole },
      isLoading: false,
      answeredAt: new Date(),
    }))

  /** @returns how many of them were new or have changed */
  const take = (bundle: Bundle, into: Map<string, StoredTask>): number => {
    let count = 0
    for (const patient of ofType(bundle, 'Patient')) {
      patients.set(`Patient/${patient.id}`, patient)
    }
    for (const { id, name } of ofType(bundle, 'Practitioner')) {
      const said = nameOf(name)
      if (said) names.set(`Practitioner/${id}`, said)
    }
    for (const type of ['CareTeam', 'Organization'] as const)
      for (const { id, name } of ofType(bundle, type)) if (name) names.set(`${type}/${id}`, name)
    for (const task of ofType(bundle, 'Task')) {
      if ((task.meta?.lastUpdated ?? '') > newest) newest = task.meta?.lastUpdated ?? ''
      const known = into.get(task.id)
      if (known && Number(known.meta?.versionId) >= Number(task.meta?.versionId)) continue
      into.set(task.id, task)
      count++
    }
    return count
  }

  const search = (query: Query): Promise<Bundle> =>
    fhir.search('Task', { _include: ['Task:patient', 'Task:owner'], ...query }, stopped.signal)

  /** The most urgent are drawn before the rest has come. */
  const askForAll = async (): Promise<true> => {
    const fresh = new Map<string, StoredTask>()
    const isFirst = tasks.size === 0
    let bundle = await search({ status: OPEN, _sort: '-urgency', _count: isFirst ? FIRST_COUNT : PAGE_COUNT })
    take(bundle, fresh)
    if (isFirst) {
      tasks = fresh
      told()
    }
    if (isFirst && nextLink(bundle)) bundle = await search({ status: OPEN, _sort: '-urgency', _count: PAGE_COUNT })
    take(bundle, fresh)
    for (let link = nextLink(bundle); link && fresh.size < TASK_COUNT_MAX; link = nextLink(bundle)) {
      bundle = await fhir.page(link, stopped.signal)
      take(bundle, fresh)
    }
    isCut = nextLink(bundle) !== undefined
    take(await search({ status: CLOSED, _lastUpdated: `ge${midnight().toISOString()}`, _count: PAGE_COUNT }), fresh)
    tasks = fresh
    isWhole = true
    reloadAt = Date.now() + RELOAD_MILLIS
    return true
  }

  const askForChanges = async (): Promise<boolean> => {
    const since = new Date(Date.parse(newest) - OVERLAP_MILLIS).toISOString()
    const bundle = await search({ _lastUpdated: `ge${since}`, _sort: '-_lastUpdated', _count: PAGE_COUNT })
    if (nextLink(bundle)) reloadAt = 0
    return take(bundle, tasks) > 0
  }

  /** One question at a time: an older answer must not overtake a newer one. What is told meanwhile is asked for afterwards. */
  const ask = async () => {
    clearTimeout(timer)
    if (isAsking) {
      isAskedAgain = true
      return
    }
    isAsking = true
    isAskedAgain = false
    try {
      const isAsNew = !isWhole || newest === '' || Date.now() >= reloadAt
      const hasChanged = isAsNew ? await askForAll() : await askForChanges()
      failureCount = 0
      if (hasChanged) told()
      else show((before) => ({ ...before, failure: undefined, isLoading: false, answeredAt: new Date() }))
    } catch (error) {
      if (stopped.signal.aborted) return
      failureCount++
      // What happened meanwhile is unknown: after trouble, everything is asked for anew.
      reloadAt = 0
      if (!(error instanceof SessionOver)) {
        const failure = toError(error)
        show((before) => ({ ...before, failure, isLoading: false }))
      }
    } finally {
      isAsking = false
    }
    if (stopped.signal.aborted) return
    if (isAskedAgain && failureCount === 0) return void ask()
    const retryMillis = Math.min(RETRY_MILLIS.first * 2 ** (failureCount - 1), RETRY_MILLIS.max)
    timer = setTimeout(askIfSeen, failureCount > 0 ? retryMillis : Math.max(0, reloadAt - Date.now()))
  }
  /** Who does not see the page waits for nothing; when they do, it is asked for. */
  let isOwed = false
  const askIfSeen = () => {
    isOwed = document.hidden
    if (!isOwed) void ask()
  }
  const onVisibility = () => isOwed && askIfSeen()
  document.addEventListener('visibilitychange', onVisibility)

  // The list is drawn before anything is asked for beside it.
  let unwatch = () => {}
  void ask().then(() => {
    if (!stopped.signal.aborted) unwatch = live.watch({ topic: 'task-changes' }, () => void ask())
  })
  return {
    reload() {
      reloadAt = 0
      show((before) => ({ ...before, isLoading: true }))
      void ask()
    },
    /** What the server answered to a change of ours is in the list before the next question. */
    put(task) {
      tasks.set(task.id, task)
      told()
    },
    stop() {
      stopped.abort()
      unwatch()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisibility)
    },
  }
}

/** When today began, by the clock of whoever looks. */
export function midnight(): Date {
  const today = new Date()
  today.setHours(0, 0, 0, 0)
  return today
}
