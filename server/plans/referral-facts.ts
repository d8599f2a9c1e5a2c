import type { Task } from '@medplum/fhirtypes'
import { answerReferences } from '../core/decide/referral/eligibility-answer.ts'
import type { ReferralFacts } from '../core/decide/referral/follow-referral.ts'
import { isReferral, referralOf } from '../core/decide/referral/referral.ts'
import { prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { referenceToken, tokenHash } from '../search/token-hash.ts'
import { readAbout } from './facts.ts'

/** A referral with what was asked for it and answered. */
export type ReferralRead = Pick<ReferralFacts, 'referral' | 'questions' | 'answers'>

/**
 * Referrals as they are stored now, in three queries for all.
 * @param references `Task/1`; what is no referral, or is there no more, is left out
 */
export async function readReferrals(tx: Tx, references: string[]): Promise<Map<string, ReferralRead>> {
  const found = [...(await readAbout(tx, references))].map(
    ([reference, task]) => [reference, task as unknown as Task] as const,
  )
  const referrals = found.filter(([, task]) => isReferral(task))
  if (referrals.length === 0) return new Map()
  const questions = await readQuestions(tx, new Map(referrals))
  const answers = (await readAbout(tx, questions.flatMap(answerReferences))) as ReadonlyMap<string, unknown>
  return new Map(
    referrals.map(([reference, referral]) => [
      reference,
      {
        referral,
        questions: questions.filter((question) => referralOf(question) === reference),
        answers: answers as ReferralRead['answers'],
      },
    ]),
  )
}

async function readQuestions(tx: Tx, referrals: ReadonlyMap<string, Task>): Promise<Task[]> {
  const patients = [...referrals.values()].map((referral) => referral.for?.reference?.split('/')[1] ?? '')
  const hashes = [...referrals.keys()].map((reference) => tokenHash(referenceToken('Task.partOf', reference)))
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource
       WHERE patient = ANY (${patients}::text[]) AND type = 'Task' AND NOT deleted AND tokens && ${hashes}::bigint[]
       ORDER BY rk`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Task)
}

/** The same with what has become of the referral, or of one of its questions. */
export function withTask({ referral, questions, answers }: ReferralRead, task: Task): ReferralRead {
  if (task.id === referral.id) return { referral: task, questions, answers }
  return { referral, questions: [...questions.filter(({ id }) => id !== task.id), task], answers }
}
