import { setTimeout as sleep } from 'node:timers/promises'

/** What the plan engine of one process has done since it was started. */
export type EngineFigures = {
  events: number
  decisions: number
  tasks: number
  decidingSeconds: number
  rounds: number
  roundSeconds: number
}

/** How long the engine may take for what a workload prepares. */
const PATIENCE_MILLIS = 300_000
const LOOK_MILLIS = 1_000

/** From the metrics of the process, as Prometheus reads them. */
export async function readEngineFigures(baseUrl: string | URL): Promise<EngineFigures> {
  const text = await (await fetch(new URL('/metrics', baseUrl))).text()
  const figure = (name: string) => Number(new RegExp(`^fylgje_engine_${name} ([\\d.]+)`, 'm').exec(text)?.[1] ?? 0)
  return {
    events: figure('events_total'),
    decisions: figure('decisions_total'),
    tasks: figure('tasks_total'),
    decidingSeconds: figure('deciding_seconds_total'),
    rounds: figure('round_seconds_count'),
    roundSeconds: figure('round_seconds_sum'),
  }
}

/** What the rounds between two looks were like. */
export function roundsBetween(from: EngineFigures, to: EngineFigures) {
  const rounds = to.rounds - from.rounds
  const each = (total: number) => Number((total / Math.max(1, rounds)).toFixed(1))
  return {
    rounds,
    events_per_round: each(to.events - from.events),
    round_ms: each((to.roundSeconds - from.roundSeconds) * 1000),
  }
}

/** The engine has worked off everything when it reads nothing for a while. @throws Error when it does not come to rest */
export async function untilEngineRests(baseUrl: string | URL): Promise<void> {
  const deadline = Date.now() + PATIENCE_MILLIS
  let before = -1
  for (;;) {
    const { events } = await readEngineFigures(baseUrl)
    if (events === before) return
    if (Date.now() > deadline) throw new Error('the engine does not come to rest')
    before = events
    await sleep(LOOK_MILLIS)
  }
}
