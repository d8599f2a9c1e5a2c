import { withholdingOf } from '../../server/access/address/withholding.ts'
import { reachOf } from '../../server/access/reach.ts'
import { TokenLookup } from '../../server/authorization-server/authenticate.ts'
import { openPool, prepared } from '../../server/db/pool.ts'
import { loadDefinitions } from '../../server/definitions/definitions.ts'
import { compileSearch } from '../../server/search/compile.ts'
import { hasPatientColumn } from '../../server/search/parameters.ts'
import { parseSearch } from '../../server/search/search-query.ts'
import type { SearchScope } from '../../server/search/search-scope.ts'
import { followStandings } from '../../server/store/relations/follow-standing.ts'
import { parseServerId } from '../../server/store/resource-key.ts'
import { Caller } from '../caller/caller.ts'
import { SPO2 } from '../caller/measurements.ts'
import { openAsNurse } from './as-nurse.ts'
import { findIds } from './find-stored.ts'
import { Latencies } from './latencies.ts'
import type { Bench, Result } from './workload.ts'

const HOW = [
  'The statements of a nurse’s searches, with what keeps protected addresses from her and without it, asked by turns on one connection;',
  'everything else of the access decision is in both. cost: how much longer the median takes with it, as a share.',
].join(' ')
const ROUND_COUNT = 300
const WARM_COUNT = 20

/** What it costs a person's searches that addresses may be protected. The bar is a tenth. */
export async function protectedAddresses({ own, door }: Bench): Promise<Result> {
  if (!own) throw new Error('this workload looks into the database of its own server')
  const nurse = await openAsNurse(own.baseUrl, door)
  const caller = new Caller(nurse)
  const pool = openPool(own.databaseUrl, 1, 'bench protected-addresses')
  try {
    const patients = await findIds(caller, 'Patient?', 100)
    const definitions = loadDefinitions()
    const tokens = new TokenLookup({
      ...{ pool, baseUrl: own.baseUrl, audience: `${own.baseUrl}/fhir`, demo: true, dpopRequired: false },
    })
    const access = await followStandings(pool, () => new Date()).of(await tokens.authenticate(nurse))
    const withholding = withholdingOf(access)
    if (!withholding) throw new Error('no address is kept from a nurse: there is nothing to measure')
    const scope: SearchScope = {
      ...{ reachOf: (type) => reachOf(access, type, 's'), locate: parseServerId, baseUrl: `${own.baseUrl}/fhir` },
      reaching: {
        ...{ now: () => new Date(), hasPatient: (type) => hasPatientColumn(definitions, type) },
        filtersOf: () => undefined,
      },
    }
    const searches: Record<string, (patient: string) => [type: string, query: string]> = {
      observations: (patient) => [
        'Observation',
        `patient=Patient/${patient}&code=http://loinc.org|${SPO2}&_sort=-date`,
      ],
      patients: () => ['Patient', 'name=a&_sort=family'],
      'patients by address': () => ['Patient', 'address-city=oslo'],
      'open tasks': () => ['Task', 'status=requested&_sort=-_lastUpdated'],
    }
    const figures: Record<string, { cost: number; with_us: number; without_us: number }> = {}
    for (const [name, of] of Object.entries(searches)) {
      const [kept, told] = [new Latencies(), new Latencies()]
      for (let round = 0; round < ROUND_COUNT; round++) {
        const [type, query] = of(patients[round % patients.length] ?? '')
        const asked = parseSearch(definitions, type, new URLSearchParams(query))
        // Who comes first finds the pages cold, so they take turns at that too.
        const turns = [
          ...[
            { latencies: kept, scope: { ...scope, withholding } },
            { latencies: told, scope },
          ],
        ]
        for (const turn of round % 2 === 0 ? turns : turns.reverse()) {
          const statement = prepared(compileSearch(asked, turn.scope).page())
          const from = performance.now()
          await pool.query(statement)
          if (round >= WARM_COUNT) turn.latencies.add(performance.now() - from)
        }
      }
      const [withIt, without] = [kept.percentile(0.5) * 1_000, told.percentile(0.5) * 1_000]
      figures[name] = {
        cost: Number((withIt / without - 1).toFixed(3)),
        ...{ with_us: Math.round(withIt), without_us: Math.round(without) },
      }
    }
    return { ...figures, errors: 0, how: HOW }
  } finally {
    caller.close()
    await pool.end()
  }
}
