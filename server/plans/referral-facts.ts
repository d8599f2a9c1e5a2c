import type { QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import { answerReferences } from '../core/decide/referral/judge-eligibility.ts'
import { isReferral, referralOf } from '../core/decide/referral/referral.ts'
import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { referenceToken, tokenHash } from '../search/token-hash.ts'
import { readAbout } from './facts.ts'

export type ReferralRead = { referral: Task; questions: Task[]; answers: Map<string, QuestionnaireResponse> }

/**
 * A referral with what was asked for it and answered, as it is stored now.
 * @param reference `Task/1`
 * @returns undefined for what is no referral, or is there no more
 */
export async function readReferral(tx: Tx, reference: string): Promise<ReferralRead | undefined> {
  const referral = (await readAbout(tx, [reference])).get(reference) as unknown as Task | undefined
  if (!referral || !isReferral(referral)) return undefined
  const patient = referral.for?.reference?.split('/')[1] ?? ''
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE patient = ${patient} AND type = 'Task' AND NOT deleted
         AND tokens @> ARRAY[${tokenHash(referenceToken('Task.partOf', reference))}::bigint]
       ORDER BY rk`),
  )
  const parts = rows.map(({ content }) => JSON.parse(content) as Task)
  const questions = parts.filter((part) => referralOf(part) === reference)
  const answers = await readAbout(tx, questions.flatMap(answerReferences))
  return { referral, questions, answers: answers as unknown as ReferralRead['answers'] }
}
