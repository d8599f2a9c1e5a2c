import type { OwnRecord } from '../record/record.ts'
import { type PhoneVerdict, type Saving, toEntries } from '../sending/entry.ts'
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
 * @returns whether the plan says anything; false also where the engine could not be loaded, or failed
 */
export async function saveAndJudge(
  outbox: Outbox,
  record: OwnRecord | undefined,
  savings: readonly (Saving & { asStored?: Saving['resource'] })[],
): Promise<{ isJudged: boolean }> {
  await outbox.add(savings.map(({ asStored: _, ...saving }) => saving))
  if (!record) return { isJudged: false }
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
    return { isJudged: saysSomething(verdicts) }
  } catch {
    return { isJudged: false }
  }
}

/** Grey is no verdict, nor is that no plan looks at it. */
export const saysSomething = (verdicts: readonly (PhoneVerdict | undefined)[]): boolean =>
  verdicts.some((verdict) => verdict !== undefined && verdict.zone !== 'grey')
