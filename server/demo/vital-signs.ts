import type { CodeableConcept, Coding, Observation } from '@medplum/fhirtypes'
import { toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { type DemoPatient, type Subject, subjectOf } from './roster.ts'
import type { Occasion } from './timeline.ts'

/** Under which a device's own message is known, so that sending it again makes no second Observation. */
export const DEVICE_MESSAGE_SYSTEM = 'http://fylgje.no/fhir/sid/device-message'

const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'
const UCUM = 'http://unitsofmeasure.org'

export type VitalSign = 'spo2' | 'pulse' | 'weight' | 'temperature'

/** Codes as the vital signs profiles ask for them. https://hl7.org/fhir/R4/observation-vitalsigns.html */
const VITAL_SIGNS: Record<
  VitalSign,
  { code: CodeableConcept; unit: string; ucum: string; device: 'oximeter' | 'scale' | 'thermometer' }
> = {
  spo2: {
    code: concept('Oksygenmetning (SpO2)', [
      { system: LOINC, code: '59408-5', display: 'Oxygen saturation in Arterial blood by Pulse oximetry' },
      { system: LOINC, code: '2708-6', display: 'Oxygen saturation in Arterial blood' },
      { system: SNOMED, code: '431314004', display: 'Peripheral oxygen saturation' },
    ]),
    unit: '%',
    ucum: '%',
    device: 'oximeter',
  },
  pulse: {
    code: concept('Puls', [
      { system: LOINC, code: '8867-4', display: 'Heart rate' },
      { system: SNOMED, code: '364075005', display: 'Heart rate' },
    ]),
    unit: 'slag/min',
    ucum: '/min',
    device: 'oximeter',
  },
  weight: {
    code: concept('Kroppsvekt', [
      { system: LOINC, code: '29463-7', display: 'Body weight' },
      { system: SNOMED, code: '27113001', display: 'Body weight' },
    ]),
    unit: 'kg',
    ucum: 'kg',
    device: 'scale',
  },
  temperature: {
    code: concept('Kroppstemperatur', [{ system: LOINC, code: '8310-5', display: 'Body temperature' }]),
    unit: '°C',
    ucum: 'Cel',
    device: 'thermometer',
  },
}

/** Everything that the devices sent on one occasion, a cold finger's false value before the right one. */
export function observationsOf(
  patient: DemoPatient,
  { at, vitals, artefact, withWeight, withTemperature }: Occasion,
): Observation[] {
  const later = artefact === undefined ? at : new Date(at.getTime() + 4 * 60_000)
  const subject = subjectOf(patient)
  const found: Observation[] = []
  if (artefact !== undefined) {
    const doubtful = vitalSign(subject, 'spo2', at, artefact)
    found.push({ ...doubtful, note: [{ text: 'Kalde fingre. Målt på nytt etter noen minutter.' }] })
  }
  found.push(vitalSign(subject, 'spo2', later, vitals.spo2), vitalSign(subject, 'pulse', later, vitals.pulse))
  if (withWeight) found.push(vitalSign(subject, 'weight', later, vitals.weight))
  if (withTemperature) found.push(vitalSign(subject, 'temperature', later, vitals.temperature))
  return found
}

/** One measured value as a device at home reports it. Its id and its identifier are the same each time. */
export function vitalSign(subject: Subject, sign: VitalSign, at: Date, value: number): Observation {
  const { code, unit, ucum, device } = VITAL_SIGNS[sign]
  const effectiveDateTime = toOsloDateTime(at)
  const key = messageKey(subject, sign, at)
  return {
    resourceType: 'Observation',
    id: key,
    identifier: [{ system: DEVICE_MESSAGE_SYSTEM, value: key }],
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
            display: 'Vital Signs',
          },
        ],
      },
    ],
    code,
    subject,
    effectiveDateTime,
    performer: [subject],
    valueQuantity: { value, unit, system: UCUM, code: ucum },
    device: { reference: `Device/${idOf(subject)}-${device}` },
  }
}

/** What one message of a device or an app is called: from whom, what, and when. */
export function messageKey(subject: Subject, what: string, at: Date): string {
  return `${idOf(subject)}-${what}-${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`
}

const idOf = ({ reference }: Subject) => reference.slice('Patient/'.length)

function concept(text: string, coding: Coding[]): CodeableConcept {
  return { coding, text }
}
