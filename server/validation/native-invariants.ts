import type { Fields, Walk } from './walk.ts'

/** Whether an object meets an invariant. It is sound in itself by then: names, arrays and JSON types are those of its definition. */
type Holds = (focus: Fields, walk: Walk) => boolean

/** A primitive may have an extension and no value, and yet exist. */
const has = (focus: Fields, name: string) => focus[name] !== undefined || focus[`_${name}`] !== undefined

/** Whether a choice such as `value[x]` is there, in whatever type. */
function hasChoice(focus: Fields, stem: string): boolean {
  for (const name in focus) {
    const start = name.startsWith('_') ? 1 : 0
    if (name.startsWith(stem, start) && isUpperCase(name.charCodeAt(start + stem.length))) return true
  }
  return false
}

const isUpperCase = (char: number) => char >= 0x41 && char <= 0x5a

/** The items of a repeating element, none if it is not there. */
const items = (focus: Fields | undefined, name: string) => (focus?.[name] ?? []) as Fields[]

const count = (focus: Fields, ...names: string[]) => names.reduce((sum, name) => sum + items(focus, name).length, 0)

/** In linear time; fhirpath.js compares each with each, and a CodeSystem may have a hundred thousand codes. */
const isDistinct = (values: unknown[]) => new Set(values).size === values.length

const valuesOf = (all: Fields[], name: string) => all.flatMap((item) => (item[name] === undefined ? [] : [item[name]]))

const areDistinct =
  (list: string, name: string): Holds =>
  (focus) =>
    isDistinct(valuesOf(items(focus, list), name))

/** `a` needs `b`. */
const needs =
  (a: string, b: string): Holds =>
  (focus) =>
    !has(focus, a) || has(focus, b)
const notBoth =
  (a: string, b: string): Holds =>
  (focus) =>
    !has(focus, a) || !has(focus, b)
const oneOf =
  (...names: string[]): Holds =>
  (focus) =>
    names.some((name) => has(focus, name))

const UCUM = 'http://unitsofmeasure.org'
const isUcumOrNothing = ({ system }: Fields) => system === undefined || system === UCUM
const isCodedMeasure: Holds = (focus) => (has(focus, 'code') || !has(focus, 'value')) && isUcumOrNothing(focus)

/** Compares what is comparable in the same way by its text; two offsets or two precisions are compared as instants or not at all. */
function isInOrder(start: unknown, end: unknown): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return true
  if (start.length <= 10 || end.length <= 10) {
    // A day, month or year is before another when it is so as far as both are known.
    const known = Math.min(start.length, end.length, 10)
    return start.slice(0, known) <= end.slice(0, known)
  }
  return Date.parse(start) <= Date.parse(end)
}

/** Every string that may be a reference to something in the same resource: `#id`, or `#` alone. */
function collectLocalReferences(value: unknown, found: Set<string>): Set<string> {
  if (typeof value === 'string') {
    if (value.startsWith('#')) found.add(value)
    // A narrative shows a contained image by <img src="#id"/>. https://hl7.org/fhir/R4/narrative.html#xhtml
    else if (value.includes('src="#')) for (const [, id] of value.matchAll(/\ssrc="(#[^"]+)"/g)) found.add(id ?? '')
  } else if (typeof value === 'object' && value !== null) {
    for (const name in value) collectLocalReferences((value as Fields)[name], found)
  }
  return found
}

/** dom-3. A reference can be a Reference, canonical, uri or url, so any string that says `#id` is taken for one. */
function containedAreReferred(focus: Fields): boolean {
  const contained = items(focus, 'contained')
  if (contained.length === 0) return true
  const referred = collectLocalReferences(focus, new Set())
  return contained.every(
    (resource) => referred.has(`#${resource.id}`) || collectLocalReferences(resource, new Set()).has('#'),
  )
}

const isValued = (focus: Fields) => has(focus, 'dataAbsentReason') || hasChoice(focus, 'value')

const codingKey = ({ system, code }: Fields) => `${system}|${code}`

/** obs-7. */
function noComponentRepeatsCode(focus: Fields): boolean {
  if (!focus.component || !hasChoice(focus, 'value')) return true
  const own = new Set(items(focus.code as Fields, 'coding').map(codingKey))
  return !items(focus, 'component').some((component) =>
    items(component.code as Fields, 'coding').some((coding) => own.has(codingKey(coding))),
  )
}

/** rng-2, where low and high have the same unit; FHIR asks servers for no more than their units allow to compare. */
function lowIsNotAboveHigh({ low, high }: Fields): boolean {
  const [a, b] = [low, high] as (Fields | undefined)[]
  if (a?.value === undefined || b?.value === undefined) return true
  return a.code !== b.code || a.system !== b.system || a.unit !== b.unit || Number(a.value) <= Number(b.value)
}

