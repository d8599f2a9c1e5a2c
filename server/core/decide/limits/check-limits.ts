import type { Extension, GoalTarget } from '@medplum/fhirtypes'
import { LIMIT } from '../plan/vocabulary.ts'
import { fromOsloClock, toOsloClock } from '../time/oslo-time.ts'
import { inForce, isAlike } from './limit-window.ts'
import { type Comparator, type Limit, toLimit } from './limits.ts'

/** What is wrong with one target: where in the target, and what was expected. */
export type LimitProblem = { target: number; path: string; diagnostics: string }

/** A limit of a target, which knows where it stands; limits from elsewhere stand nowhere. */
type PlacedLimit = Limit & { target?: number }

const ZONES = ['red', 'yellow', 'plausible', 'baseline']
const SIDES: Record<'low' | 'high', Comparator[]> = { low: ['<', '<='], high: ['>', '>='] }

/**
 * Whether limits can be meant: each by itself, and all together at every moment of the day and of the periods that they name. Red
 * lies inside yellow, low below high, and all inside what is plausible; so whatever is red is yellow too.
 * @param others limits that count beside these: the person's from other Goals, and the plan's
 */
export function checkLimits(targets: GoalTarget[], others: Limit[] = []): LimitProblem[] {
  const alone = targets.flatMap((target, i) => checkTarget(target).map((problem) => ({ target: i, ...problem })))
  if (alone.length > 0) return alone
  const placed = targets.flatMap((target, i): PlacedLimit[] =>
    toLimit(target, 'patient').map((limit) => ({ ...limit, target: i })),
  )
  const found = new Map<string, LimitProblem>()
  for (const problem of [
    ...repeated(placed),
    ...momentsOf([...placed, ...others]).flatMap((at) => clashes(placed, others, at)),
  ]) {
    found.set(`${problem.target} ${problem.diagnostics}`, problem)
  }
  return [...found.values()]
}

type Problem = Omit<LimitProblem, 'target'>

function checkTarget(target: GoalTarget): Problem[] {
  const extension = target.extension?.find(({ url }) => url === LIMIT)
  if (!extension) return []
  const part = (url: string) => extension.extension?.find((inner) => inner.url === url)
  const inPart = (url: string) => `extension('${LIMIT}').extension('${url}')`
  const problems: Problem[] = []
  const refuse = (path: string, diagnostics: string) => void problems.push({ path, diagnostics })

  const zone = part('zone')?.valueCode ?? ''
  if (!ZONES.includes(zone)) refuse(inPart('zone'), `zone must be ${ZONES.join(', ')}, not '${zone}'.`)
  const side = part('side')?.valueCode ?? 'low'
  if (side !== 'low' && side !== 'high') refuse(inPart('side'), `side must be low or high, not '${side}'.`)
  if (!target.measure?.coding?.some(({ code }) => code)) refuse('measure', 'A limit needs the code of what it limits.')
  if (problems.length > 0) return problems

  const [limit] = toLimit(target, 'patient')
  if (!limit)
    refuse(
      'detail',
      zone === 'plausible'
        ? 'plausible needs a detailRange with low and high.'
        : 'A limit needs its value: a detailQuantity, or a detailRange.',
    )
  else if (!limit.unit) refuse('detail', 'A limit needs its unit; without one it is held against nothing.')
  if (limit?.valueMax !== undefined && limit.value >= limit.valueMax)
    refuse('detail', 'plausible must begin below its end.')
  if (limit?.comparator && !SIDES[side as 'low' | 'high'].includes(limit.comparator)) {
    refuse(
      'detail.ofType(Quantity).comparator',
      `On the ${side} side the comparator is ${SIDES[side as 'low' | 'high'].join(' or ')}, not ${limit.comparator}.`,
    )
  }
  return [...problems, ...checkKind(extension, limit, inPart), ...checkWindow(extension, inPart)]
}

/** Relative to the usual value, or on the trend; never both. */
function checkKind(extension: Extension, limit: Limit | undefined, inPart: (url: string) => string): Problem[] {
  const part = (url: string) => extension.extension?.find((inner) => inner.url === url)
  const problems: Problem[] = []
  const refuse = (url: string, diagnostics: string) => void problems.push({ path: inPart(url), diagnostics })
  const [relativeTo, trend, window] = [part('relativeTo')?.valueCode, part('trend')?.valueCode, part('window')]
  if (relativeTo !== undefined && relativeTo !== 'baseline' && relativeTo !== 'baseline-percent')
    refuse('relativeTo', `relativeTo must be baseline or baseline-percent, not '${relativeTo}'.`)
  if (limit?.inPercent && limit.unit !== '%')
    refuse('relativeTo', `A limit in percent of the baseline is in %, not '${limit.unit}'.`)
  if (limit?.inPercent && limit.side === 'low' && limit.value <= -100)
    refuse('relativeTo', `${limit.value} % of the baseline leaves nothing: nothing can lie below.`)
  if (trend !== undefined && trend !== 'slope' && trend !== 'change')
    refuse('trend', `trend must be slope or change, not '${trend}'.`)
  if (trend !== undefined && relativeTo !== undefined)
    refuse('trend', 'A limit is on the trend or relative to the baseline, not both.')
  if ((trend === undefined) !== (window === undefined))
    refuse('window', 'trend and window come together: over which time.')
  const { value, code, unit } = window?.valueDuration ?? {}
  if (window && !(value !== undefined && value > 0 && ['h', 'd', 'wk'].includes(code ?? unit ?? ''))) {
    refuse('window', 'window must be a Duration of more than nothing in h, d or wk.')
  }
  if (trend === 'slope' && limit && !limit.unit.endsWith('/d'))
    refuse('trend', `A slope is in a unit a day, such as kg/d, not '${limit.unit}'.`)
  const isOutward = limit && (limit.side === 'high' ? limit.value > 0 : limit.value < 0)
  if (limit?.side && (limit.relative || limit.trend) && !isOutward) {
    const kind = limit.trend ? 'a trend' : 'a difference from the baseline'
    problems.push({
      path: 'detail',
      diagnostics: `On the ${limit.side} side ${kind} is ${limit.side === 'high' ? 'above' : 'below'} 0, not ${limit.value}.`,
    })
  }
  return problems
}

