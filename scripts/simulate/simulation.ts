import { setTimeout as sleep } from 'node:timers/promises'
import type { Observation, QuestionnaireResponse } from '@medplum/fhirtypes'
import { createRandom } from '../../server/demo/random.ts'
import type { Settings } from './arguments.ts'
import { type Answer, type Door, isRecord, type Message } from './door.ts'
import { type Home, openHome } from './home.ts'
import type { Enrolled } from './patients.ts'
import { Tally } from './tally.ts'

type Resource = Observation | QuestionnaireResponse
export type Simulation = {
  door: Door
  patients: Enrolled[]
  settings: Settings
  stop: AbortSignal
  say: (line: string) => void
}

/** How many messages may be on the way at once; more than that, and the homes wait. */
const ON_THE_WAY_MAX = 64
/** The share of messages whose answer gets lost, so that they are sent again. */
const ANSWER_LOST = 0.03

/** Runs until the time is up or someone stops it, then waits for what is on the way and sums up. */
export async function simulate({ door, patients, settings, stop, say }: Simulation): Promise<Tally> {
  const random = createRandom(settings.seed)
  const startedAt = new Date()
  const homes = patients.map((patient, i) =>
    openHome({
      patient,
      worsens: isChosen(i, settings.exacerbations),
      losesNet: isChosen(i + 1, settings.offline),
      startedAt,
      random: random.fork(patient.subject.reference),
    }),
  )
  const tally = new Tally()
  const waiting = new Map<Home, Resource[]>()
  const onTheWay = new Set<Promise<void>>()
  const dispatch = (home: Home, words: string, message: Message) => {
    const sending = deliver(door, message, tally, (outcome) =>
      say(`${clock()}  ${home.name}: ${words} · ${outcome}`),
    ).finally(() => onTheWay.delete(sending))
    onTheWay.add(sending)
  }
  const flush = (home: Home) => {
    const batch = waiting.get(home)
    if (!batch) return
    waiting.delete(home)
    dispatch(home, `${batch.length} measurements from the time without net`, transactionOf(batch))
  }

  say(
    `${patients.length} patients at ${door.fhir}, ${settings.rate} Observations/s for ${settings.minutes} min; Ctrl-C ends it`,
  )
  const length = settings.minutes * 60_000
  let due = Date.now()
  for (let i = 0; !stop.aborted; i++) {
    const share = (Date.now() - startedAt.getTime()) / length
    if (share >= 1) break
    const home = homes[i % homes.length] as Home
    const { messages, words } = home.measure(share)
    if (home.isOffline(share)) {
      waiting.set(home, [...(waiting.get(home) ?? []), ...messages])
      say(`${clock()}  ${home.name}: ${words} · no net, kept on the phone`)
    } else {
      flush(home)
      for (const message of messages) dispatch(home, wordsOf(message, words), createOf(message))
      if (random.happens(ANSWER_LOST))
        for (const message of messages) dispatch(home, 'the same again', createOf(message))
    }
    due += (messages.length * 1000) / settings.rate
    await pause(due - Date.now(), stop)
    while (onTheWay.size > ON_THE_WAY_MAX) await Promise.race(onTheWay)
  }
  for (const home of [...waiting.keys()]) flush(home)
  await Promise.all(onTheWay)
  await summarize({ door, tally, startedAt, homes, say })
  return tally
}

/** Spread evenly: with a share of 0.2 every fifth. */
const isChosen = (index: number, share: number) => Math.floor((index + 1) * share) > Math.floor(index * share)

/** Conditional create: sent twice, stored once. https://hl7.org/fhir/R4/http.html#ccreate */
function createOf(resource: Resource): Message {
  const unless = ifNoneExist(resource)
  return { path: resource.resourceType, body: resource, headers: unless ? { 'if-none-exist': unless } : {} }
}

/** What the phone kept goes as one transaction, all or nothing. https://hl7.org/fhir/R4/http.html#transaction */
function transactionOf(resources: Resource[]): Message {
  const entry = resources.map((resource) => {
    const ifNone = ifNoneExist(resource)
    return {
      resource,
      request: { method: 'POST', url: resource.resourceType, ...(ifNone ? { ifNoneExist: ifNone } : {}) },
    }
  })
  return { path: '', body: { resourceType: 'Bundle', type: 'transaction', entry } }
}

function ifNoneExist({ identifier }: Resource): string | undefined {
  const [known] = [identifier ?? []].flat()
  return known && `identifier=${known.system}|${known.value}`
}

async function deliver(door: Door, message: Message, tally: Tally, say: (outcome: string) => void): Promise<void> {
  const sentAt = performance.now()
  const answer = await door.post(message)
  tally.count(message, answer, performance.now() - sentAt)
  say(outcomeOf(answer))
}

function outcomeOf({ status, attempts, body }: Answer): string {
  const again = attempts > 1 ? `, attempt ${attempts}` : ''
  if (status === 0) return `no answer after ${attempts} attempts`
  if (status === 201 || isBundle(body)) return `stored${again}`
  if (status === 200) return `was there already${again}`
  return `refused with ${status}: ${diagnosticsOf(body)}${again}`
}

const isBundle = (body: unknown) => isRecord(body) && body.resourceType === 'Bundle'

function diagnosticsOf(body: unknown): string {
  const issue: unknown = isRecord(body) && Array.isArray(body.issue) ? body.issue[0] : undefined
  return isRecord(issue) ? String(issue.diagnostics ?? issue.code) : 'no reason given'
}

function wordsOf(message: Resource, words: string): string {
  if (message.resourceType === 'QuestionnaireResponse') return 'symptom diary'
  const { value, unit } = message.valueQuantity ?? {}
  return value === undefined ? words : `${message.code?.text} ${value} ${unit}`
}

async function summarize({ door, tally, startedAt, homes, say }: SummaryFacts): Promise<void> {
  say('')
  for (const line of tally.lines()) say(line)
  say(
    `worsening: ${
      homes
        .filter(({ worsens }) => worsens)
        .map(({ name }) => name)
        .join(', ') || 'nobody'
    }`,
  )
  const { body } = await door.get(`Task?authored-on=ge${startedAt.toISOString()}&_summary=count`)
  if (isRecord(body)) say(`Tasks raised since the start, whoever sent the measurement: ${body.total}`)
}

type SummaryFacts = { door: Door; tally: Tally; startedAt: Date; homes: Home[]; say: (line: string) => void }

const pause = (millis: number, stop: AbortSignal) =>
  millis > 0 ? sleep(millis, undefined, { signal: stop }).catch(() => {}) : undefined

const clock = () => new Date().toLocaleTimeString('nb-NO')
