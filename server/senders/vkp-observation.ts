import type {
  CodeableConcept,
  Coding,
  Identifier,
  Observation,
  ObservationComponent,
  ObservationReferenceRange,
  Quantity,
} from '@medplum/fhirtypes'
import { TRIAGE_COLOUR } from '../core/decide/plan/vocabulary.ts'
import { LOINC, MEASURES, type Measure, NLK, SCORE, SNOMED, UCUM, ZONE_SYSTEM } from './measures.ts'
import { Unsendable } from './unsendable.ts'

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
/** NEWS2's total and parts, and the clinical frailty scale: they are surveys, and keep the codes that we hold them under. */
const SURVEYS: ReadonlySet<string> = new Set(['1104051000000101', '763264000'])

/**
 * A measurement as VKP has it: LOINC and SNOMED CT beside each other, one UCUM unit for each measure, nobody named by a reference into this
 * server. What is not in its table is sent under the codes that it has here.
 * @throws Refusal value for a unit that the receiver does not take for the measure
 */
export function toObservation(observation: Observation, patient: Identifier): Observation {
  const measure = measureOf(observation)
  const { status, effectiveDateTime, effectivePeriod, effectiveInstant, issued } = observation
  return {
    resourceType: 'Observation',
    status,
    category: [{ coding: [{ system: CATEGORY, code: isSurvey(observation) ? 'survey' : 'vital-signs' }] }],
    code: measure ? { coding: codingsOf(measure), text: measure.display } : plainConcept(observation.code),
    subject: { identifier: patient },
    ...{ effectiveDateTime: effectiveDateTime ?? effectiveInstant, effectivePeriod, issued },
    ...(measure?.parts ? {} : toldValue(observation, measure, `Observation/${observation.id}`)),
    interpretation: observation.interpretation?.map(plainConcept),
    note: observation.note?.map(({ text, time }) => ({ text, time })),
    referenceRange: observation.referenceRange?.map(toRange),
    component: observation.component?.map((component) =>
      toComponent(component, measure, `Observation/${observation.id}`),
    ),
  }
}

const ZONES: Readonly<Record<string, string>> = { red: 'R', yellow: 'Y', green: 'G' }

const toRange = ({ low, high, type, text }: ObservationReferenceRange): ObservationReferenceRange => ({
  ...{ low: low && plainQuantity(low), high: high && plainQuantity(high), text },
  type: type && zoneOf(type),
})

/** A zone by the national code for its colour; another range as it is. */
function zoneOf(type: CodeableConcept): CodeableConcept {
  const colour = type.coding?.find(({ system }) => system === TRIAGE_COLOUR)
  const code = ZONES[colour?.code ?? '']
  return code ? { coding: [{ system: ZONE_SYSTEM, code }], text: type.text ?? colour?.display } : plainConcept(type)
}

/** The score of a form. */
export const toScore = (score: Observation, patient: Identifier): Observation => ({
  ...toObservation(score, patient),
  code: { coding: [SCORE, ...(plainConcept(score.code).coding ?? [])], text: score.code.text },
  category: [{ coding: [{ system: CATEGORY, code: 'survey' }] }],
})

function toComponent(
  component: ObservationComponent,
  measure: Measure | undefined,
  about: string,
): ObservationComponent {
  const part = measure?.parts?.find(({ loinc }) => has(component.code.coding, LOINC, loinc))
  return {
    code: part
      ? { coding: [coding(LOINC, part.loinc), coding(SNOMED, part.snomed)], text: part.display }
      : plainConcept(component.code),
    ...toldValue(component, part && measure, about),
    referenceRange: component.referenceRange?.map(toRange),
  }
}

export function measureOf({ code }: Pick<Observation, 'code'>): Measure | undefined {
  return MEASURES.find(({ loinc, alsoKnownAs = [] }) =>
    [loinc, ...alsoKnownAs].some((one) => has(code.coding, LOINC, one)),
  )
}

const isSurvey = ({ code, category }: Observation): boolean =>
  (code.coding ?? []).some((one) => one.system === SNOMED && SURVEYS.has(one.code ?? '')) ||
  (category ?? []).some((one) => has(one.coding, CATEGORY, 'survey'))

const codingsOf = ({ loinc, snomed, nlk }: Measure): Coding[] => [
  coding(LOINC, loinc),
  coding(SNOMED, snomed),
  ...(nlk ? [coding(NLK, nlk)] : []),
]

const coding = (system: string, code: string): Coding => ({ system, code })
const has = (codings: Coding[] | undefined, system: string, code: string): boolean =>
  (codings ?? []).some((one) => one.system === system && one.code === code)

type Valued = Pick<
  Observation & ObservationComponent,
  'valueQuantity' | 'valueCodeableConcept' | 'valueString' | 'valueBoolean' | 'valueInteger' | 'dataAbsentReason'
>

function toldValue(from: Valued, measure: Measure | undefined, about: string): Valued {
  const { valueQuantity, valueCodeableConcept, valueString, valueBoolean, valueInteger, dataAbsentReason } = from
  return {
    valueQuantity: valueQuantity && (measure ? inUnit(valueQuantity, measure, about) : plainQuantity(valueQuantity)),
    valueCodeableConcept: valueCodeableConcept && plainConcept(valueCodeableConcept),
    ...{ valueString, valueBoolean, valueInteger },
    dataAbsentReason: dataAbsentReason && plainConcept(dataAbsentReason),
  }
}

function inUnit({ value, comparator, code, unit }: Quantity, measure: Measure, about: string): Quantity {
  const given = code ?? unit ?? ''
  if (given !== measure.unit && !measure.sameUnits?.includes(given)) {
    const { display, unit: wanted } = measure
    throw new Unsendable(
      { code: 'value', expression: 'Observation.value.ofType(Quantity).code' },
      { code: 'unit', values: { about, given, measure: display, unit: wanted } },
    )
  }
  return { value, comparator, unit: measure.unit, system: UCUM, code: measure.unit }
}

const plainQuantity = ({ value, comparator, unit, system, code }: Quantity): Quantity => ({
  ...{ value, comparator, unit: unit ?? code, system, code },
})

/** Without extensions, which the receiver knows nothing of. */
export const plainConcept = ({ coding: codings, text }: { coding?: Coding[]; text?: string }) => ({
  coding: codings?.map(({ system, code, display }) => ({ system, code, display })),
  text,
})
