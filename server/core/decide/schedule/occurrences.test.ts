import type { PlannedTime } from '../timing/expand-timing.ts'
import type { AskedFor } from './asked-for.ts'
import { momentsAfter } from './occurrences.ts'
import type { OccurrencePolicy } from './policy.ts'

const BEGIN = new Date('2026-03-02T07:00:00Z')
const HOUR = 3_600_000
const hours = (value: number) => ({ value, code: 'h', system: 'http://unitsofmeasure.org' })
const QUIET: OccurrencePolicy = { reminders: [], nudges: [], grace: hours(3), missing: 'none' }

/** Each morning, without an end; `looked` counts how far anybody has gone. */
function eachMorning(given: Partial<AskedFor> = {}): { asked: AskedFor; looked: () => number } {
  let looked = 0
  function* mornings(moment: Date): Generator<PlannedTime> {
    const first = Math.max(0, Math.floor((moment.getTime() - BEGIN.getTime()) / (24 * HOUR)) + 1)
    for (let day = first; ; day++) {
      looked += 1
      yield { at: new Date(BEGIN.getTime() + day * 24 * HOUR), isWholeDay: false, isOptional: false }
    }
  }
  const asked: AskedFor = {
    ...{ about: 'ServiceRequest/weight', name: '', isShared: false, title: 'Weight', zone: 'Europe/Oslo', digest: '1' },
    ...{ policy: QUIET, heard: new Set() },
    ...given,
    plannedAfter: mornings,
  }
  return { asked, looked: () => looked }
}

const NEXT = { from: BEGIN, after: BEGIN, countMax: 1 }

test('a schedule of which nothing comes has no moments, and nobody walks through it', () => {
  const { asked, looked } = eachMorning()
  expect(momentsAfter(asked, NEXT)).toEqual([])
  expect(looked()).toBe(0)
})

test.each<[string, Partial<AskedFor>, string, number]>([
  ['a reminder before', { policy: { ...QUIET, reminders: [hours(1)] } }, 'reminder', 23],
  ['a nudge within the grace', { policy: { ...QUIET, nudges: [hours(1)] } }, 'grace', 25],
  ['a rule that hears when it is due', { heard: new Set(['due']) }, 'due', 24],
  ['a rule that hears what comes unasked', { heard: new Set(['extra']) }, 'missing', 27],
  ['somebody who misses it', { policy: { ...QUIET, missing: 'task' } }, 'missing', 27],
])('%s is its moment', (_, given, kind, hoursLater) => {
  const { asked, looked } = eachMorning(given)
  const [moment] = momentsAfter(asked, { ...NEXT, after: new Date(BEGIN.getTime() + 4 * HOUR) })
  expect(moment).toMatchObject({ kind, at: new Date(BEGIN.getTime() + hoursLater * HOUR) })
  expect(looked()).toBeLessThan(5)
})
