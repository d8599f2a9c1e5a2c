import type { Timing } from '@medplum/fhirtypes'
import { ChangedMeanwhile, lastReason, orCompared } from './changed-meanwhile.ts'
import type { EnrolmentChange } from './enrolment-change.ts'
import type { Notice } from './notice-view.tsx'
import { changeWithReason, type StoredRequest } from './plan-data.ts'
import { requestTitle } from './request-title.ts'
import { scheduleInWords } from './schedule.ts'

type ScheduleSaved = {
  /** As it was when it was opened. */
  request: StoredRequest
  timing: Timing
  reason: string
  /** Given what somebody else has made of it who was faster. */
  onCompare: (theirs: StoredRequest) => void
}

/** When somebody is asked to do something, with a reason. @throws ChangedMeanwhile */
export async function saveSchedule(
  { fhir, patient, practitioner, name, onStale, text, language }: EnrolmentChange,
  { request, timing, reason, onCompare }: ScheduleSaved,
): Promise<Notice> {
  const change = { practitioner, patient }
  const versionId = await orCompared(
    () => changeWithReason(fhir, { ...request, occurrenceTiming: timing }, { ...change, reason, now: new Date() }),
    async () => {
      const now = (await fhir.read('ServiceRequest', request.id)) as StoredRequest
      onCompare(now)
      onStale()
      const field = (name: 'fieldSchedule' | 'fieldPriority' | 'fieldStatus', mine: string, theirs: string) => ({
        field: text(name),
        ...{ mine, theirs },
      })
      return new ChangedMeanwhile(
        [
          field('fieldSchedule', scheduleInWords(timing, language), scheduleInWords(now.occurrenceTiming, language)),
          field('fieldPriority', request.priority ?? '–', now.priority ?? '–'),
          field('fieldStatus', request.status ?? '–', now.status ?? '–'),
        ],
        await lastReason(fhir, `ServiceRequest/${now.id}`),
      )
    },
  )
  const undo = async () => {
    const back = { ...request, meta: { ...request.meta, versionId } }
    await changeWithReason(fhir, back, { ...change, reason: text('undoReason', { reason }), now: new Date() })
    return text('scheduleUndone', { title: requestTitle(request, language) })
  }
  return { words: text('scheduleSaved', { title: requestTitle(request, language), name }), undo }
}
