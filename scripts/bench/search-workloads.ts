import { createRandom, type Random } from '../../server/demo/random.ts'
import { SPO2 } from '../caller/measurements.ts'
import { type Bench, type Result, runClosed, type Workload } from './workload.ts'

const CONCURRENCY = 16
const CODE = encodeURIComponent(`http://loinc.org|${SPO2}`)
const DAY_MILLIS = 24 * 3600 * 1000

const dayBefore = (days: number) => new Date(Date.now() - days * DAY_MILLIS).toISOString().slice(0, 10)

/** Searches beside the one that every screen asks, each over all that is stored. */
export const SEARCH_WORKLOADS: Workload[] = [
  // Everybody's measurements of one kind, newest first: no patient narrows it.
  searching(
    'search-code-date-sort',
    (random) => `Observation?code=${CODE}&date=ge${dayBefore(random.integer(2, 10))}&_sort=-date&_count=20`,
  ),
  searching('search-chained', (random) => `Observation?patient.given=${random.integer(0, 400)}&code=${CODE}&_count=20`),
  searching(
    'search-include',
    (random, bench) =>
      `Observation?patient=${random.pick(bench.stored.patients)}&_include=Observation:subject&_count=20`,
  ),
  searching(
    'search-count',
    (random, bench) => `Observation?patient=${random.pick(bench.stored.patients)}&code=${CODE}&_summary=count`,
  ),
]

function searching(name: string, pathOf: (random: Random, bench: Bench) => string): Workload {
  return {
    name,
    needsStored: true,
    run: async (bench): Promise<Result> => {
      const random = createRandom(`bench/${name}`)
      return {
        ...(await runClosed(bench, {
          concurrency: CONCURRENCY,
          once: (caller) => caller.call({ method: 'GET', path: pathOf(random, bench) }),
          isRight: ({ status, body }) => status === 200 && body.includes('"searchset"'),
        })),
        stored: bench.stored.count,
      }
    },
  }
}
