import type { Extension, Timing } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'

/** On a request of several CarePlans, one each: as often as that CarePlan asks for it. Its own Timing is the oftenest of these. */
export const ASKED_TIMING = 'http://fylgje.no/fhir/StructureDefinition/asked-timing'

/** By the CarePlan that asks, `CarePlan/1`. */
type Asked = ReadonlyMap<string, Timing>

/**
 * The request as often as the one that wants it oftener says; and what each asks is kept by its name, so that it goes with it. Where all are of
 * one mind the request says it for all.
 * @param others the CarePlans that want `known` already, but for `carePlan`
 */
export function askedBoth<T extends Resource>(known: T, wanted: Resource, carePlan: string, others: string[]): T {
  const [own, asked] = [timingOf(known), timingOf(wanted)]
  const before = askedOf(known)
  const of = (one: string) => before.get(one) ?? own
  const earlier = before.get(carePlan)
  const mine = asked && earlier ? oftener(earlier, asked) : (asked ?? earlier)
  const all = new Map([...others.map((one) => [one, of(one)] as const), [carePlan, mine] as const])
  const timing = asked && own ? oftener(own, asked) : (asked ?? own)
  const isOneMind = new Set([...all.values(), timing].map((one) => JSON.stringify(one))).size === 1
  return withAsked(withTiming(known, timing), others.length === 0 || isOneMind ? NOBODY : saidOf(all))
}

/**
 * The request without what one of its CarePlans asks. As often as that one wanted it is too often then; but as somebody has set it for this
 * person it stays.
 * @param others the CarePlans that still want it
 */
export function leftTiming<T extends Resource>(request: T, carePlan: string, others: string[]): T {
  const asked = askedOf(request)
  if (asked.size === 0) return request
  const theirs = new Map([...asked].filter(([one]) => others.includes(one)))
  const [first, ...more] = others.map((one) => theirs.get(one))
  const isWhole = first !== undefined && theirs.size === others.length
  const isTheirs = isSame(timingOf(request), asked.get(carePlan))
  const timing =
    isTheirs && isWhole ? more.reduce<Timing>((one, other) => oftener(one, other ?? one), first) : undefined
  return withAsked(timing ? withTiming(request, timing) : request, others.length > 1 ? theirs : NOBODY)
}

/** What one of several CarePlans asks; undefined where they are of one mind, or it is nobody else's. */
export const askedTiming = (request: Resource, carePlan: string): Timing | undefined => askedOf(request).get(carePlan)

/**
 * One of several asks otherwise from now on; the others ask as they did. As somebody has set it for this person it stays.
 * @param others the other CarePlans that want it
 */
export function askedAnew<T extends Resource>(request: T, carePlan: string, timing: Timing, others: string[]): T {
  const known = askedOf(request)
  const own = timingOf(request)
  const before = saidOf(new Map([carePlan, ...others].map((one) => [one, known.get(one) ?? own] as const)))
  const after = new Map([...before, [carePlan, timing] as const])
  const isSet = ![...before.values()].some((one) => isSame(one, own))
  const [first, ...more] = after.values()
  const oftenest = first && more.reduce(oftener, first)
  return withAsked(isSet || !oftenest ? request : withTiming(request, oftenest), after)
}

const NOBODY: Asked = new Map()

const timingOf = ({ occurrenceTiming }: Resource): Timing | undefined => occurrenceTiming as Timing | undefined

function withTiming<T extends Resource>(request: T, timing: Timing | undefined): T {
  if (!timing || isSame(timing, timingOf(request))) return request
  // What was for once, or within a time, is done with it: R4 lets a request say one of these.
  const { occurrenceDateTime: _once, occurrencePeriod: _within, ...rest } = request
  return { ...rest, occurrenceTiming: timing } as unknown as T
}

const saidOf = (all: ReadonlyMap<string, Timing | undefined>): Asked =>
  new Map([...all].flatMap(([one, timing]) => (timing ? [[one, timing] as const] : [])))

function askedOf({ extension }: Resource): Asked {
  const said = ((extension ?? []) as Extension[]).filter(({ url }) => url === ASKED_TIMING)
  return new Map(
    said.flatMap(({ extension: parts = [] }) => {
      const carePlan = parts.find(({ url }) => url === 'care-plan')?.valueReference?.reference
      const timing = parts.find(({ url }) => url === 'timing')?.valueTiming
      return carePlan && timing ? [[carePlan, timing] as const] : []
    }),
  )
}

function withAsked<T extends Resource>(request: T, asked: Asked): T {
  const { extension: before, ...rest } = request
  const extension = [
    ...((before ?? []) as Extension[]).filter(({ url }) => url !== ASKED_TIMING),
    ...[...asked].map(([reference, valueTiming]) => ({
      url: ASKED_TIMING,
      extension: [
        { url: 'timing', valueTiming },
        { url: 'care-plan', valueReference: { reference } },
      ],
    })),
  ]
  return (extension.length > 0 ? { ...rest, extension } : rest) as T
}

const isSame = (one: Timing | undefined, other: Timing | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** The first of two that are as often. */
const oftener = (one: Timing, other: Timing): Timing => (timesADay(other) > timesADay(one) ? other : one)

function timesADay({ repeat, event }: Timing): number {
  if (!repeat?.period || !repeat.periodUnit) return event ? 0 : -1
  const days = repeat.period * (DAYS[repeat.periodUnit] ?? Number.POSITIVE_INFINITY)
  const times = repeat.timeOfDay?.length ?? repeat.when?.length ?? repeat.frequency ?? 1
  return (times * (repeat.dayOfWeek?.length ? repeat.dayOfWeek.length / 7 : 1)) / days
}
const DAYS: Readonly<Record<string, number>> = {
  s: 1 / 86_400,
  min: 1 / 1_440,
  h: 1 / 24,
  d: 1,
  wk: 7,
  mo: 30.4,
  a: 365,
}
