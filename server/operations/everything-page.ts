import type { Exchange, Rooms } from '../exchange.ts'
import type { Found, Version } from '../store/store.ts'
import { findSupporting } from './supporting.ts'

export type About = {
  type: 'Patient' | 'Encounter'
  id: string
  types: string[]
  /** Whoever has one of them belongs to it. */
  tokens: string[]
}

export type Wanted = {
  isEveryType: boolean
  since?: string | undefined
  done?: { low: string; high: string } | undefined
  count: number
  cursor?: string | undefined
  isCounted: boolean
}

export type EverythingPage = { matches: Version[]; included: Found[]; next?: string; total?: number }

/** Their dates are of people, not of care. */
const UNDATED = ['Patient', 'RelatedPerson', 'Practitioner', 'Person']

/**
 * One page of a record: what it is about first, then what belongs to it, with the people, places and things that these refer to.
 * @throws Refusal not-found, and whatever a read refuses: who may not read what it is about learns nothing more either
 */
export async function everythingPage(
  { access }: Exchange,
  rooms: Rooms,
  { type, id, types, tokens }: About,
  { isEveryType, since, done, count, cursor, isCounted }: Wanted,
): Promise<EverythingPage> {
  const about = await rooms.store.read(access, type, id)
  const isFirst = cursor === undefined
  const isShown =
    isFirst && types.includes(type) && (since === undefined || Date.parse(about.lastUpdated) >= Date.parse(since))
  const {
    versions,
    next,
    total: others,
  } = await rooms.store.record(access, {
    ...{ tokens, types, undated: UNDATED, about: { type, id }, isEveryType },
    ...(since === undefined ? {} : { since }),
    ...(done === undefined ? {} : { done }),
    ...(cursor === undefined ? {} : { cursor }),
    count: isShown ? count - 1 : count,
    isCounted: isCounted && isFirst,
  })
  const matches = isShown ? [about, ...versions] : versions
  return {
    matches,
    included: await findSupporting(rooms, access, { matches, about, types }),
    ...(next === undefined ? {} : { next }),
    ...(others === undefined ? {} : { total: others + (isShown ? 1 : 0) }),
  }
}
