import type { Observation, Quantity } from '@medplum/fhirtypes'
import type { Random } from '../../server/demo/random.ts'

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'

/** Under which whoever wrote an Observation finds it again. */
export const MESSAGE_SYSTEM = 'http://fylgje.no/fhir/sid/device-message'
export const SPO2 = '59408-5'

type Kind = {
  code: string
  display: string
  unit: string
  ucum: string
  value: (random: Random) => number
}

/** What devices at home measure, with the codes of https://hl7.org/fhir/R4/observation-vitalsigns.html */
const KINDS: Kind[] = [
  {
    code: SPO2,
    display: 'Oxygen saturation in Arterial blood by Pulse oximetry',
    unit: '%',
    ucum: '%',
    value: (random) => random.integer(92, 99),
  },
  {
    code: '8867-4',
    display: 'Heart rate',
    unit: 'slag/min',
    ucum: '/min',
    value: (random) => random.integer(55, 100),
  },
  {
    code: '9279-1',
    display: 'Respiratory rate',
    unit: 'pust/min',
    ucum: '/min',
    value: (random) => random.integer(12, 20),
  },
  { code: '29463-7', display: 'Body weight', unit: 'kg', ucum: 'kg', value: (random) => tenths(random, 50, 110) },
  { code: '8310-5', display: 'Body temperature', unit: '°C', ucum: 'Cel', value: (random) => tenths(random, 36, 37.9) },
]

const DAY_MILLIS = 24 * 3600 * 1000

export type Measured = {
  /** `Patient/…` */
  subject: string
  /** Tells it apart from all others; becomes its identifier. */
  message: string
  at: Date
}

/** One vital sign within its usual range, about 1 KB: what a device gateway sends, with varied codes, values and times. */
export function usualMeasurement(random: Random, measured: Measured): Observation {
  return random.happens(0.2) ? bloodPressure(random, measured) : vitalSign(random.pick(KINDS), random, measured)
}

export function usualSpo2(random: Random, measured: Measured): Observation {
  return vitalSign(KINDS[0] as Kind, random, measured)
}

/** SpO2 far below every limit of the COPD plan: must become a red Task for a patient who is enrolled. */
export function redSpo2(random: Random, measured: Measured): Observation {
  const usual = usualSpo2(random, measured)
  return { ...usual, valueQuantity: { ...usual.valueQuantity, value: random.integer(80, 84) } }
}

/** Some moment of the last 90 days. */
export const someTime = (random: Random, now: Date): Date =>
  new Date(now.getTime() - random.uniform() * 90 * DAY_MILLIS)

function vitalSign({ code, display, unit, ucum, value }: Kind, random: Random, measured: Measured): Observation {
  return {
    ...base(random, measured),
    code: { coding: [{ system: LOINC, code, display }], text: display },
    valueQuantity: quantity(value(random), unit, ucum),
  }
}

function bloodPressure(random: Random, measured: Measured): Observation {
  const part = (code: string, display: string, value: number) => ({
    code: { coding: [{ system: LOINC, code, display }] },
    valueQuantity: quantity(value, 'mmHg', 'mm[Hg]'),
  })
  return {
    ...base(random, measured),
    code: {
      coding: [{ system: LOINC, code: '85354-9', display: 'Blood pressure panel with all children optional' }],
      text: 'Blodtrykk',
    },
    component: [
      part('8480-6', 'Systolic blood pressure', random.integer(105, 150)),
      part('8462-4', 'Diastolic blood pressure', random.integer(60, 95)),
    ],
  }
}

function base(random: Random, { subject, message, at }: Measured): Omit<Observation, 'code'> {
  return {
    resourceType: 'Observation',
    identifier: [{ system: MESSAGE_SYSTEM, value: message }],
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
    subject: { reference: subject },
    effectiveDateTime: at.toISOString(),
    issued: new Date(at.getTime() + random.integer(1, 90) * 1000).toISOString(),
    performer: [{ reference: subject }],
    device: { display: `Måler ${random.integer(10_000, 99_999)}` },
    note: [{ text: `Målt hjemme, i ro, etter ${random.integer(5, 15)} minutter på stol.` }],
  }
}

const quantity = (value: number, unit: string, code: string): Quantity => ({ value, unit, system: UCUM, code })
const tenths = (random: Random, low: number, high: number) => Number(random.between(low, high).toFixed(1))
