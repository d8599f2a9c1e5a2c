import { element, svg } from './element.js'
import { text } from './language.js'
import { moment } from './time.js'

const WIDTH = 360
const HEIGHT = 120
const PAD = { top: 10, right: 34, bottom: 10, left: 4 }
/** Two labels nearer than this would cover each other. */
const LABEL_HEIGHT = 12
const GAP_MS = 2.5 * 86_400_000

/**
 * A patient's SpO2 over the last days, with the zones that the limits open.
 * @param observations `{at, value}` in the order of time
 * @param limits       `{red, yellow}`: a value below opens the zone; either may be missing
 */
export function sparkline(observations, limits, days) {
  const last = observations.at(-1)
  if (!last) return element('p', { class: 'quiet' }, text('noChart'))
  const values = observations.map(({ value }) => value)
  // A single value far down, such as of a cold finger, is drawn at the bottom and does not flatten all the others.
  const floor = Math.min(limits.red ?? 100, median(values)) - 10
  const low = Math.max(floor, Math.min(...values, limits.red ?? 100) - 2)
  const high = Math.min(100, Math.max(...values, limits.yellow ?? 0) + 1)
  const end = Date.now()
  const start = end - days * 86_400_000
  const x = (at) => PAD.left + ((at - start) / (end - start)) * (WIDTH - PAD.left - PAD.right)
  const y = (value) => PAD.top + ((high - Math.max(value, low)) / (high - low)) * (HEIGHT - PAD.top - PAD.bottom)

  const description = text('chartText', {
    count: days,
    low: Math.min(...values),
    high: Math.max(...values),
    last: last.value,
    when: moment(new Date(last.at)),
    limits: ['yellow', 'red']
      .filter((zone) => limits[zone] !== undefined)
      .map((zone) => text(zone === 'red' ? 'limitRed' : 'limitYellow', { value: limits[zone] }))
      .join(', '),
  })
  const drawing = svg(
    'svg',
    { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': description },
    ...zones(limits, low, y),
    ...lines(observations).map((line) =>
      svg('polyline', {
        class: 'series',
        points: line.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' '),
      }),
    ),
    ...observations
      .filter(({ value }) => value < (limits.yellow ?? 0))
      .map(({ at, value }) =>
        svg('circle', {
          class: value < (limits.red ?? 0) ? 'dot red' : 'dot yellow',
          cx: x(at).toFixed(1),
          cy: y(value).toFixed(1),
          r: 2.4,
        }),
      ),
    svg('circle', { class: 'dot last', cx: x(last.at).toFixed(1), cy: y(last.value).toFixed(1), r: 4 }),
    svg('text', { class: 'value', x: x(last.at) - 8, y: y(last.value) + 4 }, String(last.value)),
  )
  return element('figure', {}, drawing, element('figcaption', {}, text('chart', { count: days })))
}

function zones({ red, yellow }, low, y) {
  const band = (zone, from, to) =>
    svg('rect', {
      class: `zone ${zone}`,
      x: 0,
      width: WIDTH - PAD.right + 4,
      y: y(from),
      height: Math.max(0, y(to) - y(from)),
    })
  const apart = yellow !== undefined && red !== undefined ? Math.max(0, LABEL_HEIGHT - (y(red) - y(yellow))) / 2 : 0
  const label = (zone, value, shift) =>
    svg('text', { class: `limit ${zone}`, x: WIDTH - PAD.right + 8, y: y(value) + 4 + shift }, String(value))
  return [
    ...(yellow === undefined ? [] : [band('yellow', yellow, red ?? low), label('yellow', yellow, -apart)]),
    ...(red === undefined ? [] : [band('red', red, low), label('red', red, apart)]),
  ]
}

/** The line breaks where days are missing: nothing was measured there, so nothing is drawn. */
function lines(observations) {
  const found = []
  for (const point of observations) {
    const line = found.at(-1)
    const before = line?.at(-1)
    if (line && before && point.at - before.at < GAP_MS) line.push(point)
    else found.push([point])
  }
  return found
}

function median(values) {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)]
}
