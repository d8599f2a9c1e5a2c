import type { CarePlan, CodeableConcept, Observation } from '@medplum/fhirtypes'
import { FYLGJE, ZONE_ADVICE } from '../core/decide/plan/vocabulary.ts'
import { addDays, fromOsloClock, toOsloClock, toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { news2Observation } from '../core/news2/news2-observation.ts'
import { copdDefinition } from './copd-pathway.ts'
import { organizationReference } from './organizations.ts'
import { type DemoPatient, subjectOf } from './roster.ts'

/** Of whom there is more than the others measure. */
const VISITED = 'nattergal'
const DAYS_AGO = 21
const AT_MINUTE = 11 * 60

const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'
const UCUM = 'http://unitsofmeasure.org'
const NLK = 'urn:oid:2.16.578.1.12.4.1.1.7280'

type Coded = { text: string; loinc?: string; snomed?: string; nlk?: string }
const conceptOf = ({ text, loinc, snomed, nlk }: Coded): CodeableConcept => ({
  coding: [
    ...(loinc ? [{ system: LOINC, code: loinc }] : []),
    ...(snomed ? [{ system: SNOMED, code: snomed }] : []),
    ...(nlk ? [{ system: NLK, code: nlk }] : []),
  ],
  text,
})
const quantity = (value: number, unit: string, code = unit) => ({
  valueQuantity: { value, unit, system: UCUM, code },
})

/**
 * What a nurse of the municipality measured at home on one visit, with NEWS2 of it, and the plan that was made for what the patient does by
 * themself: one patient has what the others have not. It lies before the last days, which belong to the engine.
 */
export function demoHomeVisit(patient: DemoPatient, now: Date): (Observation | CarePlan)[] {
  if (patient.slug !== VISITED) return []
  const day = addDays(toOsloClock(now).date, -DAYS_AGO)
  const measured = measuredOn(patient, toOsloDateTime(fromOsloClock(day, AT_MINUTE)))
  const score = news2Observation(measured, 1)
  return [...measured, ...(score ? [{ ...score, id: idOf(patient, 'visit-news2') }] : []), selfManagement(patient, day)]
}

function measuredOn(patient: DemoPatient, effectiveDateTime: string): Observation[] {
  const { baseline, municipality } = patient
  const observed = (
    name: string,
    coded: Coded,
    value: Partial<Observation>,
    category = 'vital-signs',
  ): Observation => ({
    ...{ resourceType: 'Observation', id: idOf(patient, `visit-${name}`), status: 'final' },
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] }],
    code: conceptOf(coded),
    subject: subjectOf(patient),
    effectiveDateTime,
    performer: [organizationReference(municipality)],
    method: { coding: [{ system: `${FYLGJE}/CodeSystem/measuring-method`, code: 'professional' }] },
    ...value,
  })
  const part = (coded: Coded, value: number) => ({ code: conceptOf(coded), ...quantity(value, 'mmHg', 'mm[Hg]') })
  return [
    observed(
      'respiratory-rate',
      { text: 'Respirasjonsfrekvens', loinc: '9279-1', snomed: '86290005' },
      quantity(22, '/min'),
    ),
    observed(
      'spo2',
      { text: 'Oksygenmetning (SpO2)', loinc: '59408-5', snomed: '431314004' },
      quantity(Math.round(baseline.spo2), '%'),
    ),
    observed('oxygen', { text: 'Oksygentilførsel', loinc: '3151-8' }, quantity(0, 'L/min')),
    observed(
      'blood-pressure',
      { text: 'Blodtrykk', loinc: '85354-9', snomed: '75367002' },
      {
        component: [
          part({ text: 'Systolisk', loinc: '8480-6', snomed: '271649006' }, 138),
          part({ text: 'Diastolisk', loinc: '8462-4', snomed: '271650006' }, 81),
        ],
      },
    ),
    observed(
      'pulse',
      { text: 'Puls', loinc: '8867-4', snomed: '364075005' },
      quantity(Math.round(baseline.pulse), 'slag/min', '/min'),
    ),
    observed(
      'consciousness',
      { text: 'Bevissthet (ACVPU)', snomed: '1104441000000107' },
      {
        valueCodeableConcept: { coding: [{ system: SNOMED, code: '248234008' }], text: 'Våken' },
      },
    ),
    observed(
      'temperature',
      { text: 'Kroppstemperatur', loinc: '8310-5' },
      quantity(Number(baseline.temperature.toFixed(1)), '°C', 'Cel'),
    ),
    observed(
      'glucose',
      { text: 'Blodsukker', loinc: '15074-8', snomed: '434912009', nlk: 'NPU02187' },
      quantity(6.1, 'mmol/L'),
      'laboratory',
    ),
  ]
}

/** Egenbehandlingsplan: the pathway's own advice, given to this patient, by the same limits that what comes in is triaged by. */
function selfManagement(patient: DemoPatient, day: string): CarePlan {
  return {
    ...{ resourceType: 'CarePlan', id: idOf(patient, 'self-management'), status: 'active', intent: 'plan' },
    extension: (copdDefinition().extension ?? []).filter(({ url }) => url === ZONE_ADVICE),
    category: [{ coding: [{ system: `${FYLGJE}/CodeSystem/care-plan-category`, code: 'self-management-plan' }] }],
    title: 'Egenbehandlingsplan ved KOLS',
    subject: subjectOf(patient),
    period: { start: day },
    author: { reference: 'Practitioner/demo-doctor' },
    goal: [{ reference: `Goal/${idOf(patient, 'spo2')}` }],
  }
}

const idOf = ({ slug }: DemoPatient, what: string): string => `demo-${slug}-${what}`
