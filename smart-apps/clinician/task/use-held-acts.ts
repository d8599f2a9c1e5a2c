import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { FhirClient } from '../../fhir/client.ts'
import { forget, keep, kept } from '../../launch/kept.ts'
import { DRAFTS } from '../../launch/session.ts'
import { SESSION_BEGAN } from '../fhir/use-query.ts'
import { LEAVING, useFhir } from '../session-context.ts'
import type { Act } from './act.ts'
import { forgetDraft, keepDraft } from './draft.ts'
import { createHeldActs, type HeldAct, type HeldActs } from './held-acts.ts'
import { sendAct } from './send-act.ts'

const KEPT = `${DRAFTS}held`
/** Told to the window when an act of ours has changed what is stored. */
export const ACT_DONE = 'fylgje-act-done'

let known: { fhir: FhirClient; held: HeldActs } | undefined

/** One list for the window, as the session is. */
function heldActsOf(fhir: FhirClient): HeldActs {
  if (known?.fhir === fhir) return known.held
  const held = createHeldActs({
    send: (act, isLast) => sendAct(fhir, act, isLast),
    kept: () => kept<Act[]>(KEPT) ?? [],
    keep: (acts) => (acts.length > 0 ? keep(KEPT, acts) : forget(KEPT)),
    onDone: (act) => dispatchEvent(new CustomEvent(ACT_DONE, { detail: act.taskIds })),
  })
  known = { fhir, held }
  addEventListener('pagehide', () => held.flush())
  addEventListener(LEAVING, () => {
    held.flush()
    held.clear()
  })
  addEventListener(SESSION_BEGAN, () => {
    for (const { id, state } of held.current()) if (state === 'waiting') held.sendNow(id)
  })
  return held
}

export type Acting = {
  acts: readonly HeldAct[]
  hold: (act: Act) => void
  /** Gives back what was written, where it was written. */
  undo: (id: string) => void
  sendNow: (id: string) => void
  retry: (act: Act) => void
  dismiss: (id: string) => void
}

export function useHeldActs(): Acting {
  const held = heldActsOf(useFhir())
  const acts = useSyncExternalStore(held.subscribe, held.current)
  return useMemo(
    () => ({
      acts,
      hold: (act) => {
        if (act.draft) forgetDraft(act.draft.name)
        held.hold(act)
      },
      undo: (id) => {
        const act = held.undo(id)
        if (act?.draft) keepDraft(act.draft.name, act.draft.written)
      },
      sendNow: held.sendNow,
      retry: held.retry,
      dismiss: held.dismiss,
    }),
    [acts, held],
  )
}

/** Runs after an act of ours has been carried out. */
export function useActDone(run: () => void): void {
  useEffect(() => {
    addEventListener(ACT_DONE, run)
    return () => removeEventListener(ACT_DONE, run)
  }, [run])
}
