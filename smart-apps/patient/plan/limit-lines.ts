import type { CodeableConcept, Extension, Goal, GoalTarget, PlanDefinition } from '@medplum/fhirtypes'
import type { Language } from '../../texts/language.ts'
import { number } from '../../ui/format.ts'
import { KINDS } from '../measure/kinds.ts'
import type { OwnRecord } from '../record/record.ts'

const LIMIT = 'http://fylgje.no/fhir/StructureDefinition/limit'

/** Where a colour begins, for one thing that is measured. */
export type LimitLine = {
  what: string
  zone: 'red' | 'yellow' | 'baseline'
  side: 'low' | 'high'
  value: string
  isOwn: boolean
}

/** The limits that hold: the person's own before those of their plan, for each thing that is measured; simple ones, which can be told in a line. */
export function limitLines({ goals, carePlans, plans }: OwnRecord, language: Language): LimitLine[] {
  const named = new Set(carePlans.flatMap(({ goal = [] }) => goal.map(({ reference }) => reference)))
  const own = goals
    .filter(({ id, lifecycleStatus }: Goal) => named.has(`Goal/${id}`) && lifecycleStatus === 'active')
    .flatMap(({ target = [] }) => target.flatMap((one) => toLine(one, true, language)))
  const ofPlans = plans.flatMap(({ goal = [] }: PlanDefinition) =>
    goal.flatMap(({ target = [] }) => target.flatMap((one) => toLine(one as GoalTarget, false, language))),
  )
  const isReplaced = ({ what, zone, side }: LimitLine) =>
    own.some((one) => one.what === what && one.zone === zone && one.side === side)
  return [...own, ...ofPlans.filter((one) => !isReplaced(one))]
}

function toLine(
  { extension = [], measure, detailQuantity, detailRange }: GoalTarget,
  isOwn: boolean,
  language: Language,
): LimitLine[] {
  const parts = extension.find(({ url }) => url === LIMIT)?.extension ?? []
  const part = (name: string): Extension | undefined => parts.find(({ url }) => url === name)
  const zone = part('zone')?.valueCode
  // A limit of a trend, of the night, or relative to the usual value is no single number.
  const isSimple = parts.every(({ url }) => url === 'zone' || url === 'side')
  const quantity = detailQuantity ?? detailRange?.low ?? detailRange?.high
  if (!isSimple || (zone !== 'red' && zone !== 'yellow' && zone !== 'baseline') || quantity?.value === undefined)
    return []
  const side = part('side')?.valueCode === 'high' ? 'high' : 'low'
  const value = `${number(quantity.value, language)} ${quantity.unit ?? quantity.code ?? ''}`.trim()
  return [{ what: nameOf(measure, language), zone, side, value, isOwn }]
}

function nameOf(measure: CodeableConcept | undefined, language: Language): string {
  const codes = measure?.coding?.map(({ code }) => code ?? '') ?? []
  const field = KINDS.flatMap((kind) =>
    kind.fields.length === 1 || kind.name === 'oximeter'
      ? kind.codes.some((code) => codes.includes(code))
        ? (kind.fields[0] ?? [])
        : []
      : [],
  )[0]
  return field?.title[language] ?? measure?.text ?? ''
}
