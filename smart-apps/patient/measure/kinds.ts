import type { Coding } from '@medplum/fhirtypes'
import type { Language } from '../../texts/language.ts'

/** A number that somebody reads from a device. */
export type Field = {
  name: 'spo2' | 'pulse' | 'systolic' | 'diastolic' | 'weight' | 'temperature' | 'glucose' | 'peakFlow'
  title: Readonly<Record<Language, string>>
  unit: string
  /** UCUM. */
  code: string
  decimalCount: number
  /** What a button adds or takes away. */
  step: number
  /** What no living body and no device shows: it is not taken. */
  possible: readonly [number, number]
  /** What is seldom right: it is asked about once more. */
  usual: readonly [number, number]
  isOptional?: boolean
}

/** What is measured in one go with one device. */
export type Kind = {
  name: 'oximeter' | 'pressure' | 'weight' | 'temperature' | 'glucose' | 'peak-flow' | 'pulse'
  title: Readonly<Record<Language, string>>
  /** How it is done, in three short lines. */
  guide: Readonly<Record<Language, readonly string[]>>
  fields: readonly Field[]
  /** By which a request asks for it: LOINC, SNOMED CT. */
  codes: readonly string[]
  /** SNOMED CT codes of what measures it. */
  deviceCodes: readonly string[]
}

const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'
export const CODINGS: Readonly<Record<string, readonly Coding[]>> = {
  spo2: [
    { system: LOINC, code: '59408-5', display: 'Oxygen saturation in Arterial blood by Pulse oximetry' },
    { system: LOINC, code: '2708-6', display: 'Oxygen saturation in Arterial blood' },
    { system: SNOMED, code: '431314004', display: 'Peripheral oxygen saturation' },
  ],
  pulse: [
    { system: LOINC, code: '8867-4', display: 'Heart rate' },
    { system: SNOMED, code: '364075005', display: 'Heart rate' },
  ],
  pressure: [
    { system: LOINC, code: '85354-9', display: 'Blood pressure panel with all children optional' },
    { system: SNOMED, code: '75367002', display: 'Blood pressure' },
  ],
  systolic: [{ system: LOINC, code: '8480-6', display: 'Systolic blood pressure' }],
  diastolic: [{ system: LOINC, code: '8462-4', display: 'Diastolic blood pressure' }],
  weight: [
    { system: LOINC, code: '29463-7', display: 'Body weight' },
    { system: SNOMED, code: '27113001', display: 'Body weight' },
  ],
  temperature: [
    { system: LOINC, code: '8310-5', display: 'Body temperature' },
    { system: SNOMED, code: '386725007', display: 'Body temperature' },
  ],
  glucose: [
    { system: LOINC, code: '15074-8', display: 'Glucose [Moles/volume] in Blood' },
    { system: SNOMED, code: '434912009', display: 'Blood glucose concentration' },
  ],
  peakFlow: [
    {
      system: LOINC,
      code: '19935-6',
      display: 'Maximum expiratory gas flow Respiratory system airway by Peak flow meter',
    },
  ],
}

const pulse: Field = {
  ...{ name: 'pulse', title: { nb: 'Puls', nn: 'Puls', en: 'Pulse' }, unit: '/min', code: '/min' },
  ...{ decimalCount: 0, step: 1, possible: [20, 250], usual: [40, 140] },
}
const optional = (field: Field): Field => ({ ...field, isOptional: true })

