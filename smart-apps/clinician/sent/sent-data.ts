import type { Parameters, ParametersParameter, Task } from '@medplum/fhirtypes'
import { type FhirClient, ofType, type Stored } from '../../fhir/client.ts'
import { type Said, translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'

const TASK_CODE = 'http://fylgje.no/fhir/CodeSystem/task-code'

export const STATES = ['queued', 'sent', 'failed', 'accepted', 'journaled', 'withheld', 'dead'] as const
export type State = (typeof STATES)[number]

/** Why a message was not sent or not taken, in each language of the app. */
export type SentReason = (language: Language) => Said

/** What was sent, and nothing of what it says. */
export type SentMessage = {
  id: string
  receiver: string
  organization: string
  state: State
  attempts: number
  caused?: Date
  accepted?: Date
  journaled?: Date
  reason?: SentReason
}

export type Sent = {
  /** How many there are of each state. */
  totals: ReadonlyMap<State, number>
  /** The newest first. */
  messages: SentMessage[]
  /** Where the page after begins. */
  next?: string
}

export async function readSent(
  fhir: FhirClient,
  asked: { state?: string | undefined; before?: string | undefined },
  signal: AbortSignal,
): Promise<Sent> {
  const answer = await fhir.operation<Parameters>(
    '$sent-messages',
    [
      ...(asked.state ? [{ name: 'state', valueCode: asked.state }] : []),
      ...(asked.before ? [{ name: 'before', valueString: asked.before }] : []),
    ],
    { signal },
  )
  return toSent(answer)
}

/** Pure. */
export function toSent({ parameter = [] }: Parameters): Sent {
  const totals = new Map<State, number>()
  for (const { name, part } of parameter) {
    if (name !== 'total') continue
    const state = of(part, 'state')?.valueCode as State
    totals.set(state, (totals.get(state) ?? 0) + (of(part, 'count')?.valueInteger ?? 0))
  }
  const next = parameter.find(({ name }) => name === 'next')?.valueString
  return {
    totals,
    messages: parameter.flatMap(({ name, part }) => (name === 'message' ? [toMessage(part)] : [])),
    ...(next ? { next } : {}),
  }
}

type Parts = ParametersParameter[] | undefined
const of = (parts: Parts, name: string) => parts?.find((one) => one.name === name)

/** What has no code was said in English, before there were codes, or by what judges resources. */
function toReason(part: Parts): SentReason | undefined {
  const said = of(part, 'reason')
  if (!said?.valueString) return undefined
  const isEnglish = of(part, 'reason-code')?.valueCode === 'other'
  return (language) => {
    const { text, lang } = translated(said, 'valueString', language) as Said
    return { text, lang: isEnglish ? 'en' : lang }
  }
}

function toMessage(part: Parts): SentMessage {
  const at = (name: string): { [name: string]: Date } => {
    const text = of(part, name)?.valueInstant
    return text ? { [name]: new Date(text) } : {}
  }
  const reason = toReason(part)
  return {
    id: of(part, 'id')?.valueId ?? '',
    receiver: of(part, 'receiver')?.valueCode ?? '',
    organization: of(part, 'organization')?.valueString ?? '',
    state: of(part, 'state')?.valueCode as State,
    attempts: of(part, 'attempts')?.valueInteger ?? 0,
    ...{ ...at('caused'), ...at('accepted'), ...at('journaled') },
    ...(reason ? { reason } : {}),
  }
}

/** The open Task that tells of a dead message: what sends it again is done on it. */
export async function resend(fhir: FhirClient, message: string): Promise<void> {
  const found = ofType(
    await fhir.search('Task', {
      ...{ code: `${TASK_CODE}|sending-failed`, status: 'requested,accepted,in-progress', _count: 200 },
      _sort: '-_lastUpdated',
    }),
    'Task',
  )
  const task = found.find((one: Task) => one.identifier?.some(({ value }) => value?.includes(`|${message}|`)))
  if (!task) throw new NoTask()
  const { id, meta } = task as Task & Stored
  await fhir.operation(`Task/${id}/$resend`, [], meta?.versionId ? { ifMatch: meta.versionId } : {})
}

/** Somebody has closed it, or it is among others than the newest two hundred. */
export class NoTask extends Error {}
