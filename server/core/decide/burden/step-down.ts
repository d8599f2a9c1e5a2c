import type { CommunicationRequest, Extension, ServiceRequest, Task, Timing } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { type Decisions, NOTHING, type RequestDecision } from '../decisions.ts'
import { toCommunicationRequest } from '../message/message.ts'
import { FINDING, FYLGJE } from '../plan/vocabulary.ts'
import type { Ring } from '../ring.ts'
import { after, type Length } from '../time/duration.ts'
import type { Timer, TimerDecision, TimerPayload } from '../timer.ts'
import type { Told } from '../words/told.ts'

/**
 * On an ActivityDefinition of the kind ServiceRequest, and on the request that it becomes: after so long without a red or yellow finding
 * (`after`) the patient measures as `timing` says. Agreed in the plan, so nobody needs to ask.
 */
export const STEP_DOWN = `${FYLGJE}/StructureDefinition/step-down`
/** On a request that has been stepped down: since when, and the timing that it goes back to. */
export const STEPPED_DOWN = `${FYLGJE}/StructureDefinition/stepped-down`

type StepDown = { after: Length; timing: Timing }

function stepDownOf({ extension }: { extension?: Extension[] }): StepDown | undefined {
  const parts = extension?.find(({ url }) => url === STEP_DOWN)?.extension ?? []
  const length = parts.find(({ url }) => url === 'after')?.valueDuration
  const timing = parts.find(({ url }) => url === 'timing')?.valueTiming
  return length && timing ? { after: length, timing } : undefined
}

/** What a timer knows of the request, so that a finding need not read it. */
const lengthIn = ({ after: { value = 0, code, unit = '' } }: StepDown): TimerPayload => ({
  after: { value, code: code ?? unit },
})

/** Timers that were set before months were counted by the calendar say milliseconds. */
function lengthOf({ payload }: Timer): Length {
  const said = payload?.after
  if (typeof said === 'object' && said !== null && !Array.isArray(said)) {
    return { value: Number(said.value), code: String(said.code) }
  }
  return { value: Number(said ?? 0) / 1_000, code: 's' }
}

const keyOf = ({ id }: ServiceRequest) => ({ kind: 'step-down', about: `ServiceRequest/${id}`, name: 'next' }) as const

/** A request was made or changed: the clock of one that may be stepped down starts, of one that rests or has ended it stops. */
export function stepTimers(request: ServiceRequest, at: Date): TimerDecision[] {
  const step = stepDownOf(request)
  if (!step) return []
  if (request.status !== 'active') return [{ act: 'drop', timer: keyOf(request) }]
  const dueAt = new Date(after(at.getTime(), step.after))
  return [
    { act: 'start', timer: { ...keyOf(request), dueAt, payload: { ...lengthIn(step), stable: at.toISOString() } } },
  ]
}

/**
 * Something red or yellow was found: whoever was to be stepped down is not, and whoever was is stepped up again at once. The request
 * itself is read when the timer rings, so that a finding costs nothing more.
 * @param timers the patient's own, of this kind
 */
export function afterFinding(timers: Timer[], now: Date): TimerDecision[] {
  return timers.map((timer): TimerDecision => {
    const dueAt = timer.payload?.stepped ? now : new Date(after(now.getTime(), lengthOf(timer)))
    return { act: 'set', timer: { ...timer, dueAt, payload: { ...timer.payload, stable: now.toISOString() } } }
  })
}

/** Stable for long enough: the patient measures less often. Something has been found since: as before. */
export const ringStepDown: Ring = ({ timer, about, now, newId }) => {
  const request = about as ServiceRequest | undefined
  const step = request && stepDownOf(request)
  if (!request || !step || request.status !== 'active') return NOTHING
  const { stable, stepped } = timer.payload ?? {}
  const since = Date.parse(String(stable))
  const again = (payload: Timer['payload'], dueAt: Date): Decisions['timers'] => [
    { act: 'set', timer: { ...timer, dueAt, payload: { ...lengthIn(step), ...payload } } },
  ]
  const later = (from: number) => new Date(after(from, step.after))
  if (stepped && since > Date.parse(String(stepped))) {
    const requests = changed(steppedUp(request), 'up', { now, newId })
    return { ...NOTHING, requests, timers: again({ stable: String(stable) }, later(since)) }
  }
  if (stepped) return { ...NOTHING, timers: again({ stable: String(stable), stepped }, later(now.getTime())) }
  if (later(since) > now) return { ...NOTHING, timers: again({ stable: String(stable) }, later(since)) }
  const requests = changed(steppedDown(request, step, now), 'down', { now, newId })
  return {
    ...NOTHING,
    requests,
    timers: again({ stable: String(stable), stepped: now.toISOString() }, later(now.getTime())),
  }
}

function steppedDown(request: ServiceRequest, { timing }: StepDown, now: Date): ServiceRequest {
  const before = request.occurrenceTiming
  const parts: Extension[] = [
    { url: 'since', valueDateTime: now.toISOString() },
    ...(before ? [{ url: 'timing', valueTiming: before }] : []),
  ]
  return {
    ...request,
    extension: [...(request.extension ?? []), { url: STEPPED_DOWN, extension: parts }],
    occurrenceTiming: timing,
  }
}

function steppedUp(request: ServiceRequest): ServiceRequest {
  const parts = request.extension?.find(({ url }) => url === STEPPED_DOWN)?.extension ?? []
  const before = parts.find(({ url }) => url === 'timing')?.valueTiming
  const extension = (request.extension ?? []).filter(({ url }) => url !== STEPPED_DOWN)
  return { ...request, extension, ...(before ? { occurrenceTiming: before } : {}) }
}

const WORDS: Record<'down' | 'up', (what: string) => Told> = {
  down: (what) => ({
    nb: `Alt har vært stabilt en stund. Fra nå trenger du å gjøre dette sjeldnere: ${what}.`,
    nn: `Alt har vore stabilt ei stund. Frå no treng du å gjere dette sjeldnare: ${what}.`,
    en: `All has been stable for a while. From now on you need to do this less often: ${what}.`,
  }),
  up: (what) => ({
    nb: `Vi vil følge deg litt tettere igjen. Gjør dette så ofte som før: ${what}.`,
    nn: `Vi vil følgje deg litt tettare igjen. Gjer dette så ofte som før: ${what}.`,
    en: `We want to follow you more closely again. Do this as often as before: ${what}.`,
  }),
}

/** The request as it is from now on, and what the patient is told. */
function changed(
  request: ServiceRequest,
  way: 'down' | 'up',
  { now, newId }: { now: Date; newId: () => string },
): RequestDecision[] {
  const what = request.code?.text ?? request.code?.coding?.[0]?.display ?? ''
  const about = `ServiceRequest/${request.id}`
  const message = toCommunicationRequest({
    id: newId(),
    identifier: { system: FINDING, value: `${about}|step-${way}|${now.toISOString()}` },
    category: 'instruction',
    priority: 'routine',
    subject: request.subject as Task['for'],
    recipient: request.subject as Task['owner'],
    about,
    told: WORDS[way](what),
    authoredOn: now,
  })
  const told: CommunicationRequest = { ...message, basedOn: [{ reference: about }] }
  return [
    { act: 'update', resource: request as unknown as Resource },
    { act: 'create', resource: told as unknown as Resource },
  ]
}
