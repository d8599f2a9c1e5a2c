import { permits, reachOf } from '../../server/access/reach.ts'
import type { ScopeLetter } from '../../server/access/scopes.ts'
import { TokenLookup } from '../../server/authorization-server/authenticate.ts'
import { openPool, type Pool } from '../../server/db/pool.ts'
import { loadDefinitions } from '../../server/definitions/definitions.ts'
import { hasPatientColumn } from '../../server/search/parameters.ts'
import { limitConditions, whoseCondition } from '../../server/search/reach-condition.ts'
import type { Reaching } from '../../server/search/search-scope.ts'
import { followStandings } from '../../server/store/relations/follow-standing.ts'
import { createRequestRate } from '../../server/throttling/request-rate.ts'
import type { Door } from '../caller/caller.ts'
import { DEMO_CLIENT, openDoor } from '../caller/door.ts'
import { openAsNurse } from './as-nurse.ts'
import { Latencies } from './latencies.ts'
import type { Bench, Result } from './workload.ts'

/** Types of which the demo's nurse has much, as a page of the clinician's app asks for them. */
const ASKED: [type: string, letter: ScopeLetter][] = [
  ['Patient', 'r'],
  ['Observation', 's'],
  ['Task', 's'],
  ['CarePlan', 's'],
  ['Observation', 'c'],
]

/** More than anybody asks here: what is measured counts each request, and refuses none. */
const REQUESTS_A_MINUTE_MAX = 1e9
const WARM_COUNT = 5_000
const COUNT = 20_000
const FIRST_COUNT = 500

const HOW = [
  'In one process, on the tokens and the people of a server that runs: from the header Authorization to the conditions that the statement bears',
  '(token, standing of the person, rate limit, scopes ∩ role ∩ relation ∩ restrictions as SQL). known: a token that was seen within two seconds,',
  'as nearly every request is; first: one that was not, which asks PostgreSQL. Microseconds for each request. What PostgreSQL then does with the',
  'conditions is in the figures of nurse-read-64 and nurse-search-16 of audit-cost.',
].join(' ')

/** What it costs to know who asks and what they may touch. The bar is 100 µs at the median. */
export async function accessDecision({ door, own }: Bench): Promise<Result> {
  if (!own) throw new Error('this workload looks into the database of its own server')
  const pool = openPool(own.databaseUrl, 4, 'bench access-decision')
  try {
    const decide = deciderOn(pool, own.baseUrl)
    const system = await figuresOf(await openDoor(own.baseUrl, DEMO_CLIENT), decide)
    const nurse = await figuresOf(await openAsNurse(own.baseUrl, door), decide)
    return { ...nurse, errors: 0, system, nurse, how: HOW }
  } finally {
    await pool.end()
  }
}

type Decider = {
  /** Everything that stands between a header and a statement. @returns the conditions, so that nothing is left out as useless */
  once: (authorization: string, type: string, letter: ScopeLetter) => Promise<unknown>
  forget: () => void
}

/** As `wiring.ts` puts them together. */
function deciderOn(pool: Pool, baseUrl: string): Decider {
  const definitions = loadDefinitions()
  const audience = `${baseUrl}/fhir`
  const tokens = new TokenLookup({ pool, baseUrl, audience, demo: true, dpopRequired: false })
  const standings = followStandings(pool, () => new Date())
  const callers = createRequestRate(REQUESTS_A_MINUTE_MAX)
  const reaching: Reaching = {
    now: () => new Date(),
    hasPatient: (type) => hasPatientColumn(definitions, type),
    filtersOf: () => undefined,
  }
  return {
    async once(authorization, type, letter) {
      const access = await standings.of(await tokens.authenticate({ authorization }))
      await callers(`${access.clientId} ${access.actor}`)
      if (!permits(access, type, letter)) throw new Error(`${access.actor} may not: ${letter} ${type}`)
      const reach = reachOf(access, type, letter)
      const judged = { alias: 'r', type, byPatient: false }
      if (reach.kind !== 'parts') return reach
      return reach.parts.map((part) => [
        ...whoseCondition(part.whose, judged, reaching),
        ...limitConditions(part, judged, reaching),
      ])
    },
    forget() {
      tokens.forget()
      standings.forget()
    },
  }
}

async function figuresOf({ authorization }: Door, { once, forget }: Decider): Promise<Record<string, unknown>> {
  const ask = (i: number) => once(authorization, ...(ASKED[i % ASKED.length] ?? (['Patient', 'r'] as const)))
  for (let i = 0; i < WARM_COUNT; i++) await ask(i)
  const [known, first] = [new Latencies(), new Latencies()]
  for (let i = 0; i < COUNT; i++) await timed(known, () => ask(i))
  for (let i = 0; i < FIRST_COUNT; i++) {
    forget()
    await timed(first, () => ask(i))
  }
  return { known_us: micros(known), first_us: micros(first) }
}

async function timed(latencies: Latencies, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now()
  await work()
  latencies.add(performance.now() - from)
}

const micros = (latencies: Latencies) =>
  Object.fromEntries(
    [0.5, 0.95, 0.99].map((share) => [`p${share * 100}`, Number((latencies.percentile(share) * 1_000).toFixed(1))]),
  )
