import type { Goal } from '@medplum/fhirtypes'
import { news2ScaleOf } from './news2-scale.ts'

const percent = (value: number, code = '%') => ({ value, code, system: 'http://unitsofmeasure.org' })
const AIM = {
  measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  detailRange: { low: percent(88), high: percent(92) },
}
const goal = (fields: Partial<Goal>): Goal => ({
  resourceType: 'Goal',
  lifecycleStatus: 'active',
  description: { text: 'Metning ved hyperkapni' },
  subject: { reference: 'Patient/demo-line' },
  target: [AIM],
  ...fields,
})
const limit = { url: 'http://fylgje.no/fhir/StructureDefinition/limit' }

test('a Goal in force that aims at 88–92 % asks for scale 2, and is told', () => {
  const aim = goal({})
  expect(news2ScaleOf([goal({ target: [] }), aim])).toEqual({ scale: 2, goal: aim })
})

test.each([
  ['there is no Goal', []],
  ['it is only proposed', [goal({ lifecycleStatus: 'proposed' })]],
  ['it is over', [goal({ lifecycleStatus: 'completed' })]],
  ['it aims elsewhere', [goal({ target: [{ ...AIM, detailRange: { low: percent(90), high: percent(92) } }] })]],
  ['it has no upper end', [goal({ target: [{ ...AIM, detailRange: { low: percent(88) } }] })]],
  [
    'it is in another unit',
    [goal({ target: [{ ...AIM, detailRange: { low: percent(88, '1'), high: percent(92, '1') } }] })],
  ],
  ['it is of another measure', [goal({ target: [{ ...AIM, measure: { text: 'SpO2' } }] })]],
  ['it is a limit for alarms', [goal({ target: [{ ...AIM, extension: [limit] }] })]],
])('scale 1 where %s', (_why, goals) => {
  expect(news2ScaleOf(goals)).toEqual({ scale: 1 })
})
