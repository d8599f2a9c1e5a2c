import type { Access } from '../access/access.ts'
import { ENGINE_CLIENT_ID } from '../access/engine-access.ts'
import { MADE_BY, makerOf } from '../access/made-by.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Queryable } from '../db/pool.ts'
import { type Change, ChangeRefusal } from '../store/change.ts'
import type { Store, StoreTransaction } from '../store/store.ts'
import { type Asked, type AskedRooms, parseAsked, type Subscription } from './asked.ts'
import { keepBasis } from './basis.ts'

/** A security label of this system says by what right the maker is told; only this server writes it. */
const BASIS = 'http://fylgje.no/fhir/CodeSystem/subscription-basis'

export type SubscriptionWriteRooms = {
  pool: Queryable
  asked: () => AskedRooms
}

/**
 * The store, with what each Subscription asks for understood and allowed before it is stored. What a caller writes is a request, for
 * this server alone says what it has come to: it bears its maker, and the right by which they are told.
 */
export function subscriptionWrites(store: Store, rooms: SubscriptionWriteRooms): Store {
  const requested = async (access: Access, change: Change): Promise<Change> => {
    if (change.interaction === 'delete' || change.resource.resourceType !== 'Subscription') return change
    if (access.clientId === ENGINE_CLIENT_ID) return change
    return { ...change, resource: await request(access, change.resource, rooms) }
  }
  const all = async (access: Access, changes: Change[]) => {
    if (!changes.some(isSubscription)) return changes
    const done: Change[] = []
    for (const [i, change] of changes.entries())
      done.push(await requested(access, change).catch((error: unknown) => refuseOf(i, error)))
    return done
  }
  const within = (inside: StoreTransaction): StoreTransaction => ({
    ...inside,
    write: async (access, change, options) => inside.write(access, await requested(access, change), options),
    writeAll: async (access, changes, options) => inside.writeAll(access, await all(access, changes), options),
    writeIn: async (tx, access, changes, options) => inside.writeIn(tx, access, await all(access, changes), options),
  })
  return {
    ...store,
    write: (access, change, options) =>
      isSubscription(change)
        ? requested(access, change).then((asked) => store.write(access, asked, options))
        : store.write(access, change, options),
    writeAll: async (access, changes, options) => store.writeAll(access, await all(access, changes), options),
    writeIn: async (tx, access, changes, options) => store.writeIn(tx, access, await all(access, changes), options),
    transact: (work) => store.transact((inside) => work(within(inside))),
  }
}

const isSubscription = (change: Change): boolean =>
  change.interaction !== 'delete' && change.resource.resourceType === 'Subscription'

function refuseOf(changeIndex: number, error: unknown): never {
  throw error instanceof Refusal ? new ChangeRefusal(changeIndex, error.issues, error.status) : error
}

async function request(access: Access, resource: Resource, rooms: SubscriptionWriteRooms): Promise<Resource> {
  const given = resource as Resource & Subscription
  if (!isAsking(given)) return labelled(given, access)
  const asked = parseAsked(given, rooms.asked())
  mayBeTold(access, asked)
  if (!access.token)
    throw refuse('forbidden', 'Nobody is told for an access without a token, for nobody could take it back.')
  const { error: _, ...kept } = given
  return { ...labelled(kept, access, await keepBasis(rooms.pool, access)), status: 'requested' }
}

/**
 * Whether its maker is to be told. One that is off, in error, or of which nobody says what it has come to is kept as it came, such as that
 * of another server: nobody is told by it.
 */
const isAsking = ({ status }: Partial<Subscription>): boolean => status === 'requested' || status === 'active'

function labelled(resource: Resource & Partial<Subscription>, access: Access, basis?: string): Resource {
  const others = (resource.meta?.security ?? []).filter(({ system }) => system !== MADE_BY && system !== BASIS)
  const own = [{ system: MADE_BY, code: makerOf(access) }, ...(basis ? [{ system: BASIS, code: basis }] : [])]
  return { ...resource, meta: { ...resource.meta, security: [...others, ...own] } } as Resource
}

/** Who may not read something is not told of it either. @throws Refusal forbidden */
function mayBeTold(access: Access, { watches }: Asked): void {
  for (const { type } of watches)
    for (const letter of ['r', 's'] as const) if (!permits(access, type, letter)) throw notPermitted(type, letter)
}

/** The basis that a stored Subscription bears; undefined where it asks for nothing. */
export const basisOf = ({ meta }: Resource): string | undefined =>
  meta?.security?.find(({ system }) => system === BASIS)?.code