export const KINDS: readonly Kind[] = [
  {
    name: 'oximeter',
    title: { nb: 'Oksygen og puls', nn: 'Oksygen og puls', en: 'Oxygen and pulse' },
    guide: {
      nb: ['Sitt i ro i fem minutter.', 'Varm fingrene. Ta av neglelakk.', 'Vent til tallet står stille.'],
      nn: ['Sit i ro i fem minutt.', 'Varm fingrane. Ta av neglelakk.', 'Vent til talet står stille.'],
      en: ['Sit still for five minutes.', 'Warm your fingers. Remove nail polish.', 'Wait until the number is steady.'],
    },
    fields: [
      {
        ...{ name: 'spo2', title: { nb: 'Oksygen (SpO₂)', nn: 'Oksygen (SpO₂)', en: 'Oxygen (SpO₂)' } },
        ...{ unit: '%', code: '%', decimalCount: 0, step: 1, possible: [30, 100], usual: [75, 100] },
      },
      optional(pulse),
    ],
    codes: ['59408-5', '2708-6', '431314004'],
    deviceCodes: ['448703006', '258185003'],
  },
  {
    name: 'pressure',
    title: { nb: 'Blodtrykk', nn: 'Blodtrykk', en: 'Blood pressure' },
    guide: {
      nb: ['Sitt i ro i fem minutter.', 'Hvil armen på bordet, i høyde med hjertet.', 'Ikke snakk mens du måler.'],
      nn: ['Sit i ro i fem minutt.', 'Kvil armen på bordet, i høgd med hjartet.', 'Ikkje snakk medan du måler.'],
      en: [
        'Sit still for five minutes.',
        'Rest your arm on the table, level with your heart.',
        'Do not talk while measuring.',
      ],
    },
    fields: [
      {
        ...{
          name: 'systolic',
          title: {
            nb: 'Overtrykk (det høyeste tallet)',
            nn: 'Overtrykk (det høgaste talet)',
            en: 'Systolic (the higher number)',
          },
        },
        ...{ unit: 'mmHg', code: 'mm[Hg]', decimalCount: 0, step: 1, possible: [50, 280], usual: [85, 210] },
      },
      {
        ...{
          name: 'diastolic',
          title: {
            nb: 'Undertrykk (det laveste tallet)',
            nn: 'Undertrykk (det lågaste talet)',
            en: 'Diastolic (the lower number)',
          },
        },
        ...{ unit: 'mmHg', code: 'mm[Hg]', decimalCount: 0, step: 1, possible: [20, 200], usual: [45, 120] },
      },
      optional(pulse),
    ],
    codes: ['85354-9', '55284-4', '75367002'],
    deviceCodes: ['70665002', '43770009'],
  },
  {
    name: 'weight',
    title: { nb: 'Vekt', nn: 'Vekt', en: 'Weight' },
    guide: {
      nb: ['Om morgenen, etter toalettet og før frokost.', 'Med lite klær.', 'Stå stille til tallet er klart.'],
      nn: ['Om morgonen, etter toalettet og før frukost.', 'Med lite klede.', 'Stå stille til talet er klart.'],
      en: [
        'In the morning, after the toilet and before breakfast.',
        'With little clothing.',
        'Stand still until the number shows.',
      ],
    },
    fields: [
      {
        ...{ name: 'weight', title: { nb: 'Vekt', nn: 'Vekt', en: 'Weight' }, unit: 'kg', code: 'kg' },
        ...{ decimalCount: 1, step: 0.1, possible: [20, 350], usual: [35, 180] },
      },
    ],
    codes: ['29463-7', '3141-9', '27113001'],
    deviceCodes: ['19892000'],
  },
  {
    name: 'temperature',
    title: { nb: 'Temperatur', nn: 'Temperatur', en: 'Temperature' },
    guide: {
      nb: ['Mål når du har vært i ro.', 'Vent til termometeret piper.', 'Bruk samme sted hver gang.'],
      nn: ['Mål når du har vore i ro.', 'Vent til termometeret pip.', 'Bruk same stad kvar gong.'],
      en: ['Measure when you have been at rest.', 'Wait until the thermometer beeps.', 'Use the same place each time.'],
    },
    fields: [
      {
        ...{
          name: 'temperature',
          title: { nb: 'Temperatur', nn: 'Temperatur', en: 'Temperature' },
          unit: '°C',
          code: 'Cel',
        },
        ...{ decimalCount: 1, step: 0.1, possible: [30, 44], usual: [35, 40.5] },
      },
    ],
    codes: ['8310-5', '386725007', '276885007'],
    deviceCodes: ['86184003'],
  },
  {
    name: 'glucose',
    title: { nb: 'Blodsukker', nn: 'Blodsukker', en: 'Blood glucose' },
    guide: {
      nb: ['Vask hendene med varmt vann.', 'Tørk godt.', 'Stikk på siden av fingeren.'],
      nn: ['Vask hendene med varmt vatn.', 'Tørk godt.', 'Stikk på sida av fingeren.'],
      en: ['Wash your hands in warm water.', 'Dry them well.', 'Prick the side of the finger.'],
    },
    fields: [
      {
        ...{
          name: 'glucose',
          title: { nb: 'Blodsukker', nn: 'Blodsukker', en: 'Blood glucose' },
          unit: 'mmol/L',
          code: 'mmol/L',
        },
        ...{ decimalCount: 1, step: 0.1, possible: [0.5, 45], usual: [2.5, 25] },
      },
    ],
    codes: ['15074-8', '14743-9', '434912009', '14770-2', '14760-3'],
    deviceCodes: ['337414009'],
  },
  {
    name: 'peak-flow',
    title: { nb: 'PEF (pust)', nn: 'PEF (pust)', en: 'Peak flow (breath)' },
    guide: {
      nb: ['Stå oppreist.', 'Blås så hardt og fort du kan, tre ganger.', 'Skriv det høyeste tallet.'],
      nn: ['Stå oppreist.', 'Blås så hardt og fort du kan, tre gonger.', 'Skriv det høgaste talet.'],
      en: ['Stand up.', 'Blow as hard and fast as you can, three times.', 'Write the highest number.'],
    },
    fields: [
      {
        ...{ name: 'peakFlow', title: { nb: 'PEF', nn: 'PEF', en: 'Peak flow' }, unit: 'L/min', code: 'L/min' },
        ...{ decimalCount: 0, step: 10, possible: [30, 900], usual: [60, 800] },
      },
    ],
    codes: ['19935-6', '33452-4'],
    deviceCodes: ['334990001'],
  },
  {
    name: 'pulse',
    title: { nb: 'Puls', nn: 'Puls', en: 'Pulse' },
    guide: {
      nb: ['Sitt i ro i fem minutter.', 'Tell slag i ett minutt, eller les av måleren.', 'Skriv tallet.'],
      nn: ['Sit i ro i fem minutt.', 'Tel slag i eitt minutt, eller les av målaren.', 'Skriv talet.'],
      en: ['Sit still for five minutes.', 'Count beats for a minute, or read the device.', 'Write the number.'],
    },
    fields: [pulse],
    codes: ['8867-4', '364075005'],
    deviceCodes: [],
  },
]

export const findKind = (name: string): Kind | undefined => KINDS.find((kind) => kind.name === name)
/** What a request asks to measure, where it is something that can be typed here. */
export const kindOfCodes = (codes: readonly string[]): Kind | undefined =>
  KINDS.find((kind) => kind.codes.some((code) => codes.includes(code)))
