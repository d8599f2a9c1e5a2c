import { element, setText, svg } from './element.js'
import { showExplanation } from './explanation.js'
import { text } from './language.js'
import { byUrgency, COLOURS } from './tasks.js'
import { age, ago, clockWithSeconds, moment, span } from './time.js'

const ROWS_MAX = 60
const FRESH_MS = 8_000

/** Colour is never alone: each has a shape of its own, and its word stands beside it. */
const SHAPES = {
  red: () => [
    svg('path', { d: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z' }),
    svg('path', { class: 'sign', d: 'M8 4.2v4.6M8 11.4v.4' }),
  ],
  yellow: () => [svg('path', { d: 'M8 1.2 15.4 14.6H.6z' }), svg('path', { class: 'sign', d: 'M8 6v3.6M8 12v.3' })],
  grey: () => [
    svg('circle', { class: 'dashed', cx: 8, cy: 8, r: 6.4 }),
    svg('path', { class: 'sign', d: 'M5.4 8h5.2' }),
  ],
  green: () => [svg('circle', { cx: 8, cy: 8, r: 7 }), svg('path', { class: 'sign', d: 'M4.9 8.2l2.1 2.1 4.1-4.4' })],
}

/** The list of open Tasks on the page. */
export function createWorklist() {
  const list = document.getElementById('rows')
  const shown = new Map()
  let rows = []
  let hasMore = false
  let updatedAt

  const update = (openRows, fresh, more) => {
    rows = openRows.sort(byUrgency)
    hasMore = more
    updatedAt = new Date()
    draw(fresh)
    announce(rows.filter(({ id }) => fresh.has(id)))
  }

  const draw = (fresh = new Set()) => {
    const visible = rows.slice(0, ROWS_MAX)
    endLoading()
    keepInPlace(list, () => {
      remove(visible)
      for (const [i, row] of visible.entries()) place(row, i, fresh.has(row.id))
    })
    drawCounts(rows)
    drawBlank(rows.length === 0)
    const more = document.getElementById('more')
    more.hidden = rows.length <= ROWS_MAX && !hasMore
    setText(more, text('more', { count: visible.length }))
    tick()
  }

  const remove = (visible) => {
    const ids = new Set(visible.map(({ id }) => id))
    for (const [id, item] of shown) {
      if (ids.has(id)) continue
      item.root.remove()
      shown.delete(id)
    }
  }

  const place = (row, index, isFresh) => {
    const item = shown.get(row.id) ?? createItem(row)
    if (!shown.has(row.id)) shown.set(row.id, item)
    item.show(row)
    const there = list.children[index]
    if (there !== item.root) move(list, item.root, there)
    if (isFresh) item.markFresh()
  }

  /** What changes by the clock alone: ages, deadlines, how fresh the list is. */
  const tick = () => {
    for (const item of shown.values()) item.tick()
    if (updatedAt) setText(document.getElementById('freshness'), text('updated', { time: clockWithSeconds(updatedAt) }))
  }
  setInterval(tick, 1000)

  return { update, redraw: () => updatedAt && draw(), updatedAt: () => updatedAt }
}

/** One row: a summary that opens to the explanation. */
function createItem(first) {
  let row = first
  const badge = element('span', { class: 'badge' })
  const patient = element('span', { class: 'patient' })
  const years = element('span', { class: 'years' })
  const reason = element('span', { class: 'reason' })
  const raised = element('time', { class: 'raised' })
  const deadline = element('span', { class: 'deadline' })
  const why = element('div', { class: 'why' })
  const summary = element(
    'summary',
    {},
    badge,
    element('span', { class: 'person' }, patient, ' ', years),
    reason,
    element('span', { class: 'times' }, raised, deadline),
    svg('svg', { class: 'chevron', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: 'm5 3 5 5-5 5' })),
  )
  const details = element('details', {}, summary, why)
  const root = element('li', { class: 'row' }, element('div', { class: 'fold' }, details))
  details.addEventListener('toggle', () => {
    if (details.open) showExplanation(why, row)
  })

  const tick = () => {
    const now = new Date()
    setText(raised, ago(row.authoredOn, now))
    raised.dateTime = row.authoredOn.toISOString()
    raised.title = moment(row.authoredOn, now)
    drawDeadline(deadline, row.deadline, now)
  }

  return {
    root,
    tick,
    show(next) {
      const changed = next.versionId !== row.versionId
      row = next
      root.dataset.colour = row.colour
      badge.replaceChildren(shape(row.colour), element('span', { class: 'word' }, text(row.colour)))
      setText(patient, row.patient)
      const count = age(row.birthDate)
      setText(years, count === undefined ? '' : text('year', { count }))
      setText(reason, row.reason.text)
      reason.lang = row.reason.lang
      tick()
      if (changed && details.open) showExplanation(why, row)
    },
    markFresh() {
      root.classList.remove('fresh')
      // Reading the size between the two makes the highlight start anew for a Task that is seen again.
      void root.offsetWidth
      root.classList.add('fresh')
      setTimeout(() => root.classList.remove('fresh'), FRESH_MS)
    },
  }
}

function drawDeadline(node, at, now) {
  if (!at) return setText(node, '')
  const late = at < now
  node.classList.toggle('late', late)
  setText(
    node,
    late ? text('overdue', { span: span(now - at) }) : `${text('due')} ${text('dueIn', { span: span(at - now) })}`,
  )
  node.title = moment(at, now)
}

function shape(colour) {
  return svg('svg', { class: 'shape', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, ...SHAPES[colour]())
}

function drawCounts(rows) {
  const counts = document.getElementById('counts')
  counts.replaceChildren(
    ...COLOURS.map((colour) => {
      const count = rows.filter((row) => row.colour === colour).length
      const word = element('span', { class: 'word' }, text(colour))
      return element('li', { 'data-colour': colour }, shape(colour), word, element('b', {}, String(count)))
    }),
  )
}

function drawBlank(empty) {
  const blank = document.getElementById('blank')
  blank.hidden = !empty
  if (empty) showBlank(text('emptyTitle'), text('emptyText'))
}

/** What stands in the place of the list when there is none: empty, not allowed, failed. */
export function showBlank(title, explanation, ...actions) {
  const blank = document.getElementById('blank')
  blank.hidden = false
  endLoading()
  blank.replaceChildren(element('h3', {}, title), element('p', {}, explanation), ...actions)
}

/** The rows that only held the place go when there is something to show. */
function endLoading() {
  const list = document.getElementById('rows')
  list.setAttribute('aria-busy', 'false')
  for (const row of list.querySelectorAll('.skeleton')) row.remove()
}

function announce(fresh) {
  if (fresh.length === 0) return
  const [row] = fresh
  const { patient, reason } = row
  const words =
    fresh.length === 1
      ? text('announceNew', { colour: text(row.colour), patient, reason: reason.text })
      : text('announceMany', { count: fresh.length })
  setText(document.getElementById('announcement'), words)
}

/** A row that someone points at or stands in stays under their hand while others come in above it. */
function keepInPlace(list, change) {
  const anchor = list.contains(document.activeElement)
    ? document.activeElement.closest('.row')
    : list.querySelector('.row:hover')
  const before = anchor?.getBoundingClientRect().top
  const focused = document.activeElement
  change()
  if (!anchor?.isConnected) return
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true })
  const moved = anchor.getBoundingClientRect().top - before
  if (moved !== 0) window.scrollBy({ top: moved, behavior: 'instant' })
}

/** `moveBefore` keeps focus and open state where the browser has it. */
function move(list, node, before) {
  if (node.isConnected && list.moveBefore) list.moveBefore(node, before ?? null)
  else list.insertBefore(node, before ?? null)
}
