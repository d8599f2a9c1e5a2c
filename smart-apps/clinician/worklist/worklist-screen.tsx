import { Button, Heading, Tabs } from '@navikt/ds-react'
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { lazily } from '../../place/lazily.tsx'
import { changeQuery, navigate, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock } from '../../ui/format.ts'
import { useNow } from '../../ui/moment.tsx'
import { usePathwayNames } from '../fhir/use-pathway-names.ts'
import { useLiveState } from '../live/use-live.ts'
import { openPatient } from '../patient/open-patient.ts'
import { useMay, useSession } from '../session-context.ts'
import { isClosing } from '../task/act.ts'
import { useActDone, useHeldActs } from '../task/use-held-acts.ts'
import { AnswerView, EmptyView, LoadingRows } from '../ui/answer-view.tsx'
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
import { loadSoon } from './load-soon.ts'
import { NoticeLine } from './notice-line.tsx'
import { PatientSearch } from './patient-search.tsx'
import { byUrgency, type Patients, type Row, toGroups, toRow } from './row.ts'
import { createRowTrends, readRowTrends } from './row-trends.ts'
import { SnoozeDialog } from './snooze-dialog.tsx'
import { assessed, takeNext } from './task-acts.ts'
import { mayTake, type RowActs } from './task-row.tsx'
import { TaskTable } from './task-table.tsx'
import { WORKLIST_TEXTS } from './texts.ts'
import { useOpenTasks } from './use-open-tasks.ts'
import { useRowActs } from './use-row-acts.ts'
import { useRows } from './use-rows.ts'
import { useSteady } from './use-steady.ts'
import './worklist.css'

const TaskPanel = lazily(async () => ({ default: (await import('../task/task-panel.tsx')).TaskPanel }))

/** Ages and deadlines are told by the minute. */
const TICK_MILLIS = 30_000

/** What waits for somebody, the most urgent first; what is done to it at once, and a Task opened beside the list. */
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
  const rows = useRows(answer.data)
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
  const isWhole = answer.data?.isWhole ?? false
  /** A number that is not known yet must not be read as one. */
  const counted = (count: number): string => (isWhole ? String(count) : '…')
  const { red, yellow, grey, green } = useMemo(() => countZones(underTab), [underTab])
  const zoneCounts = { red: counted(red), yellow: counted(yellow), grey: counted(grey), green: counted(green) }
  const isThere = answer.data !== undefined
  useEffect(() => {
    if (isThere) loadSoon(TaskPanel.load)
  }, [isThere])
  const { shown, waiting, risen, letIn } = useSteady(groups, viewOf(query), isWhole)
  const [current, setCurrent] = useState<string>()

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
  const { acts: rowActs, busy, notice, setNotice } = useRowActs({ put, reload, patients })
  const noticed = useCallback(() => setNotice(undefined), [setNotice])
  const acts = useMemo<RowActs>(
    () => ({
      ...rowActs,
      snooze: (row) => setAsked({ snooze: row }),
      open: (row) => {
        setCurrent(row.id)
        changeQuery({ task: row.id })
      },
      select: (row, isSelected) => setSelected((before) => withOrWithout(before, row.id, isSelected)),
      visit: ({ patientId }) => {
        const known = patients.current.get(`Patient/${patientId}`)
        if (patientId) openPatient(fhir, patientId, known && { ...known, id: patientId })
      },
      unfold: (patientId) => setUnfolded((before) => withOrWithout(before, patientId, !before.has(patientId))),
    }),
    [rowActs, fhir],
  )

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
      run: () => {
        if (!currentRow?.patientId) return
        acts.visit(currentRow)
        navigate(`patient/${currentRow.patientId}`)
      },
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
  const held = [
    ...(waiting.length === 1 ? [text('newOne')] : []),
    ...(waiting.length > 1 ? [text('newMany', { count: waiting.length })] : []),
    ...(redWaiting > 0 ? [text('newRed', { count: redWaiting })] : []),
    ...(risen.length > 0 ? [text('risen', { count: risen.length })] : []),
  ]
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
              (!isWhole
                ? text('restComing')
                : liveState === 'live'
                  ? text('live')
                  : text('updated', { time: clock(answeredAt, language) }))}
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
            <Tabs.Tab
              key={tab}
              value={tab}
              label={answer.data ? `${text(tab)} (${counted(tabCounts[tab])})` : text(tab)}
            />
          ))}
        </Tabs.List>
        <Tabs.Panel value={filter.tab}>
          <Filters
            filter={filter}
            rows={underTab}
            pathwayName={pathwayName}
            zoneCounts={zoneCounts}
            overdueCount={counted(underTab.filter((row) => row.isOpen && isOverdue(row, seen.now)).length)}
          />
          {held.length > 0 && (
            <div className="waiting">
              <Button size="small" onClick={letIn}>
                {held.join(' · ')}
              </Button>
            </div>
          )}
          <p className="visually-hidden" role="status">
            {waiting.length > 0 && text('newSaid', { count: waiting.length, red: redWaiting })}{' '}
            {risen.length > 0 && text('risen', { count: risen.length })}
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
              known={opened?.task}
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
            await rowActs.snooze(row, given)
            setAsked(undefined)
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  )
}

const withOrWithout = (before: ReadonlySet<string>, id: string, isIn: boolean): ReadonlySet<string> =>
  isIn ? new Set(before).add(id) : new Set([...before].filter((one) => one !== id))

/** What of the address says what is listed; which Task stands beside the list does not change it. */
function viewOf(query: URLSearchParams): string {
  const listed = new URLSearchParams(query)
  listed.delete('task')
  return listed.toString()
}

function Empty({ filter }: { filter: Filter }) {
  const text = useTexts(WORKLIST_TEXTS)
  if (isNarrowed(filter)) return <EmptyView title={text('emptyFiltered')}>{text('emptyFilteredHelp')}</EmptyView>
  const kind = EMPTY[filter.tab] ?? 'emptyOther'
  return <EmptyView title={text(kind)}>{text(`${kind}Help`)}</EmptyView>
}
const EMPTY: Partial<Record<Tab, 'emptyAll' | 'emptyMine'>> = { all: 'emptyAll', mine: 'emptyMine' }