function checkWindow(extension: Extension, inPart: (url: string) => string): Problem[] {
  const part = (url: string) => extension.extension?.find((inner) => inner.url === url)
  const [from, to] = [part('from')?.valueTime, part('to')?.valueTime]
  const { start, end } = part('period')?.valuePeriod ?? {}
  return [
    ...((from === undefined) === (to === undefined)
      ? []
      : [{ path: inPart(from ? 'to' : 'from'), diagnostics: 'from and to come together: a part of the day.' }]),
    ...(from !== undefined && from === to
      ? [{ path: inPart('to'), diagnostics: 'from and to must differ; without them the limit counts all day.' }]
      : []),
    ...(start && end && Date.parse(start) > Date.parse(end)
      ? [{ path: inPart('period'), diagnostics: `The period ends (${end}) before it begins (${start}).` }]
      : []),
  ]
}

/** Two of the Goal that say the same, in the same window: which one is meant? */
function repeated(limits: PlacedLimit[]): LimitProblem[] {
  const sameWindow = (one: Limit, other: Limit) =>
    JSON.stringify([one.timeOfDay, one.valid]) === JSON.stringify([other.timeOfDay, other.valid])
  return limits.flatMap((limit, i) =>
    limits.slice(0, i).some((other) => isAlike(limit, other) && sameWindow(limit, other))
      ? [{ target: limit.target ?? 0, path: 'detail', diagnostics: `There are two limits for ${nameOf(limit)}.` }]
      : [],
  )
}

/** Moments between which nothing changes in which limits count. */
function momentsOf(limits: Limit[]): Date[] {
  const edges = limits.flatMap(({ valid }) => [valid?.from, valid?.until].filter((edge) => edge !== undefined))
  const instants = [0, ...edges.flatMap((edge) => [edge - 86_400_000, edge, edge + 86_400_000])]
  const minutes = new Set([0, ...limits.flatMap(({ timeOfDay }) => (timeOfDay ? [timeOfDay.from, timeOfDay.to] : []))])
  return instants.flatMap((instant) => {
    const { date } = toOsloClock(new Date(instant))
    return [...minutes].map((minute) => fromOsloClock(date, minute))
  })
}

/** What contradicts what among the limits of one moment. Only what one of the targets takes part in is told. */
function clashes(placed: PlacedLimit[], others: Limit[], at: Date): LimitProblem[] {
  const counting: PlacedLimit[] = inForce([...placed, ...others], at)
  return counting.flatMap((one) =>
    counting.flatMap((other) => {
      const target = one.target ?? other.target
      if (target === undefined || one === other || !one.codes.some((code) => other.codes.includes(code))) return []
      const diagnostics = contradiction(one, other)
      return diagnostics ? [{ target, path: 'detail', diagnostics }] : []
    }),
  )
}

/** Told from one side only, so that each is told once. */
function contradiction(one: Limit, other: Limit): string | undefined {
  if (one.inPercent && other.zone === 'baseline' && other.value <= 0) {
    return `${nameOf(one)} is in percent of the baseline, which must be above 0, not ${other.value} ${other.unit}.`
  }
  const said = (limit: Limit) => `${nameOf(limit)} ${limit.comparator ?? ''} ${limit.value} ${limit.unit}`
  if (
    one.zone === 'red' &&
    other.zone === 'yellow' &&
    isAlike({ ...one, zone: 'yellow' }, other) &&
    !isInside(one, other)
  ) {
    return `Whatever is red must be yellow too: ${said(one)} is not inside ${said(other)}.`
  }
  const isPlain = (limit: Limit) => !limit.relative && !limit.trend
  if (!isPlain(one) || !isPlain(other)) return undefined
  if (one.unit !== other.unit)
    return nameOf(one) < nameOf(other)
      ? `${nameOf(one)} is in ${one.unit}, ${nameOf(other)} in ${other.unit}.`
      : undefined
  if (one.zone === other.zone && one.side === 'low' && other.side === 'high' && one.value >= other.value) {
    return `${said(one)} must lie below ${said(other)}.`
  }
  if (
    other.zone === 'plausible' &&
    one.zone !== 'plausible' &&
    (one.value < other.value || one.value > (other.valueMax ?? Infinity))
  ) {
    return `${said(one)} lies outside what is plausible, ${other.value} to ${other.valueMax} ${other.unit}.`
  }
  if (one.zone === 'baseline' && other.zone === 'red' && isHitBy(other, one.value)) {
    return `The usual value ${one.value} ${one.unit} would be red by ${said(other)}.`
  }
  return undefined
}

/** Every value in the zone of `red` lies in the zone of `yellow`. */
function isInside(red: Limit, yellow: Limit): boolean {
  if (red.value === yellow.value) return !(red.comparator?.endsWith('=') && !yellow.comparator?.endsWith('='))
  return red.side === 'high' ? red.value > yellow.value : red.value < yellow.value
}

const isHitBy = ({ side, comparator, value }: Limit, observed: number) =>
  observed === value ? Boolean(comparator?.endsWith('=')) : side === 'high' ? observed > value : observed < value

const nameOf = ({ measure, zone, side }: Limit) => [measure, zone, side].filter(Boolean).join(' ')
