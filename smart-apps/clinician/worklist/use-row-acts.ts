import { useCallback, useMemo, useState } from 'react'
import { Refused } from '../../fhir/failure.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { useSession } from '../session-context.ts'
import type { Notice } from './notice-line.tsx'
import { type Patients, type Row, toRow } from './row.ts'
import { claim, release, snooze, wake } from './task-acts.ts'
import { WORKLIST_TEXTS } from './texts.ts'

/** @property back what takes it back, given the Task as it is then */
type Act = {
  run: (row: Row) => Promise<Row['task']>
  words: string
  back?: (row: Row) => Promise<Row['task']>
}

type Needs = {
  /** Puts what the server has answered into the list. */
  put: (task: Row['task']) => void
  reload: () => void
  /** Those of the list, as they are when an act is over. */
  patients: { readonly current: Patients }
}

/** What is done to a Task in its row, at once: one line is told of it, with what takes it back. */
export function useRowActs({ put, reload, patients }: Needs) {
  const text = useTexts(WORKLIST_TEXTS)
  const { fhir } = useSession()
  const [notice, setNotice] = useState<Notice>()
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set())
  const act = useCallback(
    async (row: Row, { run, words, back }: Act) => {
      // What was told of the act before cannot be taken back any more, nor twice.
      setNotice(undefined)
      setBusy((before) => new Set(before).add(row.id))
      try {
        const task = await run(row)
        put(task)
        // Taken back is the version that this has made: whatever somebody else does meanwhile stands.
        const after = toRow(task, patients.current)
        const undo = back && (() => void act(after, { run: back, words: text('undone', { name: row.patientName }) }))
        setNotice({ words, ...(undo && { undo }) })
      } catch (error) {
        const isConflict = error instanceof Refused && error.isConflict
        setNotice({ words: isConflict ? text('conflict') : '', ...(isConflict ? {} : { failure: error as Error }) })
        reload()
      }
      setBusy((before) => new Set([...before].filter((id) => id !== row.id)))
    },
    [put, reload, patients, text],
  )
  const acts = useMemo(() => {
    const doClaim = (row: Row) => claim(fhir, row)
    const doRelease = (row: Row) => release(fhir, row)
    const doWake = (row: Row) => wake(fhir, row)
    return {
      take: (row: Row) =>
        void act(row, { run: doClaim, back: doRelease, words: text('taken', { name: row.patientName }) }),
      release: (row: Row) =>
        void act(row, { run: doRelease, back: doClaim, words: text('released', { name: row.patientName }) }),
      wake: (row: Row) => {
        const { snoozedUntil: until, task } = row
        const reason = task.statusReason?.text
        // As it was: with the same reason, until the same time.
        const back = until && reason ? (woken: Row) => snooze(fhir, woken, { reason, until }) : undefined
        void act(row, { run: doWake, ...(back && { back }), words: text('woken', { name: row.patientName }) })
      },
      /** Its dialog tells what stands in the way. @throws what the server or the net has against it */
      snooze: async (row: Row, given: { reason: string; until: Date }) => {
        const task = await snooze(fhir, row, given)
        put(task)
        const after = toRow(task, patients.current)
        const words = text('undone', { name: row.patientName })
        setNotice({
          words: text('isSnoozed', { name: row.patientName }),
          undo: () => void act(after, { run: doWake, words }),
        })
      },
    }
  }, [act, fhir, put, patients, text])
  return { acts, busy, notice, setNotice }
}