const whenIsNoMeal = (focus: Fields) =>
  items(focus, 'when').every((when) => !['C', 'CM', 'CD', 'CV'].includes(String(when)))

const isEntryOf =
  (types: string[], name: string): Holds =>
  (focus) =>
    items(focus, 'entry').every((entry) => has(entry, name) === types.includes(String(focus.type)))

/** bdl-7. */
function fullUrlsAreDistinct(focus: Fields): boolean {
  if (focus.type === 'history') return true
  const entries = items(focus, 'entry').filter((entry) => entry.fullUrl !== undefined)
  return isDistinct(
    entries.map(({ fullUrl, resource }) => {
      const meta = (resource as Fields | undefined)?.meta as Fields | undefined
      return `${fullUrl} ${meta?.versionId ?? ''}`
    }),
  )
}

const isOneOfTypes =
  (types: string[]): ((focus: Fields) => boolean) =>
  (focus) =>
    types.includes(String(focus.type))

const isPercent = (quantity: unknown) => {
  const { code, system } = (quantity ?? { code: '%', system: UCUM }) as Fields
  return code === '%' && system === UCUM
}

/** Codes of a code system at all depths. */
function conceptCodes(focus: Fields): unknown[] {
  return items(focus, 'concept').flatMap((concept) => [concept.code, ...conceptCodes(concept)])
}

const elementsOf = (part: unknown) => items(part as Fields | undefined, 'element')

const haveDistinctIds = (elements: Fields[]) =>
  elements.every((element) => has(element, 'id')) && isDistinct(valuesOf(elements, 'id'))

/** Items of a questionnaire at all depths, also where an answer holds them. */
function linkIds(focus: Fields): unknown[] {
  return items(focus, 'item').flatMap((item) => [item.linkId, ...linkIds(item)])
}

const isDisplay = isOneOfTypes(['display'])
const isGroupOrDisplay = isOneOfTypes(['group', 'display'])
const takesMaxLength = isOneOfTypes(['boolean', 'decimal', 'integer', 'string', 'text', 'url', 'open-choice'])
const takesOptions = isOneOfTypes([
  'choice',
  'open-choice',
  'decimal',
  'integer',
  'date',
  'dateTime',
  'time',
  'string',
  'quantity',
])

const contained = (focus: Fields) => items(focus, 'contained')

/**
 * Invariants as plain functions, by their expression: the ones that most resources meet, and those where FHIRPath would ask another server
 * or knows another type system. A definition with another expression under the same key is not taken for these.
 */
