import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom, type Random } from '../../server/demo/random.ts'
import type { Settings } from './arguments.ts'
import { type Door, isRecord } from './door.ts'
import { type Home, openHome } from './home.ts'
import type { Enrolled } from './patients.ts'
import { Post } from './post.ts'
import { Tally } from './tally.ts'

export type Simulation = {
  door: Door
  patients: Enrolled[]
  settings: Settings
  stop: AbortSignal
  say: (line: string) => void
}

/** The share of occasions whose answer gets lost on the way home, so that the phone sends again. */
const ANSWER_LOST = 0.03

/** Runs until the time is up or someone stops it, then waits for what is on the way and sums up. */
export async function simulate({ door, patients, settings, stop, say }: Simulation): Promise<Tally> {
  const random = createRandom(settings.seed)
  const startedAt = new Date()
  const homes = openHomes(patients, settings, random, startedAt)
  const tally = new Tally()
  const post = new Post({ door, tally, say })
  const { rate, minutes } = settings
  say(`${patients.length} patients at ${door.fhir}, ${rate} Observations/s for ${minutes} min; Ctrl-C ends it`)

  let due = startedAt.getTime()
  for (let i = 0; !stop.aborted; i++) {
    const share = (Date.now() - startedAt.getTime()) / (minutes * 60_000)
    if (share >= 1) break
    const sent = visit(homes[i % homes.length] as Home, share, post, random)
    due += (sent * 1000) / rate
    await pause(due - Date.now(), stop)
    await post.catchUp()
  }
  await post.end()

  say('')
  for (const line of tally.lines()) say(line)
  const worsening = homes.filter(({ worsens }) => worsens).map(({ name }) => name)
  say(`worsening: ${worsening.join(', ') || 'nobody'}`)
  say(`Tasks raised since the start, whoever sent the measurement: ${await countSettled(door, startedAt)}`)
  return tally
}

function openHomes(patients: Enrolled[], settings: Settings, random: Random, startedAt: Date): Home[] {
  return patients.map((patient, i) =>
    openHome({
      patient,
      worsens: isChosen(i, settings.exacerbations),
      losesNet: isChosen(i + 1, settings.offline),
      startedAt,
      random: random.fork(patient.subject.reference),
    }),
  )
}

/** Spread evenly: with a share of 0.2 every fifth. */
const isChosen = (index: number, share: number) => Math.floor((index + 1) * share) > Math.floor(index * share)

/** One occasion in one home. @returns how many measurements were made */
function visit(home: Home, share: number, post: Post, random: Random): number {
  const measurements = home.measure(share)
  if (home.isOffline(share)) post.keep(home.name, measurements)
  else {
    post.flush(home.name)
    post.send(home.name, measurements)
    if (random.happens(ANSWER_LOST)) post.send(home.name, measurements, ', the same again')
  }
  return measurements.length
}

/** The engine comes to a measurement after it was stored: counted when no more have come for a second, at the latest after ten. */
async function countSettled(door: Door, since: Date): Promise<string> {
  let count = await countTasks(door, since)
  for (let second = 0; second < 10; second++) {
    await sleep(1_000)
    const next = await countTasks(door, since)
    if (next === count && next !== '0') break
    count = next
  }
  return count
}

async function countTasks(door: Door, since: Date): Promise<string> {
  const { body } = await door.get(`Task?authored-on=ge${since.toISOString()}&_summary=count`)
  return isRecord(body) ? String(body.total) : 'not known'
}

const pause = async (millis: number, stop: AbortSignal): Promise<void> => {
  if (millis > 0) await sleep(millis, undefined, { signal: stop }).catch(() => {})
}
