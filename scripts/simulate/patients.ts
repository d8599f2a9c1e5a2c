import type { Baseline } from '../../server/demo/course.ts'
import { createRandom } from '../../server/demo/random.ts'
import { demoPatients, type Subject, subjectOf } from '../../server/demo/roster.ts'
import { type Door, isRecord, NoAnswer } from './door.ts'

const DEMO = new Map(demoPatients().map((patient) => [subjectOf(patient).reference, patient]))

/** One who measures at home: enrolled by an active CarePlan. */
export type Enrolled = { subject: Subject; baseline: Baseline; isDemo: boolean }

/**
 * The patients who are followed. The demo's own go on from their usual values; others get values of their own.
 * @throws NoAnswer when nobody is enrolled
 */
export async function findEnrolled(door: Door, countMax: number): Promise<Enrolled[]> {
  const answer = await door.get(`CarePlan?status=active&_count=${Math.min(1000, countMax * 3 + 1)}`)
  const entries = isRecord(answer.body) && Array.isArray(answer.body.entry) ? answer.body.entry : []
  const subjects = new Map<string, Subject>()
  for (const entry of entries) {
    const subject: unknown = entry?.resource?.subject
    if (!isRecord(subject) || typeof subject.reference !== 'string') continue
    const { reference } = subject
    if (!reference.startsWith('Patient/') || isLeftAlone(reference)) continue
    subjects.set(reference, { reference, display: String(subject.display ?? reference) })
  }
  if (subjects.size === 0) throw new NoAnswer(`Nobody is enrolled at ${door.fhir} (HTTP ${answer.status}).`)
  return [...subjects.values()].slice(0, countMax).map((subject) => {
    const demo = DEMO.get(subject.reference)
    return { subject, baseline: demo?.baseline ?? baselineOf(subject), isDemo: demo !== undefined }
  })
}

/** Line Danser stays as the README describes her, and those whose story is of today stay as ill as they are. */
const isLeftAlone = (reference: string) =>
  reference === 'Patient/demo-line' || (DEMO.get(reference)?.story ?? 'steady') !== 'steady'

function baselineOf({ reference }: Subject): Baseline {
  const random = createRandom(reference)
  return {
    spo2: random.between(93, 97),
    pulse: random.between(62, 82),
    weight: random.between(55, 95),
    temperature: random.between(36.4, 36.8),
    breathlessness: random.integer(1, 3),
    relieverPuffs: random.integer(0, 2),
  }
}
