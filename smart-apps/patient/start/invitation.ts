import type { FhirClient } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import { forget, keep, kept } from '../../launch/kept.ts'

/** What became of an invitation; the texts of it are in `texts.ts`. */
export type Acceptance = 'accepted' | 'used' | 'other' | 'over' | 'unknown' | 'unreached'

const KEPT = 'fylgje.invitation'
const CODE = /^#([\w-]{22})$/

/** The screen that the link of an invitation leads to. */
export const WELCOME = 'welcome'

/**
 * Takes the code out of the address of the link, so that it stays neither there nor in the history; it is kept until somebody has signed
 * in, in this window alone.
 */
export function takeInvitation(): void {
  const code = CODE.exec(location.hash)?.[1]
  if (!code || !location.pathname.endsWith(`/${WELCOME}`)) return
  keep(KEPT, code)
  history.replaceState(null, '', location.pathname + location.search)
}

/** Also of a link that is opened while the app is there: then the address alone changes. @returns ends it */
export function hearInvitations(onInvited: () => void): () => void {
  const hear = () => {
    takeInvitation()
    if (isInvited()) onInvited()
  }
  addEventListener('hashchange', hear)
  return () => removeEventListener('hashchange', hear)
}

export const isInvited = (): boolean => kept(KEPT) !== undefined

/** What the server says against a code, by its status. */
const ANSWERS: Readonly<Record<number, Acceptance>> = {
  400: 'unknown',
  403: 'other',
  404: 'unknown',
  409: 'used',
  422: 'over',
}

/** Whoever is signed in has come by the link. @returns undefined where nobody has come by one */
export async function acceptInvitation(
  fhir: Pick<FhirClient, 'operation'>,
  patient: string,
): Promise<Acceptance | undefined> {
  const code = kept<string>(KEPT)
  if (code === undefined) return undefined
  // Another link may have been opened meanwhile.
  const done = () => void (kept(KEPT) === code && forget(KEPT))
  try {
    await fhir.operation(`Patient/${patient}/$accept-invitation`, [{ name: 'code', valueString: code }])
  } catch (error) {
    const said = error instanceof Refused ? answerOf(error) : undefined
    // What the server has not judged may be judged later.
    if (said === undefined) return 'unreached'
    // Whose it is may sign in yet, in this window.
    if (said !== 'other') done()
    return said
  }
  done()
  return 'accepted'
}

/** Whoever may begin for nobody, as next of kin, is told that there is no such patient; that is nothing against the code. */
function answerOf({ status, issues }: Refused): Acceptance | undefined {
  const isOfCode = issues.some(({ expression = [] }) => expression.includes('code'))
  return status === 404 && !isOfCode ? 'other' : ANSWERS[status]
}
