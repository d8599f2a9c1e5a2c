import type { Coding, Device, Observation, Quantity, Reference } from '@medplum/fhirtypes'
import type { Language } from '../../texts/language.ts'
import { unbroken } from '../../ui/format.ts'
import { CODINGS, type Field, type Kind } from './kinds.ts'

/** What somebody has typed: text, as they wrote it. */
export type Typed = Readonly<Partial<Record<Field['name'], string>>>

export type Trouble = 'missing' | 'notANumber' | 'impossible' | 'lowerIsHigher'

/** "37,8" and "37.8" are one number; anything else is none. */
export function numberIn(text: string | undefined): number | undefined {
  const plain = (text ?? '').trim().replace(',', '.')
  return /^\d{1,4}(?:\.\d{1,2})?$/.test(plain) ? Number(plain) : undefined
}

/** What cannot be taken as it stands, by field. */
export function troublesOf({ fields }: Kind, typed: Typed): Partial<Record<Field['name'], Trouble>> {
  const troubles: Partial<Record<Field['name'], Trouble>> = {}
  for (const field of fields) {
    const text = typed[field.name]?.trim() ?? ''
    if (text === '') {
      if (!field.isOptional) troubles[field.name] = 'missing'
      continue
    }
    const value = numberIn(text)
    const [low, high] = field.possible
    if (value === undefined) troubles[field.name] = 'notANumber'
    else if (value < low || value > high) troubles[field.name] = 'impossible'
  }
  const [upper, lower] = [numberIn(typed.systolic), numberIn(typed.diastolic)]
  if (upper !== undefined && lower !== undefined && lower >= upper && !troubles.diastolic)
    troubles.diastolic = 'lowerIsHigher'
  return troubles
}

/** Fields whose values are possible and yet seldom right: the person is asked to look once more. */
export function unlikelyIn({ fields }: Kind, typed: Typed, last: Typed = {}): Field[] {
  return fields.filter((field) => {
    const value = numberIn(typed[field.name])
    if (value === undefined) return false
    const before = numberIn(last[field.name])
    const [low, high] = field.usual
    return value < low || value > high || (before !== undefined && isLeap(field, before, value))
  })
}

/** A weight that has changed so between two mornings is oftener a slip of the finger than a change of the body. */
const WEIGHT_LEAP_SHARE = 0.1
const isLeap = ({ name }: Field, before: number, value: number): boolean =>
  name === 'weight' && Math.abs(value - before) > before * WEIGHT_LEAP_SHARE

export type Reading = {
  kind: Kind
  typed: Typed
  at: Date
  note?: string
  patient: string
  /** Who measured, when it was not the patient. */
  by?: Reference
  /** What asked for it: `ServiceRequest/7`. */
  about?: string
  /** How that calls it, such as glucose of somebody who has fasted: a rule may look for just that. */
  askedFor?: readonly Coding[]
  devices?: readonly Device[]
  /** `unsure`: said where the person was asked whether it is right; `disturbed`: by the device itself. */
  quality?: 'unsure' | 'disturbed'
  /** The device that sent it itself; else it was read and typed. */
  sentBy?: { name: string }
}

const PROFILES = 'http://fylgje.no/fhir/StructureDefinition/home-'
const METHOD = 'http://fylgje.no/fhir/CodeSystem/measuring-method'
const QUALITY = 'http://fylgje.no/fhir/CodeSystem/measurement-quality'
const QUALITY_OF = 'http://fylgje.no/fhir/StructureDefinition/measurement-quality'
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
const UCUM = 'http://unitsofmeasure.org'

type Profile = { profile: string; codings: string; category?: string; text: string }
/** By field; blood pressure is one Observation with two components. */
const PROFILE_OF: Partial<Record<Field['name'], Profile>> = {
  spo2: { profile: 'spo2', codings: 'spo2', category: 'vital-signs', text: 'Oksygenmetning (SpO2)' },
  pulse: { profile: 'pulse', codings: 'pulse', category: 'vital-signs', text: 'Puls' },
  systolic: { profile: 'blood-pressure', codings: 'pressure', category: 'vital-signs', text: 'Blodtrykk' },
  weight: { profile: 'weight', codings: 'weight', category: 'vital-signs', text: 'Vekt' },
  temperature: { profile: 'temperature', codings: 'temperature', category: 'vital-signs', text: 'Kroppstemperatur' },
  glucose: { profile: 'glucose', codings: 'glucose', category: 'laboratory', text: 'Blodsukker' },
  peakFlow: { profile: 'peak-flow', codings: 'peakFlow', category: 'exam', text: 'PEF' },
}

/** What was measured, as the profiles of `fhir-profiles/` have it: one Observation for each thing, blood pressure as one. */
export function toObservations(reading: Reading): Observation[] {
  const { kind, typed } = reading
  return kind.fields.flatMap((field) => {
    const value = numberIn(typed[field.name])
    const profile = PROFILE_OF[field.name]
    if (value === undefined || !profile) return []
    return [field.name === 'systolic' ? pressure(reading, field, profile) : single(reading, field, value, profile)]
  })
}

