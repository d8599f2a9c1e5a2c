import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The version of FHIR that CQL is written against here, and of the library that turns its types into those of CQL. */
export const FHIR_VERSION = '4.0.1'
export const FHIR_HELPERS = 'FHIRHelpers'

/** Types, elements and conversions of FHIR as CQL sees them. https://cql.hl7.org/elm.html#modelinfo */
export function readModelInfo(): string {
  const file = createRequire(import.meta.url).resolve('cql-exec-fhir/lib/modelInfos/fhir-modelinfo-4.0.1.xml')
  return readFileSync(file, 'utf8')
}

const CONVERSION =
  /<conversionInfo functionName="FHIRHelpers\.(\w+)" fromType="FHIR\.(\w+)" toType="System\.(?:String|Decimal|Boolean|Time|Date|DateTime|Integer)"\/>/g

/**
 * The library FHIRHelpers in CQL, which every library that looks at FHIR includes: a function for each conversion that the model
 * names. Built in, so that nobody must store it; a Library of that name that is stored comes before it.
 */
export function fhirHelpers(modelInfo: string): string {
  const primitives = [...modelInfo.matchAll(CONVERSION)].map(
    ([, name, type]) => `define function ${name}(value FHIR.${type}): value.value`,
  )
  return [
    `library ${FHIR_HELPERS} version '${FHIR_VERSION}'`,
    `using FHIR version '${FHIR_VERSION}'`,
    STRUCTURES,
    ...primitives,
  ].join('\n')
}

/**
 * The same library as ELM, so that nobody waits until the translator has translated it: seconds, where there is little else to do.
 * A test compares it with the translator's own.
 */
export function fhirHelpersElm(modelInfo: string): string {
  const structures: unknown = JSON.parse(
    readFileSync(new URL('./fhir-helpers-structures.json', import.meta.url), 'utf8'),
  )
  const primitives = [...modelInfo.matchAll(CONVERSION)].map(([, name, type]) => ({
    ...{ type: 'FunctionDef', name, context: 'Unfiltered', accessLevel: 'Public' },
    expression: { type: 'Property', path: 'value', source: { type: 'OperandRef', name: 'value' } },
    operand: [
      {
        name: 'value',
        operandTypeSpecifier: { type: 'NamedTypeSpecifier', name: `{http://hl7.org/fhir}${type}` },
      },
    ],
  }))
  const library = {
    identifier: { id: FHIR_HELPERS, version: FHIR_VERSION },
    schemaIdentifier: { id: 'urn:hl7-org:elm', version: 'r1' },
    usings: {
      def: [
        { localIdentifier: 'System', uri: 'urn:hl7-org:elm-types:r1' },
        { localIdentifier: 'FHIR', uri: 'http://hl7.org/fhir', version: FHIR_VERSION },
      ],
    },
    statements: { def: [...(structures as object[]), ...primitives] },
  }
  return JSON.stringify({ library })
}

/** FHIR's units are those of UCUM; a Quantity without one is a number, and one with a comparator is no one value. */
const STRUCTURES = `
define function ToCode(coding FHIR.Coding):
  if coding is null then null
  else System.Code {
    code: coding.code.value, system: coding.system.value, version: coding.version.value, display: coding.display.value
  }
define function ToConcept(concept FHIR.CodeableConcept):
  if concept is null then null
  else System.Concept { codes: concept.coding C return ToCode(C), display: concept.text.value }
define function ToQuantity(quantity FHIR.Quantity):
  case
    when quantity is null or quantity.value is null or quantity.comparator is not null then null
    when quantity.system is null or quantity.system.value = 'http://unitsofmeasure.org' then
      System.Quantity { value: quantity.value.value, unit: Coalesce(quantity.code.value, quantity.unit.value, '1') }
    else Message(null, true, 'FHIRHelpers.ToQuantity', 'Error', 'The unit of a Quantity must be one of UCUM.')
  end
define function ToInterval(period FHIR.Period):
  if period is null then null
  else if period."start" is null then Interval(period."start".value, period."end".value]
  else Interval[period."start".value, period."end".value]
define function ToInterval(range FHIR.Range):
  if range is null then null
  else Interval[ToQuantity(range.low), ToQuantity(range.high)]
define function ToRatio(ratio FHIR.Ratio):
  if ratio is null then null
  else System.Ratio { numerator: ToQuantity(ratio.numerator), denominator: ToQuantity(ratio.denominator) }`
