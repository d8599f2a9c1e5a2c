import type { CarePlan, Extension, Observation, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { toldConcept } from '../core/decide/words/told.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { createValidator } from '../validation/validator.ts'
import { finalSummary, type SummaryFacts } from './final-summary.ts'
import { summariseMeasurements } from './measurement-summary.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'completed', intent: 'plan', subject: { reference: 'Patient/p' } },
  ...{ period: { start: '2026-08-01', end: '2026-11-10T08:00:00Z' }, author: { reference: 'Practitioner/doctor' } },
}
const measured = (value: number, at: string, status: Observation['status'] = 'final'): Observation => ({
  ...{ resourceType: 'Observation', id: `o${at}`, status, code: { text: 'SpO2' } },
  ...{ effectiveDateTime: at, valueQuantity: { value, unit: '%' } },
})
const task = (status: Task['status'], colour: string, reason: string): Task => ({
  ...{ resourceType: 'Task', id: `t${reason.length}`, status, intent: 'order', reasonCode: { text: reason } },
  businessStatus: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code: colour }] },
})
const facts: SummaryFacts = {
  ...{ carePlan: CARE_PLAN, plan: 'KOLS 1.0.0', goals: [], decisionCount: 12, now: NOW },
  observations: [measured(94, '2026-08-02'), measured(84, '2026-08-03'), measured(91, '2026-08-04')],
  tasks: [task('completed', 'red', 'SpO2 84 % < 88 %'), task('cancelled', 'yellow', 'SpO2 91 %')],
}
const { validate } = createValidator(loadDefinitions())

test('the summary is a valid Composition that tells measurements, work and goals', () => {
  const composition = finalSummary(facts)
  expect(validate(composition).filter(({ severity }) => severity === 'error')).toEqual([])
  expect(composition.title).toContain('KOLS 1.0.0')
  const texts = composition.section?.map(({ text }) => text?.div ?? '') ?? []
  expect(texts[1]).toContain('<td>SpO2 (%)</td><td>3</td><td>94, 02.08.2026</td><td>91, 04.08.2026</td><td>84</td>')
  expect(texts[2]).toContain('SpO2 84 % &#60; 88 %')
  expect(composition.section?.[2]?.entry).toHaveLength(2)
})

test('it is told in bokmål, nynorsk and English: titles with their translations, each text once in each', () => {
  const red: Task = {
    ...task('completed', 'red', 'for lav'),
    reasonCode: toldConcept({ nb: 'for lav', nn: 'for låg', en: 'too low' }),
  }
  const { section: sections = [], ...composition } = finalSummary({ ...facts, tasks: [red] })
  const translations = ({ _title: beside }: { _title?: { extension?: Extension[] } }) =>
    (beside?.extension ?? []).map(({ extension = [] }) => extension[1]?.valueString)
  expect(translations(composition as object)).toEqual(['Final summary: KOLS 1.0.0'])
  expect(translations(sections[2] as object)).toEqual(['Oppgåver', 'Tasks'])
  const text = sections[2]?.text?.div ?? ''
  const blocks = [...text.matchAll(/<div lang="(..)"[^>]*>(.*?)<\/div>/gs)].map(([, language, html]) => [
    language,
    html,
  ])
  expect(blocks).toEqual([
    ['nb', expect.stringContaining('<td>Rød · fullført</td><td>1</td><td>for lav</td>')],
    ['nn', expect.stringContaining('<td>Raud · fullført</td><td>1</td><td>for låg</td>')],
    ['en', expect.stringContaining('<td>Red · completed</td><td>1</td><td>too low</td>')],
  ])
  const mean = sections[1]?.text?.div ?? ''
  expect([mean.includes('<td>89,7<'), mean.includes('<td>89.7<')]).toEqual([true, true])
})

test('who may not see all that it was made of does not see the summary: it bears every label, and its confidentiality', () => {
  const coding = (system: string, code: string) => ({ system: `http://terminology.hl7.org/CodeSystem/${system}`, code })
  const [secret, psychiatric] = [coding('v3-Confidentiality', 'V'), coding('v3-ActCode', 'PSY')]
  const [first, ...others] = facts.observations
  const labelled = finalSummary({
    ...facts,
    observations: [{ ...first, meta: { security: [secret] } } as Observation, ...others],
    tasks: facts.tasks.map((one) => ({ ...one, meta: { security: [psychiatric, secret] } })),
  })
  expect([labelled.meta?.security, labelled.confidentiality]).toEqual([[secret, psychiatric], 'V'])
  expect(validate(labelled).filter(({ severity }) => severity === 'error')).toEqual([])
  expect([finalSummary(facts).meta, finalSummary(facts).confidentiality]).toEqual([undefined, 'N'])
})

test('nothing measured and nothing done is said too', () => {
  const composition = finalSummary({ ...facts, observations: [], tasks: [] })
  expect(validate(composition).filter(({ severity }) => severity === 'error')).toEqual([])
  expect(JSON.stringify(composition)).toContain('Ingenting ble målt')
})

test('whatever people have written, the text stays well-formed', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { section = [] } = finalSummary({ ...facts, tasks: [task('completed', 'red', text)] })
      const div = section[2]?.text?.div ?? ''
      expect(
        div.replace(/<\/?(?:div|table|thead|tbody|tr|th|td)(?: (?:xmlns|lang|xml:lang)="[^"]+")*>/g, ''),
      ).not.toMatch(/[<>]/)
    }),
  )
})

test('what was withdrawn is not counted; components are measures of their own; order does not matter', () => {
  const pressure: Observation = {
    ...{ resourceType: 'Observation', status: 'final', code: { text: 'BP' }, effectiveDateTime: '2026-08-05' },
    component: [
      { code: { text: 'Systolic' }, valueQuantity: { value: 120, unit: 'mmHg' } },
      { code: { text: 'Diastolic' }, valueQuantity: { value: 80, unit: 'mmHg' } },
    ],
  }
  const all = [
    pressure,
    measured(91, '2026-08-04'),
    measured(10, '2026-08-03', 'entered-in-error'),
    measured(94, '2026-08-02'),
  ]
  const lines = summariseMeasurements(all)
  expect(lines.map(({ measure, count }) => [measure, count])).toEqual([
    ['SpO2', 2],
    ['Systolic', 1],
    ['Diastolic', 1],
  ])
  expect(lines[0]).toMatchObject({ first: { value: 94 }, last: { value: 91 }, min: 91, max: 94, mean: 92.5 })
})
