import { Button, Heading, LocalAlert, Tabs } from '@navikt/ds-react'
import { lazy, Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { endedAt } from '../../../server/core/decide/task/task-end.ts'
import { isOfPatient, isOpen } from '../../../server/core/decide/task/task-status.ts'
import { Refused } from '../../fhir/failure.ts'
import { changeQuery, navigate, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock } from '../../ui/format.ts'
import { useNow } from '../../ui/moment.tsx'
import { usePathwayNames } from '../fhir/use-pathway-names.ts'
import { useLiveState } from '../live/use-live.ts'
import { useMay, useSession } from '../session-context.ts'
import { isClosing } from '../task/act.ts'
import { useActDone, useHeldActs } from '../task/use-held-acts.ts'
import { AnswerView, EmptyView, FailureNote, LoadingRows } from '../ui/answer-view.tsx'
import { useShortcuts } from '../ui/shortcuts.tsx'
import { AssessDialog } from './assess-dialog.tsx'
import {
  countTabs,
  countZones,
  type Filter,
  isNarrowed,
  isOverdue,
  isUnder,
  passes,
  readFilter,
  TABS,
  type Tab,
} from './filter.ts'
import { Filters } from './filters.tsx'
import { keptRows } from './kept-rows.ts'
import { loadPatientSoon } from './load-patient.ts'
import { PatientSearch } from './patient-search.tsx'
import { byUrgency, type Group, type Patients, type Row, toGroups, toRow, withNames } from './row.ts'
import { createRowTrends, type RowTrends, readRowTrends } from './row-trends.ts'
import { SnoozeDialog } from './snooze-dialog.tsx'
import { steady } from './steady-order.ts'
import { assessed, claim, release, snooze, takeNext, wake } from './task-acts.ts'
import { mayTake, type RowActs, TaskRow } from './task-row.tsx'
import { WORKLIST_TEXTS } from './texts.ts'
import { midnight, type OpenTasks, useOpenTasks } from './use-open-tasks.ts'
import './worklist.css'

const TaskPanel = lazy(() => import('../task/task-panel.tsx').then((found) => ({ default: found.TaskPanel })))

/** Ages and deadlines are told by the minute. */
const TICK_MILLIS = 30_000
/** After the pointer has rested or gone, the list may move again. */
const HELD_MILLIS = 4_000

/** @property undo takes back what is told, while it is told */
type Notice = { words: string; failure?: Error; undo?: () => void }

/** @property back what takes it back, given the Task as it is then */
type Act = {
  run: (row: Row) => Promise<Row['task']>
  words: string
  back?: (row: Row) => Promise<Row['task']>
}

export default function WorklistScreen() {
  const text = useTexts(WORKLIST_TEXTS)
  const language = useLanguage()
  const { fhir, live, session } = useSession()
  const may = useMay()
  const answer = useOpenTasks(fhir, live)
  const liveState = useLiveState()
  const now = useNow(TICK_MILLIS)
  const pathwayName = usePathwayNames()
  const { query } = usePlace()
  const filter = useMemo(() => readFilter(query), [query])
  const me = session.fhirUser
  const rows = useKeptRows(answer.data)
  const [notice, setNotice] = useState<Notice>()
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set())
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  const [asked, setAsked] = useState<{ snooze: Row } | 'assess'>()
  const search = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLTableElement>(null)
  const mayChange = may('Task', 'u')
  const trends = useMemo(() => createRowTrends((patients) => readRowTrends(fhir, patients)), [fhir])
  const hasTeams = useMemo(() => new Set(rows.map(({ team }) => team)).size > 1, [rows])

  // The time that filters see goes on with the data, not with each tick: a row must not leave between two looks.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const seen = useMemo(() => ({ me, now: new Date() }), [me, answer.data])
  const underTab = useMemo(() => rows.filter((row) => isUnder(filter.tab, row, seen)), [rows, filter.tab, seen])
  const groups = useMemo(
    () => toGroups(underTab.filter((row) => passes(row, filter, seen)).sort(byUrgency)),
    [underTab, filter, seen],
  )
  const tabCounts = useMemo(() => countTabs(rows, seen), [rows, seen])
  const zoneCounts = useMemo(() => countZones(underTab), [underTab])
  const isThere = answer.data !== undefined
  useEffect(() => {
    if (isThere) loadPatientSoon()
  }, [isThere])
  const { shown, waiting, letIn } = useSteady(groups, viewOf(query))
  const [current, setCurrent] = useState<string>()

  const noticed = useCallback(() => setNotice(undefined), [])
  const put = answer.put
  const reload = answer.reload
  const patients = useRef<Patients>(new Map())
  patients.current = answer.data?.patients ?? patients.current
  const openedId = query.get('task') ?? undefined
  const opened = rows.find(({ id }) => id === openedId)
  useActDone(reload)
  const known = answer.data?.tasks
  const putNewer = useCallback(
    (task: Row['task']) => {
      if (Number(known?.get(task.id)?.meta?.versionId ?? 0) < Number(task.meta?.versionId)) put(task)
    },
    [known, put],
  )
  const closePanel = useCallback(() => {
    changeQuery({ task: undefined })
    const row = list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(openedId ?? '')}"]`)
    // On a phone the list is drawn again only now.
    requestAnimationFrame(() => (row?.querySelector<HTMLElement>('.reason') ?? list.current)?.focus())
  }, [openedId])
  const act = useCallback(
    async (row: Row, { run, words, back }: Act) => {
      // What was told of the act before cannot be taken back any more, nor twice.
      setNotice(undefined)
      setBusy((before) => new Set(before).add(row.id))
      try {
        const task = await run(row)
        put(task)
        // Taken back is the version that this has made: whatever somebody else does meanwhile stands.
        const after = toRow(task, patients.current)
        const undo = back && (() => void act(after, { run: back, words: text('undone', { name: row.patientName }) }))
        setNotice({ words, ...(undo && { undo }) })
      } catch (error) {
        const isConflict = error instanceof Refused && error.isConflict
        setNotice({ words: isConflict ? text('conflict') : '', ...(isConflict ? {} : { failure: error as Error }) })
        reload()
      }
      setBusy((before) => new Set([...before].filter((id) => id !== row.id)))
    },
    [put, reload, text],
  )
  const acts = useMemo<RowActs>(() => {
    const doClaim = (row: Row) => claim(fhir, row)
    const doRelease = (row: Row) => release(fhir, row)
    const doWake = (row: Row) => wake(fhir, row)
    return {
      take: (row) => void act(row, { run: doClaim, back: doRelease, words: text('taken', { name: row.patientName }) }),
      release: (row) =>
        void act(row, { run: doRelease, back: doClaim, words: text('released', { name: row.patientName }) }),
      wake: (row) => {
        const { snoozedUntil: until, task } = row
        const reason = task.statusReason?.text
        // As it was: with the same reason, until the same time.
        const back = until && reason ? (woken: Row) => snooze(fhir, woken, { reason, until }) : undefined
        void act(row, { run: doWake, ...(back && { back }), words: text('woken', { name: row.patientName }) })
      },
      snooze: (row) => setAsked({ snooze: row }),
      open: (row) => {
        setCurrent(row.id)
        changeQuery({ task: row.id })
      },
      select: (row, isSelected) =>
        setSelected((before) =>
          isSelected ? new Set(before).add(row.id) : new Set([...before].filter((id) => id !== row.id)),
        ),
      unfold: (patientId) =>
        setUnfolded((before) =>
          before.has(patientId)
            ? new Set([...before].filter((id) => id !== patientId))
            : new Set(before).add(patientId),
        ),
    }
  }, [act, fhir, text])

  const visible = useMemo(
    () => shown.flatMap(({ id, first, more }) => (unfolded.has(id) ? [first, ...more] : [first])),
    [shown, unfolded],
  )
  const { hold, acts: heldActs } = useHeldActs()
  const ending = useMemo(
    () =>
      new Set(
        heldActs.flatMap(({ state, request, taskIds }) =>
          state !== 'done' && state !== 'failed' && isClosing(request) ? taskIds : [],
        ),
      ),
    [heldActs],
  )
  const chosen = useMemo(
    () => rows.filter(({ id, isOpen, zone }) => isOpen && zone === 'green' && selected.has(id) && !ending.has(id)),
    [rows, selected, ending],
  )
  const greens = visible.filter(({ zone, isOpen }) => zone === 'green' && isOpen)

  const isTaking = useRef(false)
  const next = async () => {
    // Whoever clicks twice wants one.
    if (isTaking.current) return
    isTaking.current = true
    try {
      const { task, waiting: count } = await takeNext(fhir)
      if (!task) return setNotice({ words: text('nextNone') })
      put(task)
      const row = toRow(task, answer.data?.patients ?? new Map())
      setNotice({ words: text('nextTaken', { name: row.patientName, waiting: count }) })
      setCurrent(row.id)
      if (openedId) changeQuery({ task: row.id })
    } catch (error) {
      setNotice({ words: '', failure: error as Error })
    } finally {
      isTaking.current = false
    }
  }

  const assessChosen = (reason: string) => {
    const count = chosen.length
    const words = {
      held: count === 1 ? text('assessHeldOne') : text('assessHeld', { count }),
      done: count === 1 ? text('assessedOne') : text('assessed', { count }),
      partly: text('assessedPartly', { count: '{count}', failed: '{failed}' }),
    }
    const doer = { reference: me ?? '' }
    hold(assessed(chosen, { id: crypto.randomUUID(), now: new Date(), reason, words, doer }))
    setAsked(undefined)
    setSelected(new Set())
  }

  const moveTo = (step: 1 | -1) => {
    const at = visible.findIndex(({ id }) => id === current)
    const row =
      visible[at < 0 ? (step > 0 ? 0 : visible.length - 1) : Math.min(Math.max(at + step, 0), visible.length - 1)]
    if (!row) return
    setCurrent(row.id)
    const link = list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(row.id)}"] .task-link`)
    link?.focus({ preventScroll: true })
    link?.scrollIntoView({ block: 'nearest' })
  }
  const currentRow = visible.find(({ id }) => id === current)
  useShortcuts([
    { keys: 'j', label: text('nextRow'), run: () => moveTo(1), repeats: true },
    { keys: 'k', label: text('previousRow'), run: () => moveTo(-1), repeats: true },
    {
      keys: 'Enter',
      label: text('openRow'),
      run: () => currentRow?.patientId && navigate(`patient/${currentRow.patientId}`),
    },
    { keys: 'v', label: text('assessRow'), run: () => currentRow && acts.open(currentRow) },
    ...(mayChange
      ? [
          { keys: 'a', label: text('take'), run: () => currentRow && mayTake(currentRow, me) && acts.take(currentRow) },
          { keys: 'n', label: text('next'), run: () => void next() },
        ]
      : []),
    ...(notice?.undo ? [{ keys: 'z', label: text('undo'), run: notice.undo }] : []),
    { keys: '/', label: text('search'), run: () => search.current?.focus() },
  ])

  const openCountOf = useCallback(
    (patientId: string) => rows.filter((row) => row.isOpen && row.patientId === patientId).length,
    [rows],
  )
  const redWaiting = waiting.filter(({ first }) => first.zone === 'red').length
  const { answeredAt } = answer
  return (
    <div className={openedId ? 'worklist beside' : 'worklist'}>
      <div className="worklist-head">
        <div className="worklist-title">
          <Heading size="medium" level="1">
            {text('title')}
          </Heading>
          <span className="quiet fresh">
            {answeredAt &&
              (liveState === 'live' ? text('live') : text('updated', { time: clock(answeredAt, language) }))}
          </span>
        </div>
        <PatientSearch field={search} openCountOf={openCountOf} />
        {mayChange && (
          <Button size="small" onClick={() => void next()}>
            {text('next')}
          </Button>
        )}
      </div>
      <Tabs
        value={filter.tab}
        onChange={(tab) => changeQuery({ tab: tab === 'all' ? undefined : tab })}
        size="small"
        selectionFollowsFocus
      >
        <Tabs.List aria-label={text('tabs')}>
          {TABS.map((tab) => (
            <Tabs.Tab key={tab} value={tab} label={answer.data ? `${text(tab)} (${tabCounts[tab]})` : text(tab)} />
          ))}
        </Tabs.List>
        <Tabs.Panel value={filter.tab}>
          <Filters
            filter={filter}
            rows={underTab}
            pathwayName={pathwayName}
            zoneCounts={zoneCounts}
            overdueCount={underTab.filter((row) => row.isOpen && isOverdue(row, seen.now)).length}
          />
          {waiting.length > 0 && (
            <div className="waiting">
              <Button size="small" onClick={letIn}>
                {waiting.length === 1 ? text('newOne') : text('newMany', { count: waiting.length })}
                {redWaiting > 0 && ` · ${text('newRed', { count: redWaiting })}`}
              </Button>
            </div>
          )}
          <p className="visually-hidden" role="status">
            {waiting.length > 0 && text('newSaid', { count: waiting.length, red: redWaiting })}
          </p>
          {chosen.length > 0 && (
            <div className="chosen" role="toolbar" aria-label={text('selected', { count: chosen.length })}>
              <strong>{text('selected', { count: chosen.length })}</strong>
              <Button size="xsmall" variant="tertiary" onClick={() => setSelected(new Set(greens.map(({ id }) => id)))}>
                {text('selectGreens')} ({greens.length})
              </Button>
              <Button size="xsmall" onClick={() => setAsked('assess')}>
                {text('assess')} …
              </Button>
            </div>
          )}
          <AnswerView
            answer={answer}
            what={text('tasks')}
            rows={10}
            isEmpty={() => shown.length === 0}
            empty={<Empty filter={filter} />}
          >
            {() => (
              <TaskTable
                ref={list}
                groups={shown}
                rowProps={(row) => ({
                  isSelected: selected.has(row.id),
                  isBusy: busy.has(row.id),
                  isEnding: ending.has(row.id),
                  isCurrent: row.id === current,
                  isOpened: row.id === openedId,
                })}
                unfolded={unfolded}
                onCurrent={setCurrent}
                {...{ me, mayChange, hasTeams, pathwayName, now, acts, trends }}
              />
            )}
          </AnswerView>
          {answer.data?.isCut && <p className="quiet">{text('cut', { count: rows.length })}</p>}
        </Tabs.Panel>
      </Tabs>
      {openedId && (
        <aside className="worklist-task" aria-label={text('openedTask')}>
          <Suspense fallback={<LoadingRows count={6} />}>
            <TaskPanel
              key={openedId}
              id={openedId}
              patientHint={opened?.patientId}
              told={opened?.versionId}
              onClose={closePanel}
              onChanged={putNewer}
              onNext={mayChange ? () => void next() : undefined}
            />
          </Suspense>
        </aside>
      )}
      <NoticeLine notice={notice} onDone={noticed} />
      {asked === 'assess' && (
        <AssessDialog count={chosen.length} onAssess={assessChosen} onClose={() => setAsked(undefined)} />
      )}
      {typeof asked === 'object' && (
        <SnoozeDialog
          row={asked.snooze}
          onSnooze={async (row, given) => {
            const task = await snooze(fhir, row, given)
            put(task)
            setAsked(undefined)
            const after = toRow(task, patients.current)
            const words = text('undone', { name: row.patientName })
            setNotice({
              words: text('isSnoozed', { name: row.patientName }),
              undo: () => void act(after, { run: (snoozed) => wake(fhir, snoozed), words }),
            })
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  )
}

/** The rows of what is known, with those that say the same as before kept as they were. */
function useKeptRows(data: OpenTasks | undefined): Row[] {
  const before = useRef<ReadonlyMap<string, Row>>(new Map())
  return useMemo(() => {
    const rows = keptRows(before.current, rowsOf(data))
    before.current = new Map(rows.map((row) => [row.id, row]))
    return rows
  }, [data])
}

const rowsOf = (data: OpenTasks | undefined): Row[] =>
  // What patients are asked to do is theirs. What was written today may have ended long ago, such as what comes from another system.
  data
    ? withNames(
        [...data.tasks.values()]
          .filter((task) => !isOfPatient(task) && (isOpen(task) || endedAt(task) >= midnight().getTime()))
          .map((task) => toRow(task, data.patients)),
        data.names,
      )
    : []

/** What of the address says what is listed; which Task stands beside the list does not change it. */
function viewOf(query: URLSearchParams): string {
  const listed = new URLSearchParams(query)
  listed.delete('task')
  return listed.toString()
}

type TableProps = {
  ref: React.Ref<HTMLTableElement>
  groups: readonly Group[]
  rowProps: (row: Row) => {
    isSelected: boolean
    isBusy: boolean
    isEnding: boolean
    isCurrent: boolean
    isOpened: boolean
  }
  unfolded: ReadonlySet<string>
  onCurrent: (id: string) => void
  me: string | undefined
  mayChange: boolean
  hasTeams: boolean
  pathwayName: (pathway: string) => string
  now: Date
  acts: RowActs
  trends: RowTrends
}

function TaskTable({ ref, groups, rowProps, unfolded, onCurrent, ...rest }: TableProps) {
  const text = useTexts(WORKLIST_TEXTS)
  const focused = (target: EventTarget) => {
    const id = (target as HTMLElement).closest<HTMLElement>('[data-id]')?.dataset.id
    if (id) onCurrent(id)
  }
  return (
    // The roles are said because on a phone its rows are cards, which are no table for a browser.
    <table
      ref={ref}
      // biome-ignore lint/a11y/noRedundantRoles: see above
      role="table"
      className="tasks"
      aria-label={text('title')}
      onFocus={({ target }) => focused(target)}
    >
      {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
      <thead role="rowgroup">
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <tr role="row">
          <td />
          {(['zone', 'patient', 'why', 'trend', 'waited', 'deadline', 'who'] as const).map((name) => (
            // biome-ignore lint/a11y/noRedundantRoles: as above
            <th key={name} role="columnheader" scope="col" className={`col-${name}`}>
              {text(name)}
            </th>
          ))}
          {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
          <th role="columnheader" scope="col" className="col-acts">
            <span className="visually-hidden">{text('actions')}</span>
          </th>
        </tr>
      </thead>
      {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
      <tbody role="rowgroup">
        {groups.map(({ id, first, more }) => {
          const isUnfolded = unfolded.has(id)
          const inner = isUnfolded ? more : []
          return [
            <TaskRow
              key={first.id}
              row={first}
              moreCount={more.length}
              isUnfolded={isUnfolded}
              isInner={false}
              {...rowProps(first)}
              {...rest}
            />,
            ...inner.map((row) => (
              <TaskRow key={row.id} row={row} moreCount={0} isUnfolded={false} isInner {...rowProps(row)} {...rest} />
            )),
          ]
        })}
      </tbody>
    </table>
  )
}

function Empty({ filter }: { filter: Filter }) {
  const text = useTexts(WORKLIST_TEXTS)
  if (isNarrowed(filter)) return <EmptyView title={text('emptyFiltered')}>{text('emptyFilteredHelp')}</EmptyView>
  const kind = EMPTY[filter.tab] ?? 'emptyOther'
  return <EmptyView title={text(kind)}>{text(`${kind}Help`)}</EmptyView>
}
const EMPTY: Partial<Record<Tab, 'emptyAll' | 'emptyMine'>> = { all: 'emptyAll', mine: 'emptyMine' }

const NOTICE_MILLIS = 10_000

/** What came of the last act; it goes by itself, and is read aloud. */
function NoticeLine({ notice, onDone }: { notice: Notice | undefined; onDone: () => void }) {
  const text = useTexts(WORKLIST_TEXTS)
  const line = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!notice || notice.failure) return
    let timer = setTimeout(function go() {
      // Whoever is about to press its button is not robbed of it.
      if (line.current?.matches(':hover, :focus-within')) timer = setTimeout(go, NOTICE_MILLIS)
      else onDone()
    }, NOTICE_MILLIS)
    return () => clearTimeout(timer)
  }, [notice, onDone])
  return (
    <div ref={line} className="notice-line" role="status">
      {notice?.words && (
        <p>
          {notice.words}
          {notice.undo && (
            <button type="button" className="undo" onClick={notice.undo}>
              {text('undo')}
            </button>
          )}
        </p>
      )}
      {notice?.failure && (
        <LocalAlert status="error" size="small">
          <LocalAlert.Content>
            <FailureNote failure={notice.failure} />
            <Button size="xsmall" variant="secondary" onClick={onDone}>
              {text('dismiss')}
            </Button>
          </LocalAlert.Content>
        </LocalAlert>
      )}
    </div>
  )
}

/**
 * The groups in an order that does not change under somebody's hand: while the pointer has just moved over the list, or the keyboard
 * stands in it, what is new waits behind a button.
 * @param view another view is drawn anew
 */
function useSteady(groups: readonly Group[], view: string) {
  const drawn = useRef<{ view: string; ids: readonly string[] }>({ view, ids: [] })
  const heldUntil = useRef(0)
  const [, redraw] = useState(0)
  useEffect(() => {
    const onMove = ({ target }: Event) => {
      if (target instanceof Element && target.closest('table.tasks')) heldUntil.current = Date.now() + HELD_MILLIS
    }
    const names = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const
    for (const name of names) document.addEventListener(name, onMove, { passive: true })
    return () => {
      for (const name of names) document.removeEventListener(name, onMove)
    }
  }, [])
  const isHeld =
    drawn.current.view === view &&
    (Date.now() < heldUntil.current || document.activeElement?.closest('table.tasks') != null || window.scrollY > 40)
  const { shown, waiting } = steady(drawn.current.ids, groups, isHeld)
  useLayoutEffect(() => {
    drawn.current = { view, ids: shown.map(({ id }) => id) }
  })
  const letIn = () => {
    drawn.current = { view, ids: [] }
    window.scrollTo({ top: 0 })
    redraw((count) => count + 1)
  }
  return { shown, waiting, letIn }
}
