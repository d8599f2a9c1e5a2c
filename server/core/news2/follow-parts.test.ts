import type { Observation } from '@medplum/fhirtypes'
import { followParts } from './follow-parts.ts'
import { news2Observation } from './news2-observation.ts'

const SNOMED = 'http://snomed.info/sct'
const AT = '2026-11-10T08:00:00+01:00'
type Fields = Partial<Observation>

const part = (id: string, fields: Fields): Observation => ({
  ...{ resourceType: 'Observation', id, meta: { versionId: '1' }, status: 'final', code: {} },
  ...{ subject: { reference: 'Patient/line' }, effectiveDateTime: AT },
  ...{ performer: [{ reference: 'Practitioner/nurse' }] },
  ...fields,
})
const measured = (id: string, code: string, value: number, unit: string): Observation =>
  part(id, {
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: { value, code: unit, system: 'http://unitsofmeasure.org' },
  })
const PARTS: Observation[] = [
  measured('rate', '9279-1', 22, '/min'),
  measured('spo2', '59408-5', 93, '%'),
  measured('flow', '3151-8', 0, 'L/min'),
  measured('systolic', '8480-6', 105, 'mm[Hg]'),
  measured('pulse', '8867-4', 95, '/min'),
  part('acvpu', {
    code: { coding: [{ system: SNOMED, code: '1104441000000107' }] },
    valueCodeableConcept: { coding: [{ system: SNOMED, code: '248234008' }] },
  }),
  measured('temperature', '8310-5', 37.1, 'Cel'),
]
const scoreOf = (parts: Observation[], scale: 1 | 2 = 1): Observation => ({
  ...(news2Observation(parts, scale) as Observation),
  ...{ id: 'score', performer: [{ reference: 'Practitioner/nurse' }] },
})
/** All as they are but one, which is as a later version says; without fields it is gone. */
const changed = (id: string, fields?: Fields): Map<string, Observation> =>
  new Map(
    PARTS.filter((one) => one.id !== id || fields).map((one) => [
      `Observation/${one.id}`,
      one.id === id ? { ...one, meta: { versionId: '2' }, ...fields } : one,
    ]),
  )
const value = (amount: number, code: string): Fields => ({ valueQuantity: { value: amount, code } })

test('what has not changed, or not so that the points do, leaves the score as it is', () => {
  const score = scoreOf(PARTS)
  expect(followParts(score, changed('rate', {}))).toBeUndefined()
  expect(followParts(score, changed('rate', value(23, '/min')))).toBeUndefined()
})

test('a corrected part gives the next version, by the same scale and of the same moment', () => {
  for (const scale of [1, 2] as const) {
    const score = scoreOf(PARTS, scale)
    const next = followParts(score, changed('pulse', value(135, '/min')))
    expect(next).toMatchObject({ ...{ id: 'score', status: 'amended', performer: score.performer } })
    expect(next?.valueQuantity?.value).toBe((score.valueQuantity?.value ?? 0) + 2)
    expect(next?.component?.[1]).toEqual(score.component?.[1])
    expect(next?.identifier).toEqual(score.identifier)
    expect(next?.derivedFrom).toContainEqual({ reference: 'Observation/pulse/_history/2' })
  }
})

test('a part that does not count any more leaves no total, and says which is missing', () => {
  const next = followParts(scoreOf(PARTS), changed('pulse', { ...value(95, '{beats}') }))
  expect(next?.status).toBe('amended')
  expect(next).not.toHaveProperty('valueQuantity')
  expect(next).not.toHaveProperty('interpretation')
})

test('a label that a part gets, the score gets', () => {
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }]
  expect(followParts(scoreOf(PARTS), changed('rate', { meta: { security } }))?.meta?.security).toEqual(security)
})

test.each<[string, Fields | undefined]>([
  ['entered in error', { status: 'entered-in-error' }],
  ['cancelled', { status: 'cancelled' }],
  ['deleted', undefined],
])('a part that is %s takes the score along, which says why', (_what, fields) => {
  const next = followParts(scoreOf(PARTS), changed('pulse', fields))
  expect(next).toMatchObject({ id: 'score', status: 'entered-in-error', valueQuantity: { value: 6 } })
  expect(next?.note?.at(-1)?.text).toContain('Trukket tilbake')
})

test('with all of them gone it is withdrawn too, and so is one that would be of another moment', () => {
  expect(followParts(scoreOf(PARTS), new Map())?.status).toBe('entered-in-error')
  const later = { effectiveDateTime: '2026-11-10T08:30:00+01:00' }
  expect(followParts(scoreOf(PARTS), changed('pulse', later))?.status).toBe('entered-in-error')
})

test('a score that is withdrawn stays so', () => {
  expect(followParts({ ...scoreOf(PARTS), status: 'entered-in-error' }, new Map())).toBeUndefined()
})

test('a part that turns out to be another person’s takes the score along, and nothing of what it says is read', () => {
  const other = changed('pulse', { subject: { reference: 'Patient/other' }, ...value(135, '/min') })
  expect(followParts(scoreOf(PARTS), other)).toMatchObject({ status: 'entered-in-error', valueQuantity: { value: 6 } })
})