const single = (reading: Reading, field: Field, value: number, profile: Profile): Observation => ({
  ...base(reading, profile),
  valueQuantity: quantity(field, value),
})

function pressure(reading: Reading, systolic: Field, profile: Profile): Observation {
  const { kind, typed } = reading
  const parts = [systolic, ...kind.fields.filter(({ name }) => name === 'diastolic')]
  return {
    ...base(reading, profile),
    component: parts.flatMap((field) => {
      const value = numberIn(typed[field.name])
      return value === undefined
        ? []
        : [{ code: { coding: [...(CODINGS[field.name] ?? [])] }, valueQuantity: quantity(field, value) }]
    }),
  }
}

const quantity = ({ unit, code }: Field, value: number): Quantity => ({ value, unit, system: UCUM, code })

function base(reading: Reading, { profile, codings, category, text }: Profile): Observation {
  const { kind, at, note, patient, by, about, askedFor = [], devices = [], quality, sentBy } = reading
  const subject = { reference: `Patient/${patient}` }
  const device = devices.find((one) => isOfKind(one, kind) && (!sentBy || isCalled(one, sentBy.name)))
  const method = sentBy ? 'device' : 'read-and-typed'
  return {
    resourceType: 'Observation',
    meta: { profile: [PROFILES + profile] },
    ...(quality
      ? { extension: [{ url: QUALITY_OF, valueCodeableConcept: { coding: [{ system: QUALITY, code: quality }] } }] }
      : {}),
    ...(about?.startsWith('ServiceRequest/') && isAskedFor(kind, codings) ? { basedOn: [{ reference: about }] } : {}),
    status: 'final',
    category: [{ coding: [{ system: CATEGORY, code: category ?? 'vital-signs' }] }],
    code: { coding: codingsOf(kind, codings, askedFor), text },
    subject,
    effectiveDateTime: at.toISOString(),
    performer: [by ?? subject] as Observation['performer'],
    method: { coding: [{ system: METHOD, code: method }] },
    ...(device?.id
      ? { device: { reference: `Device/${device.id}` } }
      : sentBy
        ? { device: { display: sentBy.name } }
        : {}),
    ...(note ? { note: [{ text: note, time: at.toISOString() }] } : {}),
  }
}

const isOfKind = ({ type }: Device, { deviceCodes }: Kind): boolean =>
  type?.coding?.some(({ code }) => deviceCodes.includes(code ?? '')) ?? false

/** One that told its own name is the one in the record if that is called so too: somebody may have another of the kind at home. */
const isCalled = ({ deviceName = [], modelNumber }: Device, name: string): boolean =>
  [modelNumber, ...deviceName.map((one) => one.name)].some((one) => one && name.includes(one))

function codingsOf(kind: Kind, codings: string, askedFor: readonly Coding[]): Coding[] {
  const own = CODINGS[codings] ?? []
  const isNew = ({ system, code }: Coding) => !own.some((one) => one.system === system && one.code === code)
  return [
    ...own,
    ...(isAskedFor(kind, codings) ? askedFor.filter(({ code }) => kind.codes.includes(code ?? '')) : []).filter(isNew),
  ]
}

/** A pulse that comes along answers no request for something else. */
const isAskedFor = ({ codes }: Kind, codings: string): boolean =>
  CODINGS[codings]?.some(({ code }) => codes.includes(code ?? '')) ?? false

/** The newest value of each field, as it would be typed. */
export function lastTyped({ fields }: Kind, observations: readonly Observation[], language: Language): Typed {
  const typed: Partial<Record<Field['name'], string>> = {}
  for (const field of fields) {
    const codes = CODINGS[field.name]?.map(({ code }) => code) ?? []
    const hasCode = ({ coding }: { coding?: { code?: string }[] } = {}) =>
      coding?.some(({ code }) => codes.includes(code)) ?? false
    for (const { code, valueQuantity, component = [] } of observations) {
      const value = hasCode(code)
        ? valueQuantity?.value
        : component.find((one) => hasCode(one.code))?.valueQuantity?.value
      if (value === undefined) continue
      typed[field.name] = toTyped(value, field, language)
      break
    }
  }
  return typed
}

/**
 * What was measured last, in a line; nothing where a part of it that must be there never was: a pulse alone says nothing of a blood pressure,
 * and one that came at another time does not belong to it.
 */
export function lastInWords(kind: Kind, observations: readonly Observation[], language: Language): string {
  const typed = lastTyped(kind, observations, language)
  const needed = kind.fields.filter(({ isOptional }) => !isOptional)
  if (needed.some(({ name }) => typed[name] === undefined)) return ''
  return unbroken(needed.map(({ name, unit }) => `${typed[name]} ${unit}`).join(' · '))
}

/** With the decimals of the field, and the sign for them that the reader knows. */
export const toTyped = (value: number, { decimalCount }: Field, language: Language): string =>
  language === 'en' ? value.toFixed(decimalCount) : value.toFixed(decimalCount).replace('.', ',')
