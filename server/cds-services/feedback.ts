import { z } from 'zod'
import type { Card } from '../cds-hooks/cards.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/** To whom a card was given, and by which service. */
export type Given = { service: string; issuer: string }

const KEPT_DAYS = 90
/** Of what is too old, so many go with each call, which is more than one call brings. */
const REMOVED_COUNT_MAX = 100

const instant = z.iso.datetime({ offset: true })
const uuid = z.uuid()
const suggestions = z.array(z.looseObject({ id: uuid })).min(1)
const reason = z.looseObject({
  reason: z
    .looseObject({ code: z.string().min(1), system: z.string().optional(), display: z.string().optional() })
    .optional(),
  userComment: z.string().max(4_000).optional(),
})

/** https://cds-hooks.hl7.org/2.0/#feedback */
const FEEDBACK = z.looseObject({
  feedback: z
    .array(
      z.discriminatedUnion('outcome', [
        z.looseObject({
          ...{ card: uuid, outcome: z.literal('accepted'), outcomeTimestamp: instant },
          acceptedSuggestions: suggestions.optional(),
        }),
        z.looseObject({
          ...{ card: uuid, outcome: z.literal('overridden'), outcomeTimestamp: instant },
          overrideReason: reason.optional(),
        }),
      ]),
    )
    .min(1)
    .max(100),
})

/** Remembers which cards were given to whom, for as long as somebody may say what became of them. */
export async function rememberCards(db: Queryable, cards: Card[], { service, issuer }: Given): Promise<void> {
  await db.query(sql`
    DELETE FROM cds_card WHERE card_id IN (
      SELECT card_id FROM cds_card WHERE given_at < now() - make_interval(days => ${KEPT_DAYS}) LIMIT ${REMOVED_COUNT_MAX})`)
  if (cards.length === 0) return
  await db.query(sql`
    INSERT INTO cds_card (card_id, service_id, issuer)
    SELECT card, ${service}, ${issuer} FROM unnest(${cards.map(({ uuid: id }) => id)}::uuid[]) AS card`)
}

/**
 * Keeps what clinicians did with cards. Told again it replaces what was told before, for an EHR that got no answer tells it again.
 * @throws Refusal value, required for what is not feedback; not-found for a card that this service has not given to this EHR, and then
 *   nothing of it is kept
 */
export async function keepFeedback(db: Queryable, body: unknown, { service, issuer }: Given): Promise<void> {
  const { feedback } = readFeedback(body)
  const cards = feedback.map(({ card }) => card)
  const { rows } = await db.query<{ card_id: string }>(sql`
    SELECT card_id FROM cds_card WHERE card_id = ANY(${cards}::uuid[]) AND service_id = ${service} AND issuer = ${issuer}`)
  const given = new Set(rows.map((row) => row.card_id))
  const unknown = cards.flatMap((card, index) => (given.has(card.toLowerCase()) ? [] : [unknownCard(card, index)]))
  if (unknown.length > 0) throw new Refusal(unknown)
  for (const { card, outcome, outcomeTimestamp, ...said } of feedback)
    await db.query(sql`
      UPDATE cds_card SET outcome = ${outcome}, outcome_at = ${outcomeTimestamp}, feedback = ${JSON.stringify(said)}::jsonb
       WHERE card_id = ${card}`)
}

const unknownCard = (card: string, index: number): Issue => ({
  ...{ severity: 'error', code: 'not-found', expression: [`feedback[${index}].card`] },
  diagnostics: `This service has given no card ${card} to this client within ${KEPT_DAYS} days.`,
})

function readFeedback(body: unknown): z.output<typeof FEEDBACK> {
  const { data, error } = FEEDBACK.safeParse(body)
  if (data) return data
  throw new Refusal(
    error.issues.map(({ path, message }) => ({
      ...{ severity: 'error' as const, code: 'value' as const, diagnostics: `${pathOf(path)}: ${message}` },
      expression: [pathOf(path)],
    })),
  )
}

/** `feedback[0].card` */
const pathOf = (path: PropertyKey[]): string =>
  path.reduce<string>(
    (said, one) => (typeof one === 'number' ? `${said}[${one}]` : [said, String(one)].filter(Boolean).join('.')),
    '',
  ) || 'feedback'
