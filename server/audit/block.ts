import { hash } from 'node:crypto'
import type { Agent, AuditRecord } from './record.ts'

/** A chain as far as it has come: the next block's number, and the hash that it goes on from. */
export type Chain = { readonly id: string; readonly month: string; block: number; head: string }

/** A row of `audit_block`. */
export type Block = {
  /** First day, `2026-11-01`. */
  month: string
  /** bigint as text */
  chain: string
  block: number
  /** instant, UTC, milliseconds */
  recordedAt: string
  head: string
  lines: string
}

/** The first line of a block: what is true of all its records. They name who by the place in `agents`. */
export type BlockHeader = { chain: string; block: number; at: string; count: number; agents: Agent[] }
type Line = Omit<AuditRecord, 'agent'> & { agent: number }

/** The chain's first hash goes on from this. */
export const genesisOf = (chain: string): string => hash('sha256', `fylgje audit ${chain}`, 'base64url')

/** The hash of a line: of exactly its characters, after the hash before it. */
export const hashLine = (before: string, line: string): string => hash('sha256', `${before}\n${line}`, 'base64url')

/** The next block of a chain. The chain itself stays where it is: whether the block is kept is for the database to say. */
export function nextBlock(chain: Chain, records: readonly AuditRecord[], now: Date): Block {
  const agents: Agent[] = []
  const places = new Map<Agent, number>()
  const placeOf = (agent: Agent): number => {
    const known = places.get(agent)
    if (known !== undefined) return known
    places.set(agent, agents.length)
    return agents.push(agent) - 1
  }
  const written = records.map((record) => JSON.stringify({ ...record, agent: placeOf(record.agent) } satisfies Line))
  const recordedAt = now.toISOString()
  const header: BlockHeader = { chain: chain.id, block: chain.block, at: recordedAt, count: records.length, agents }
  let head = chain.head
  let lines = ''
  for (const line of [JSON.stringify(header), ...written]) {
    head = hashLine(head, line)
    lines += `${head.slice(0, MARK_LENGTH)} ${line}\n`
  }
  const { id, month, block } = chain
  return { month, chain: id, block, recordedAt, head, lines }
}

/** By what some records are found, each once; see filing.ts. */
export function tokensOf(records: readonly AuditRecord[]): string[] {
  const tokens = new Set<string>()
  for (const { code, outcome, agent, patients = [], what = [], received } of records) {
    tokens.add(`code=${code}`)
    tokens.add(`agent=${agent.who}`)
    if (agent.client) tokens.add(`agent=Client/${agent.client}`)
    if (outcome !== undefined) tokens.add(`outcome=${outcome}`)
    for (const patient of patients) tokens.add(`patient=${patient}`)
    for (const one of what) tokens.add(`what=${withoutVersion(one)}`)
    if (received) for (const token of tokensOfReceived(received)) tokens.add(token)
  }
  return [...tokens]
}

/** Its own codes and times are looked at one by one, wherever it is. */
export const RECEIVED = 'received'
export const idToken = (id: string): string => `id=${id}`

function tokensOfReceived({ id, text }: NonNullable<AuditRecord['received']>): string[] {
  const references = [...text.matchAll(/"reference":"([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})[/"]/g)].map(([, one]) => one)
  return [RECEIVED, idToken(id), ...references.flatMap((one) => [`agent=${one}`, `what=${one}`])]
}

export const withoutVersion = (reference: string): string => reference.split('/_history/', 1)[0] ?? reference

/** A line as it stands: the beginning of its hash, by which the one that was changed is found, and what was hashed. */
export type HashedLine = { mark: string; text: string }
/** Of 43; the head of the block is whole. */
export const MARK_LENGTH = 8

/** The lines of a block: the header's, then one for each record. Says nothing of whether they are right. */
export function splitLines(lines: string): HashedLine[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line) => ({ mark: line.slice(0, MARK_LENGTH), text: line.slice(MARK_LENGTH + 1) }))
}

/** The records of a block, in their order. @throws SyntaxError for lines that are no JSON any more */
export function readRecords(lines: string): AuditRecord[] {
  const [first, ...others] = splitLines(lines)
  const { agents } = JSON.parse(first?.text ?? '{}') as BlockHeader
  return others.map(({ text }) => {
    const { agent, ...rest } = JSON.parse(text) as Line
    return { ...rest, agent: agents[agent] ?? { who: 'unknown' } }
  })
}
