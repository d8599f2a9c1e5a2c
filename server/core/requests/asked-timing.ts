import type { Extension, Timing } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'

/**
 * On a request of several CarePlans, one each: as often as that CarePlan asks for it. Its own Timing is the oftenest of these. One that names no
 * CarePlan is of whoever had ordered it beside all plans, before a plan came to share it.
 */
export const ASKED_TIMING = 'http://fylgje.no/fhir/StructureDefinition/asked-timing'

/** By the CarePlan that asks, `CarePlan/1`; what was ordered beside all plans may be without a Timing. */
type Asked = ReadonlyMap<string, Timing | undefined>
const BESIDE = ''

/** Whether somebody had ordered it beside all plans, so that it is not over with the plans that share it. */
export const isOrderedBeside = (request: Resource): boolean => askedOf(request).has(BESIDE)

/**
 * The request as often as the one that wants it oftener says; and what each asks is kept by its name, so that it goes with it. Where all are of
 * one mind the request says it for all.
 * @param asking the CarePlans that want `known` already; of none, somebody has ordered it beside all plans
 */
export function askedBoth<T extends Resource>(known: T, wanted: Resource, carePlan: string, asking: string[]): T {
  const [own, asked] = [timingOf(known), timingOf(wanted)]
  const before = askedOf(known)
  const of = (one: string) => (before.has(one) ? before.get(one) : own)
  const earlier = before.get(carePlan)
  const mine = asked && earlier ? oftener(earlier, asked) : (asked ?? earlier)
  const others = asking.filter((one) => one !== carePlan)
  const isBeside = asking.length === 0 || before.has(BESIDE)
  const sharing = isBeside ? [BESIDE, ...others] : others
  const all = new Map([...sharing.map((one) => [one, of(one)] as const), [carePlan, mine] as const])
  const timing = asked && own ? oftener(own, asked) : (asked ?? own)
  const isOneMind = new Set([...all.values(), timing].map((one) => JSON.stringify(one))).size === 1
  const isSaid = isBeside || (others.length > 0 && !isOneMind)
  return withAsked(withTiming(known, timing), isSaid ? saidOf(all) : NOBODY)
}

/**
 * The request without what one of its CarePlans asks. As often as that one wanted it is too often then; but as somebody has set it for this
 * person it stays.
 * @param others the CarePlans that still want it
 */
export function leftTiming<T extends Resource>(request: T, carePlan: string, others: string[]): T {
  const asked = askedOf(request)
  if (asked.size === 0) return request
  const left = asked.has(BESIDE) ? [BESIDE, ...others] : others
  const theirs = new Map([...asked].filter(([one]) => left.includes(one)))
  const timings = [...theirs.values()].filter((one) => one !== undefined)
  const [first, ...more] = timings
  const isTheirs = isSame(timingOf(request), asked.get(carePlan))
  const isWhole = first !== undefined && timings.length === left.length
  const timing = isTheirs && isWhole ? more.reduce(oftener, first) : undefined
  const isSaid = others.length > 1 || (asked.has(BESIDE) && others.length > 0)
  return withAsked(withTiming(request, timing), isSaid ? theirs : NOBODY)
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
  const asking = known.has(BESIDE) ? [BESIDE, carePlan, ...others] : [carePlan, ...others]
  const before = new Map(asking.map((one) => [one, known.has(one) ? known.get(one) : own] as const))
  const after = new Map([...before, [carePlan, timing] as const])
  const isSet = ![...before.values()].some((one) => isSame(one, own))
  const oftenest = [...after.values()].filter((one) => one !== undefined).reduce(oftener)
  return withAsked(isSet ? request : withTiming(request, oftenest), saidOf(after))
}

const NOBODY: Asked = new Map()

const timingOf = ({ occurrenceTiming }: Resource): Timing | undefined => occurrenceTiming as Timing | undefined

function withTiming<T extends Resource>(request: T, timing: Timing | undefined): T {
  if (!timing || isSame(timing, timingOf(request))) return request
  // What was for once, or within a time, is done with it: R4 lets a request say one of these.
  const { occurrenceDateTime: _once, occurrencePeriod: _within, ...rest } = request
  return { ...rest, occurrenceTiming: timing } as unknown as T
}

const saidOf = (all: Asked): Asked =>
  new Map([...all].filter(([one, timing]) => timing !== undefined || one === BESIDE))

function askedOf({ extension }: Resource): Asked {
  const said = ((extension ?? []) as Extension[]).filter(({ url }) => url === ASKED_TIMING)
  return new Map(
    said.map(({ extension: parts = [] }) => {
      const carePlan = parts.find(({ url }) => url === 'care-plan')?.valueReference?.reference
      return [carePlan ?? BESIDE, parts.find(({ url }) => url === 'timing')?.valueTiming] as const
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
        ...(valueTiming ? [{ url: 'timing', valueTiming }] : []),
        reference === BESIDE
          ? { url: 'beside-plans', valueBoolean: true }
          : { url: 'care-plan', valueReference: { reference } },
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
