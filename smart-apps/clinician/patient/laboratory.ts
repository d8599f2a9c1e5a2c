import type {
  CodeableConcept,
  DiagnosticReport,
  Observation,
  ObservationComponent,
  ObservationReferenceRange,
  Quantity,
} from '@medplum/fhirtypes'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { number } from '../../ui/format.ts'

/** How a value stands to what is usual, as the laboratory says it; or as its range says where it does not. */
export type Flag = 'criticalHigh' | 'high' | 'low' | 'criticalLow' | 'abnormal'

/** One answer of a laboratory. */
export type LabResult = {
  /** id of the Observation, with the place of a component. */
  id: string
  at: Date
  /** "5,2 mmol/L", "< 0,1 mg/L", "negativ". */
  value: string
  flag?: Flag
  /** "4,0–6,0 mmol/L" */
  range?: string
  /** Not final: it may still change. */
  isPreliminary: boolean
  /** It is another than was answered first. */
  isCorrected: boolean
  performer?: string
  method?: string
  /** When the laboratory answered. */
  issued?: Date
  note?: string
  /** What the laboratory concludes of the report that it stands in. */
  conclusion?: string
}

/** Everything that was answered of one thing, the newest first. */
export type Analyte = { key: string; title: string; results: LabResult[] }

const INTERPRETATIONS: Readonly<Record<string, Flag>> = {
  ...{ HH: 'criticalHigh', HU: 'criticalHigh', H: 'high', LL: 'criticalLow', LU: 'criticalLow', L: 'low' },
  ...{ A: 'abnormal', AA: 'abnormal', POS: 'abnormal' },
}

/** @param observations of the laboratory, in any order; what is withdrawn or holds no value is left out */
export function toAnalytes(
  observations: readonly Observation[],
  reports: readonly DiagnosticReport[],
  language: Language,
): Analyte[] {
  const found = new Map<string, Analyte>()
  const put = (code: CodeableConcept | undefined, result: LabResult | undefined) => {
    if (!result) return
    const coding = code?.coding?.find((one) => one.code)
    const title = titleOf(code, language)
    const key = coding ? `${coding.system ?? ''}|${coding.code}` : title
    const analyte = found.get(key) ?? { key, title, results: [] }
    analyte.results.push(result)
    found.set(key, analyte)
  }
  for (const observation of observations) {
    if (['entered-in-error', 'cancelled'].includes(observation.status ?? '')) continue
    const report = reports.find(({ result }) =>
      result?.some(({ reference }) => reference === `Observation/${observation.id}`),
    )
    put(observation.code, toResult(observation, observation, report, language))
    for (const [i, component] of (observation.component ?? []).entries())
      put(component.code, toResult(component, observation, report, language, `.${i}`))
  }
  const analytes = [...found.values()]
  for (const { results } of analytes) results.sort((one, other) => other.at.getTime() - one.at.getTime())
  // What was answered last stands first; of one day by name.
  return analytes.sort(
    (one, other) => dayOf(other).localeCompare(dayOf(one)) || one.title.localeCompare(other.title, 'nb'),
  )
}

const dayOf = ({ results }: Analyte): string => results[0]?.at.toISOString().slice(0, 10) ?? ''

function toResult(
  part: Observation | ObservationComponent,
  whole: Observation,
  report: DiagnosticReport | undefined,
  language: Language,
  place = '',
): LabResult | undefined {
  const value = valueInWords(part, language)
  const taken = whole.effectiveDateTime ?? whole.effectivePeriod?.start ?? whole.issued ?? whole.meta?.lastUpdated
  if (value === undefined || !taken) return undefined
  const range = part.referenceRange?.[0]
  const flag = flagOf(part, range)
  const performer = (whole.performer ?? report?.performer)?.map(({ display }) => display).filter(Boolean)
  const optional = {
    flag,
    range: range && rangeInWords(range, language),
    performer: performer?.join(', ') || undefined,
    method: whole.method?.text ?? whole.method?.coding?.[0]?.display,
    issued: whole.issued ? new Date(whole.issued) : undefined,
    note: whole.note
      ?.map(({ text }) => text)
      .filter(Boolean)
      .join(' '),
    conclusion: report?.conclusion,
  }
  return {
    ...{ id: `${whole.id}${place}`, at: new Date(taken), value },
    isPreliminary: ['registered', 'preliminary'].includes(whole.status ?? ''),
    isCorrected: ['amended', 'corrected'].includes(whole.status ?? ''),
    ...(Object.fromEntries(Object.entries(optional).filter(([, one]) => one)) as Partial<LabResult>),
  }
}

function valueInWords(part: Observation | ObservationComponent, language: Language): string | undefined {
  const { valueQuantity, valueString, valueCodeableConcept, valueInteger, valueBoolean, valueRatio, valueRange } = part
  if (valueQuantity?.value !== undefined) return quantityInWords(valueQuantity, language)
  if (valueCodeableConcept) return titleOf(valueCodeableConcept, language)
  if (valueInteger !== undefined) return number(valueInteger, language, 0)
  if (valueBoolean !== undefined) return YES_NO[language][valueBoolean ? 0 : 1]
  if (valueRatio)
    return [valueRatio.numerator, valueRatio.denominator].map((one) => quantityInWords(one ?? {}, language)).join(' : ')
  if (valueRange) return rangeInWords(valueRange, language)
  return valueString
}
const YES_NO = { nb: ['ja', 'nei'], nn: ['ja', 'nei'], en: ['yes', 'no'] } as const

/** Laboratories answer with more decimals than scales do. */
const DECIMALS_MAX = 4

function quantityInWords({ comparator, value, unit, code }: Quantity, language: Language): string {
  const figures = value === undefined ? '' : number(value, language, DECIMALS_MAX)
  return [comparator, figures, unit ?? code].filter(Boolean).join('\u00a0')
}

function rangeInWords({ low, high, ...rest }: ObservationReferenceRange, language: Language): string | undefined {
  const text = 'text' in rest ? rest.text : undefined
  const plain = (one: Quantity) => number(one.value ?? 0, language, DECIMALS_MAX)
  const unit = high?.unit ?? low?.unit ?? high?.code ?? low?.code ?? ''
  if (low && high) return `${plain(low)}–${plain(high)}\u00a0${unit}`.trim()
  if (high) return `<\u00a0${plain(high)}\u00a0${unit}`.trim()
  if (low) return `>\u00a0${plain(low)}\u00a0${unit}`.trim()
  return text
}

function flagOf(
  { interpretation, valueQuantity }: Pick<Observation, 'interpretation' | 'valueQuantity'>,
  range: ObservationReferenceRange | undefined,
): Flag | undefined {
  const codes = interpretation?.flatMap(({ coding }) => coding ?? []) ?? []
  const said = codes.map(({ code }) => INTERPRETATIONS[code ?? '']).find(Boolean)
  if (said || codes.length > 0) return said
  const { value, comparator, unit } = valueQuantity ?? {}
  // Of "less than" nobody knows how much less; and a range in another unit says nothing.
  if (value === undefined || comparator) return undefined
  const { low, high } = range ?? {}
  const isSame = (bound: Quantity | undefined) => !bound?.unit || !unit || bound.unit === unit
  if (high?.value !== undefined && isSame(high) && value > high.value) return 'high'
  if (low?.value !== undefined && isSame(low) && value < low.value) return 'low'
  return undefined
}

const titleOf = (code: CodeableConcept | undefined, language: Language): string =>
  translated(code, 'text', language)?.text ??
  code?.coding?.find(({ display }) => display)?.display ??
  code?.coding?.[0]?.code ??
  '–'