export const NATIVE_INVARIANTS: ReadonlyMap<string, Holds> = new Map<string, Holds>([
  // Extension, DomainResource
  ['extension.exists() != value.exists()', (focus) => has(focus, 'extension') !== hasChoice(focus, 'value')],
  ['contained.contained.empty()', (focus) => contained(focus).every((resource) => !has(resource, 'contained'))],
  [
    'contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()',
    (focus) =>
      contained(focus).every(
        ({ meta }) => !meta || (!has(meta as Fields, 'versionId') && !has(meta as Fields, 'lastUpdated')),
      ),
  ],
  [
    'contained.meta.security.empty()',
    (focus) => contained(focus).every(({ meta }) => !meta || !has(meta as Fields, 'security')),
  ],
  [
    "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()",
    containedAreReferred,
  ],
  // Datatypes
  ['code.empty() or system.exists()', needs('code', 'system')],
  ['value.empty() or system.exists()', needs('value', 'system')],
  ['data.empty() or contentType.exists()', needs('data', 'contentType')],
  ['comparator.empty()', (focus) => !has(focus, 'comparator')],
  ['start.hasValue().not() or end.hasValue().not() or (start <= end)', ({ start, end }) => isInOrder(start, end)],
  ['low.empty() or high.empty() or (low <= high)', lowIsNotAboveHigh],
  ['(code.exists() or value.empty()) and (system.empty() or system = %ucum)', isCodedMeasure],
  [
    'code.exists() implies ((system = %ucum) and value.exists())',
    (focus) => !has(focus, 'code') || (focus.system === UCUM && has(focus, 'value')),
  ],
  [
    '(numerator.empty() xor denominator.exists()) and (numerator.exists() or extension.exists())',
    (focus) =>
      has(focus, 'numerator') === has(focus, 'denominator') && (has(focus, 'numerator') || has(focus, 'extension')),
  ],
  ['expression.exists() or reference.exists()', oneOf('expression', 'reference')],
  // Timing.repeat
  ['duration.empty() or durationUnit.exists()', needs('duration', 'durationUnit')],
  ['period.empty() or periodUnit.exists()', needs('period', 'periodUnit')],
  ['duration.exists() implies duration >= 0', ({ duration }) => duration === undefined || Number(duration) >= 0],
  ['period.exists() implies period >= 0', ({ period }) => period === undefined || Number(period) >= 0],
  ['periodMax.empty() or period.exists()', needs('periodMax', 'period')],
  ['durationMax.empty() or duration.exists()', needs('durationMax', 'duration')],
  ['countMax.empty() or count.exists()', needs('countMax', 'count')],
  ['timeOfDay.empty() or when.empty()', notBoth('timeOfDay', 'when')],
  [
    "offset.empty() or (when.exists() and when.select($this in ('C' | 'CM' | 'CD' | 'CV')).allFalse())",
    (focus) => !has(focus, 'offset') || (has(focus, 'when') && whenIsNoMeal(focus)),
  ],
  // Observation
  [
    'dataAbsentReason.empty() or value.empty()',
    (focus) => !has(focus, 'dataAbsentReason') || !hasChoice(focus, 'value'),
  ],
  [
    'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()',
    noComponentRepeatsCode,
  ],
  ['low.exists() or high.exists() or text.exists()', oneOf('low', 'high', 'text')],
  // Vital signs
  [
    '(component.empty() and hasMember.empty()) implies (dataAbsentReason.exists() or value.exists())',
    (focus) => has(focus, 'component') || has(focus, 'hasMember') || isValued(focus),
  ],
  ['value.exists() or dataAbsentReason.exists()', (focus) => isValued(focus)],
  // The focus is effective[x] itself, and what is no dateTime is not spoken of.
  ['($this as dateTime).toString().length() >= 8', (focus: unknown) => typeof focus !== 'string' || focus.length >= 8],
  // Patient, Organization, Practitioner's places
  [
    'name.exists() or telecom.exists() or address.exists() or organization.exists()',
    oneOf('name', 'telecom', 'address', 'organization'),
  ],
  ['(identifier.count() + name.count()) > 0', (focus) => has(focus, 'identifier') || has(focus, 'name')],
  ["where(use = 'home').empty()", ({ use }) => use !== 'home'],
  // Task, CarePlan, Goal, CareTeam
  [
    'lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn',
    ({ authoredOn, lastModified }) => isInOrder(authoredOn, lastModified),
  ],
  ['detail.empty() or reference.empty()', notBoth('detail', 'reference')],
  [
    '(detail.exists() and measure.exists()) or detail.exists().not()',
    (focus) => !hasChoice(focus, 'detail') || has(focus, 'measure'),
  ],
  // The member's resource may be elsewhere: what its reference says is seen to, as far as it says so.
  [
    'onBehalfOf.exists() implies (member.resolve().iif(empty(), true, ofType(Practitioner).exists()))',
    (focus) =>
      !has(focus, 'onBehalfOf') ||
      !/^(?!Practitioner\/)[A-Z]\w+\//.test(String((focus.member as Fields)?.reference ?? '')),
  ],
  ['resource.exists() != action.exists()', (focus) => has(focus, 'resource') !== has(focus, 'action')],
  // TriggerDefinition, DataRequirement
  ['data.empty() or timing.empty()', (focus) => !has(focus, 'data') || !hasChoice(focus, 'timing')],
  ['condition.exists() implies data.exists()', needs('condition', 'data')],
  ['path.exists() xor searchParam.exists()', (focus) => has(focus, 'path') !== has(focus, 'searchParam')],
  // Questionnaire and its response
  ['descendants().linkId.isDistinct()', (focus) => isDistinct(linkIds(focus))],
  ['(answer.exists() and item.exists()).not()', notBoth('answer', 'item')],
  [
    "(type='group' implies item.empty().not()) and (type.trace('type')='display' implies item.trace('item').empty())",
    (focus) => (focus.type !== 'group' || has(focus, 'item')) && (!isDisplay(focus) || !has(focus, 'item')),
  ],
  ["type!='display' or code.empty()", (focus) => !isDisplay(focus) || !has(focus, 'code')],
  ['answerOption.empty() or answerValueSet.empty()', notBoth('answerOption', 'answerValueSet')],
  [
    "(type ='choice' or type = 'open-choice' or type = 'decimal' or type = 'integer' or type = 'date' or type = 'dateTime' or type = 'time' or type = 'string' or type = 'quantity') or (answerValueSet.empty() and answerOption.empty())",
    (focus) => takesOptions(focus) || (!has(focus, 'answerValueSet') && !has(focus, 'answerOption')),
  ],
  [
    "type!='display' or (required.empty() and repeats.empty())",
    (focus) => !isDisplay(focus) || (!has(focus, 'required') && !has(focus, 'repeats')),
  ],
  // FHIRPath's Boolean is not FHIR's boolean, to the letter no answer would do.
  [
    "operator = 'exists' implies (answer is Boolean)",
    (focus) => focus.operator !== 'exists' || has(focus, 'answerBoolean'),
  ],
  [
    "(type!='group' and type!='display') or initial.empty()",
    (focus) => !isGroupOrDisplay(focus) || !has(focus, 'initial'),
  ],
  ["type!='display' or readOnly.empty()", (focus) => !isDisplay(focus) || !has(focus, 'readOnly')],
  [
    "(type in ('boolean' | 'decimal' | 'integer' | 'string' | 'text' | 'url' | 'open-choice')) or maxLength.empty()",
    (focus) => takesMaxLength(focus) || !has(focus, 'maxLength'),
  ],
  ['answerOption.empty() or initial.empty()', notBoth('answerOption', 'initial')],
  [
    'enableWhen.count() > 2 implies enableBehavior.exists()',
    (focus) => count(focus, 'enableWhen') <= 2 || has(focus, 'enableBehavior'),
  ],
  ['repeats=true or initial.count() <= 1', (focus) => focus.repeats === true || count(focus, 'initial') <= 1],
  // RiskAssessment: probability is a decimal or a Range
  [
    "(low.empty() or ((low.code = '%') and (low.system = %ucum))) and (high.empty() or ((high.code = '%') and (high.system = %ucum)))",
    (focus) => typeof focus !== 'object' || (isPercent(focus.low) && isPercent(focus.high)),
  ],
  // ElementDefinition: the patterns as they stand are none in JavaScript's Unicode mode
  [
    String.raw`path.matches('[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*')`,
    ({ path }) => /[^\s.,:;'"/|?!@#$%&*()[\]{}]/.test(String(path)),
  ],
  [
    String.raw`path.matches('[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*')`,
    ({ path }) => /[A-Za-z]/.test(String(path)),
  ],
  [
    String.raw`sliceName.empty() or sliceName.matches('^[a-zA-Z0-9\\/\\-_\\[\\]\\@]+$')`,
    ({ sliceName }) => sliceName === undefined || /^[a-zA-Z0-9/\-_[\]@]+$/.test(String(sliceName)),
  ],
  // What is distinct in definitions
  ['concept.code.combine($this.descendants().concept.code).isDistinct()', (focus) => isDistinct(conceptCodes(focus))],
  ['searchParam.select(name).isDistinct()', areDistinct('searchParam', 'name')],
  ['resource.select(type).isDistinct()', areDistinct('resource', 'type')],
  ['type.select(code).isDistinct()', areDistinct('type', 'code')],
  ['constraint.select(key).isDistinct()', areDistinct('constraint', 'key')],
  [
    "derivation = 'constraint' or snapshot.element.select(path).isDistinct()",
    ({ derivation, snapshot }) => derivation === 'constraint' || isDistinct(valuesOf(elementsOf(snapshot), 'path')),
  ],
  [
    "snapshot.element.all(id.exists()) and snapshot.element.id.trace('ids').isDistinct()",
    ({ snapshot }) => haveDistinctIds(elementsOf(snapshot)),
  ],
  [
    "differential.element.all(id.exists()) and differential.element.id.trace('ids').isDistinct()",
    ({ differential }) => haveDistinctIds(elementsOf(differential)),
  ],
  // Bundle
  [
    "total.empty() or (type = 'searchset') or (type = 'history')",
    (focus) => !has(focus, 'total') || isOneOfTypes(['searchset', 'history'])(focus),
  ],
  [
    "entry.search.empty() or (type = 'searchset')",
    (focus) => focus.type === 'searchset' || items(focus, 'entry').every((entry) => !has(entry, 'search')),
  ],
  [
    "entry.all(request.exists() = (%resource.type = 'batch' or %resource.type = 'transaction' or %resource.type = 'history'))",
    isEntryOf(['batch', 'transaction', 'history'], 'request'),
  ],
  [
    "entry.all(response.exists() = (%resource.type = 'batch-response' or %resource.type = 'transaction-response' or %resource.type = 'history'))",
    isEntryOf(['batch-response', 'transaction-response', 'history'], 'response'),
  ],
  ['resource.exists() or request.exists() or response.exists()', oneOf('resource', 'request', 'response')],
  [
    "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()",
    fullUrlsAreDistinct,
  ],
  [
    "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
    ({ fullUrl }) => fullUrl === undefined || !String(fullUrl).includes('/_history/'),
  ],
])
