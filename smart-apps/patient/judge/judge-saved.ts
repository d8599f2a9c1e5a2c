import type { OwnRecord } from '../record/record.ts'
import { isOfPicture, type PhoneVerdict, type Saving, toEntries } from '../sending/entry.ts'
import type { Outbox } from '../sending/outbox.ts'

/** What a plan has limits for; a picture that goes with it is for people to judge. */
const JUDGED: ReadonlySet<string> = new Set(['Observation', 'QuestionnaireResponse'])

/** What draws a screen does not wait for the engine; who has opened one on which something is saved does not either. */
const load = () => import('./judge.ts')
export const prepareJudge = (): void => void load().catch(() => {})

/**
 * Saves first, then judges: a plan that cannot be evaluated must lose nothing. What the plan says is kept with each entry, so that it is
 * there after a reload, and can be held against the server's verdict.
 * @param savings `asStored`: as the server will have it, where that is more than what is sent: judged, and not sent
 * @returns `isJudged`: whether the plan says anything; false also where the engine could not be loaded, or failed. `isPictureLost`: there was
 * no room for the picture, and the rest is kept without it
 * @throws what the vault throws where the rest cannot be kept either
 */
export async function saveAndJudge(
  outbox: Outbox,
  record: OwnRecord | undefined,
  savings: readonly (Saving & { asStored?: Saving['resource'] })[],
): Promise<{ isJudged: boolean; isPictureLost: boolean }> {
  const isPictureLost = await keep(
    outbox,
    savings.map(({ asStored: _, ...saving }) => saving),
  )
  return { isJudged: record !== undefined && (await isJudgedBy(outbox, record, savings)), isPictureLost }
}

/** A full phone may have room for a number where it has none for a picture. @returns whether it was kept without its picture */
async function keep(outbox: Outbox, savings: readonly Saving[]): Promise<boolean> {
  try {
    await outbox.add(savings)
    return false
  } catch (error) {
    const rest = savings.filter((saving) => !isOfPicture(saving))
    if (rest.length === 0 || rest.length === savings.length) throw error
    await outbox.add(rest)
    return true
  }
}

async function isJudgedBy(
  outbox: Outbox,
  record: OwnRecord,
  savings: readonly (Saving & { asStored?: Saving['resource'] })[],
): Promise<boolean> {
  try {
    const { judge } = await load()
    const now = new Date()
    const ids = new Set(savings.map(({ id }) => id))
    const earlier = outbox.current().entries.filter(({ id }) => !ids.has(id))
    const verdicts: (PhoneVerdict | undefined)[] = []
    const judged = savings
      .map(({ asStored, ...saving }) => ({ ...saving, resource: asStored ?? saving.resource }))
      .filter(({ resource }) => JUDGED.has(resource.resourceType))
    for (const [i, entry] of toEntries(judged, now).entries()) {
      const verdict = judge(record, [...earlier, ...toEntries(judged.slice(0, i), now)], entry, now)
      verdicts.push(verdict)
      if (verdict) await outbox.judged(entry.id, verdict)
    }
    return saysSomething(verdicts)
  } catch {
    return false
  }
}

/** Grey is no verdict, nor is that no plan looks at it. */
export const saysSomething = (verdicts: readonly (PhoneVerdict | undefined)[]): boolean =>
  verdicts.some((verdict) => verdict !== undefined && verdict.zone !== 'grey')
