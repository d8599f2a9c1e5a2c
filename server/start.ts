import { join } from 'node:path'
import { APPS, APPS_KEPT, type App, type BuiltApp, builtApp } from './apps/built-app.ts'
import { checkConnection } from './db/connect.ts'
import { startEmbedded } from './db/embedded.ts'
import { LANE_COUNT_MAX, openLanes } from './db/lanes.ts'
import { migrate } from './db/migrate.ts'
import { openPool } from './db/pool.ts'
import type { Readiness } from './http/health.ts'
import { type Log, openLog } from './log.ts'
import { isFork, startForks, tellReady } from './process/forks.ts'
import { createLifetime, type Lifetime } from './process/lifetime.ts'
import { checkPort, listen } from './process/listener.ts'
import { type Progress, showProgress } from './process/progress.ts'
import { readyLines } from './process/ready-lines.ts'
import { onShutdown } from './process/shutdown.ts'
import { type Config, readConfig } from './settings/config.ts'
import { StartFailure } from './start-failure.ts'

/** One writes the audit while the next block of it is prepared. */
const AUDIT_LANE_COUNT_MAX = 2

type Start = { config: Config; log: Log; progress: Progress; lifetime: Lifetime }

/** config → port → PostgreSQL → migrations → rooms → ready. What it starts ends in the opposite order. */
async function start({ config, log, progress, lifetime }: Start): Promise<void> {
  const { host, port, role, processes } = config
  const readiness: Readiness = { state: 'starting' }
  const forking = processes > 1
  const listener = forking ? undefined : await listen(host, port)
  if (forking) await checkPort(host, port)

  // Loaded while PostgreSQL starts: both take their time, and neither waits for the other.
  const wiring = import('./wiring.ts')
  wiring.catch(() => {})
  const apps = prepareApps({ config, log })
  const databaseUrl = await startDatabase({ config, log, progress, lifetime })
  const applicationName = isFork ? 'fylgje-api' : 'fylgje'
  // A quarter of the connections carry the short reads; with fewer than four, the pool has them all.
  const laneCount = Math.min(LANE_COUNT_MAX, Math.floor(config.databaseConnections / 4))
  const auditLaneCount = Math.min(AUDIT_LANE_COUNT_MAX, Math.floor(config.databaseConnections / 2))
  const pool = openPool(databaseUrl, config.databaseConnections - laneCount - auditLaneCount, applicationName)
  lifetime.atEnd(() => pool.end())
  const auditLanes = openLanes(databaseUrl, applicationName, auditLaneCount)
  lifetime.atEnd(auditLanes.close)
  const lanes = laneCount > 0 ? openLanes(databaseUrl, applicationName, laneCount) : undefined
  if (lanes) lifetime.atEnd(lanes.close)
  if (!isFork) {
    await checkConnection(pool, databaseUrl)
    await progress.step('database migrated', () => migrate(pool, log))
  }

  const { wire, startWork } = await wiring
  const house = await progress.step('rooms opened', () =>
    wire({ config, pool, lanes, auditLanes, log, readiness, appFolder: apps.folder }),
  )
  lifetime.atEnd(house.close)
  if (role !== 'api') lifetime.atEnd(await startWork(house, { config, pool, log, progress }))

  for (const { name, tookMillis } of await apps.built) {
    if (tookMillis) progress.say(`  ${name} app built · ${(tookMillis / 1000).toFixed(1)} s`)
  }
  if (listener) {
    listener.answerWith(role === 'worker' ? house.healthApp : house.app)
    if (role !== 'worker') listener.upgradeWith(house.sockets.upgrade)
    lifetime.atEnd(() => listener.drain(config.drainMillis))
    // Before it drains: a socket that stays open would never end by itself.
    lifetime.atEnd(house.sockets.close)
  } else {
    const forks = startForks(
      processes,
      { DATABASE_URL: databaseUrl, ROLE: 'api', PROCESSES: '1', DEMO: config.demo ? 'on' : 'off' },
      log,
    )
    lifetime.atEnd(forks.stop)
    await progress.step(`${processes} processes answer`, () => forks.ready)
  }
  readiness.state = 'ready'
  lifetime.atEnd(async () => {
    readiness.state = 'draining'
  })
}

/** Begun first, because it waits for nothing: when the sources have changed, they are built while PostgreSQL starts. */
function prepareApps({ config, log }: Pick<Start, 'config' | 'log'>) {
  const found = new Map<App, BuiltApp>()
  const places = { kept: APPS_KEPT, other: join(config.dataDir, 'apps') }
  const build = async (name: App) => {
    try {
      const app = await builtApp(name, places)
      found.set(name, app)
      return [{ name, ...app }]
    } catch (error) {
      log.warn({ err: error }, `there is no ${name} app: it is not built, and cannot be`)
      return []
    }
  }
  const built = config.role === 'worker' ? [] : APPS.map(build)
  return { built: Promise.all(built).then((apps) => apps.flat()), folder: (name: App) => found.get(name)?.folder }
}

/** @returns where the database is; the embedded one has then been started */
async function startDatabase({ config, log, progress, lifetime }: Start): Promise<string> {
  if (config.databaseUrl) return config.databaseUrl
  // A few beside the pools': for those that listen, and for a person with psql.
  const connectionCountMax = (config.processes + 1) * config.databaseConnections + 20
  const database = await progress.step('PostgreSQL started', () =>
    startEmbedded({ dataDir: config.dataDir, log, connectionCountMax }),
  )
  lifetime.atEnd(() => database.stop())
  return database.databaseUrl
}

/** Tells why it does not start: one line for what can be mended, everything for a fault of ours. */
function tellFailure(error: unknown): void {
  const text = error instanceof StartFailure ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`${text}\n`)
}

const startedAt = performance.now()
const lifetime = createLifetime()
const progress = showProgress((line) => void (isFork || process.stdout.write(line)))
try {
  const config = readConfig(process.env)
  const log = openLog(config.logLevel)
  onShutdown(lifetime, (error) => log.fatal({ err: error }, 'could not stop in order'))
  progress.say('Fylgje is starting')
  await start({ config, log, progress, lifetime })
  progress.say(`  ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  // In one piece: whoever waits for the first line has the others too.
  progress.say(readyLines(config).join('\n'))
  tellReady()
} catch (error) {
  tellFailure(error)
  await lifetime.end().catch(tellFailure)
  process.exit(1)
}
