import type { Observation } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { followParts, partsOfScore } from '../core/news2/follow-parts.ts'
import { NEWS2_IDENTIFIER } from '../core/news2/news2-observation.ts'
import { inTransaction, prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { FeedEvent } from '../outbox/feed.ts'
import { referenceToken, systemToken, tokenHash } from '../search/token-hash.ts'
import type { Change } from '../store/store.ts'
import { createCarefulDuty } from './careful-duty.ts'
import { writeSetAside } from './decision-table.ts'
import { readAbout, readChanged } from './facts.ts'
import type { KeeperRooms } from './keeper.ts'
import { CHANGED_MEASUREMENTS, claimKeeperCursor, moveKeeperCursor, readFollowed } from './keeper-cursor.ts'

const KEEPER = engineAccess('score-keeper')
/** How deep a chain of the engine's own consequences may go; see round.ts. */
const DEPTH_MAX = 8
/** Events in one transaction: for most of them one look into an index finds nothing. */
const EVENT_COUNT_MAX = 100

/**
 * Scores of NEWS2 follow what they rest on: a part that is corrected gives the score its next version, one that is withdrawn, deleted
 * or turns out to be another person's takes it along, whether anybody asks for the score again or not. In one transaction with the place in the feed. The plans then see the
 * score change, and take back what they had raised for it.
 * @see docs/decisions/0083-a-score-follows-its-parts.md
 */
export const createScoreKeeping = () =>
  createCarefulDuty<KeeperRooms>({ countMax: EVENT_COUNT_MAX, work: followNext, setAside: setAsideNext })

/** @returns how many events were followed */
async function followNext({ pool, store, onCommit }: KeeperRooms, countMax: number): Promise<number> {
  let written = 0
  const followed = await inTransaction(pool, async (tx) => {
    const place = await claimKeeperCursor(tx, CHANGED_MEASUREMENTS)
    const events = place ? await readFollowed(tx, CHANGED_MEASUREMENTS, place, countMax) : []
    const last = events.at(-1)
    if (!last) return 0
    const changed = await readChanged(tx, events)
    for (const [i, event] of events.entries()) {
      const before = changed[i]?.previous as Observation | undefined
      const changes = event.depth < DEPTH_MAX ? await changesFor(tx, event, before) : []
      if (changes.length > 0) await store.writeIn(tx, KEEPER, changes, { depth: event.depth + 1 })
      written += changes.length
    }
    await moveKeeperCursor(tx, CHANGED_MEASUREMENTS, last)
    return events.length
  })
  if (written > 0) onCommit()
  return followed
}

/** @param before what was measured, as it was before: whose it was then may be somebody else */
async function changesFor(tx: Tx, { patient, id }: FeedEvent, before: Observation | undefined): Promise<Change[]> {
  const [, patientBefore] = /^Patient\/([^/]+)$/.exec(before?.subject?.reference ?? '') ?? []
  const patients = new Set([patient, patientBefore].filter((one) => typeof one === 'string'))
  const scores = patients.size === 0 ? [] : await readScores(tx, [...patients], `Observation/${id}`)
  const parts = await readAbout(tx, scores.flatMap(partsOfScore))
  return scores.flatMap((score): Change[] => {
    const next = followParts(score, parts as unknown as Map<string, Observation>)
    return next ? [{ interaction: 'update', resource: next as unknown as Resource, id: String(score.id) }] : []
  })
}

const IS_SCORE = tokenHash(systemToken('Observation.identifier', NEWS2_IDENTIFIER))

/** The patients' scores that rest on this measurement, locked until `tx` ends. */
async function readScores(tx: Tx, patients: string[], reference: string): Promise<Observation[]> {
  const both = [IS_SCORE, tokenHash(referenceToken('Observation.derivedFrom', reference))]
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE patient = ANY (${patients}::text[]) AND type = 'Observation' AND NOT deleted AND tokens @> ${both}::bigint[]
       ORDER BY rk FOR UPDATE`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Observation)
}

async function setAsideNext({ pool, now, log }: KeeperRooms, error: Error): Promise<void> {
  log.error({ err: error }, 'the keeper of plans sets aside a measurement whose scores it cannot follow')
  await inTransaction(pool, async (tx) => {
    const place = await claimKeeperCursor(tx, CHANGED_MEASUREMENTS)
    const [event] = place ? await readFollowed(tx, CHANGED_MEASUREMENTS, place, 1) : []
    if (!event) return
    await writeSetAside(tx, { kind: 'event', event }, error, now())
    await moveKeeperCursor(tx, CHANGED_MEASUREMENTS, event)
  })
}
