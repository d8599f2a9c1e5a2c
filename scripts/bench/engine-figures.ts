import { setTimeout as sleep } from 'node:timers/promises'

/** What the plan engine of one process has done since it was started. */
export type EngineFigures = { events: number; decisions: number; tasks: number; decidingSeconds: number }

/** How long the engine may take for what a workload prepares. */
const PATIENCE_MILLIS = 300_000
const LOOK_MILLIS = 1_000

/** From the metrics of the process, as Prometheus reads them. */
export async function readEngineFigures(baseUrl: string | URL): Promise<EngineFigures> {
  const text = await (await fetch(new URL('/metrics', baseUrl))).text()
  const figure = (name: string) =>
    Number(new RegExp(`^fylgje_engine_${name}_total ([\\d.]+)`, 'm').exec(text)?.[1] ?? 0)
  const [events, decisions, tasks] = [figure('events'), figure('decisions'), figure('tasks')]
  return { events, decisions, tasks, decidingSeconds: figure('deciding_seconds') }
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
