import { Lives } from '../../scripts/crash/lives.ts'
import { killUnderLoad, type Round } from '../../scripts/crash/rounds.ts'

let lives: Lives
beforeAll(async () => {
  lives = await Lives.begin()
})
afterAll(() => lives?.end())

/** The short form of scripts/crash/kill-under-load.ts, which kills each twenty times. */
test('whoever is killed under load, server or database: nothing acknowledged is lost, nothing is half, no Task is missing or twice, each timer rings once, a subscriber is told of all in order', async () => {
  const survived: Round[] = []
  const summary = await killUnderLoad(lives, {
    rounds: { server: 2, api: 0, postgres: 2 },
    seed: 'short',
    concurrency: 32,
    redPerRound: 50,
    timersPerRound: 5,
    // server/plans/alarm-watch.test.ts has the short form of that.
    hasTrial: false,
    onRound: (round) => survived.push(round),
  })
  expect(summary.violations).toEqual([])
  expect(survived).toHaveLength(4)
  // It would also be true of a server that stores nothing.
  expect(Math.min(...survived.map(({ acknowledged }) => acknowledged))).toBeGreaterThan(0)
  expect(summary.versions_read).toBeGreaterThanOrEqual(summary.acknowledged)
  // What it took and could not say so.
  expect(summary.events_told_again).toBeGreaterThan(0)
  expect(summary.red_stored).toBeGreaterThan(0)
  expect(summary.events_told).toBeGreaterThanOrEqual(summary.acknowledged)
  // Those whose moment had passed when they were stored, on a machine that stood still, say nothing.
  expect(summary.timers).toBeGreaterThan(80)
})
