import type { Issue, IssueCode } from '../core/fhir/outcome.ts'
import type { Pace } from './pace.ts'

const ISSUE_COUNT_MAX = 100

export type Fields = Record<string, unknown>

/** Allowed where references in R4 may be searches: inside a transaction or batch. https://hl7.org/fhir/R4/http.html#trules */
export type WalkOptions = {
  conditionalReferences?: boolean
  skipEntryResources?: boolean
  /** Canonicals of profiles that the body must conform to, whatever it says itself. One that is not known is an error. */
  profiles?: string[]
  /** Vital signs are judged by R4's profiles of them, if only as advice. */
  advisesOnVitalSigns?: boolean
}

/** By value and profile. */
export type Conformance = WeakMap<object, Map<string, boolean>>

/** What was found between two moments of a walk: issues, and what was checked by which profile. */
export type Found = { issues: Issue[]; errorCount: number; checked: [object, string][] }

/** One walk through one body: where it is, whose `#id` it may meet, and what it has found so far. */
export class Walk {
  readonly issues: Issue[] = []
  errorCount = 0
  /** FHIRPath segments from the root, such as `Observation`, `component`, 1, `value.ofType(Quantity)`. */
  readonly path: (string | number)[]
  /** The resource that is being looked at, and the one that contains it, or the same. */
  resource: Fields = {}
  rootResource: Fields = {}
  /** The Bundle around the resource, where its references may lead. */
  bundle: Fields | undefined
  /** How many segments of the path lead to the resource. */
  resourceStart = 1
  /** Errors count as warnings: what is checked now is advice. */
  isAdvice = false
  /** Inside an extension that is not known here: what R4 asks of datatypes beyond their form counts as advice. */
  isForeign = false
  readonly options: WalkOptions
  /** What has been checked by which profile. */
  private readonly checked = new WeakMap<object, Set<string>>()
  /** The same in the order in which it was done. */
  private readonly checkedInOrder: [object, string][] = []
  private underWay: { value: object; profile: string }[] = []
  /** What is known to conform or not, so that a chain of references that fork at each link is followed once. */
  private conformance: Conformance

  /** Set for a walk that may be given up, and begun anew, so that others can have their turn. */
  readonly pace: Pace | undefined

  constructor(path: string, options: WalkOptions, pace?: Pace) {
    this.path = [path]
    this.options = options
    this.pace = pace
    this.conformance = pace?.conformance ?? new WeakMap()
  }

  /** Notes what is wrong at the place where the walk is, or at `name` below it. Beyond 100 issues it only counts. */
  report(code: IssueCode, diagnostics: string, name?: string, given: 'error' | 'warning' = 'error'): void {
    const severity = this.isAdvice ? 'warning' : given
    if (severity === 'error') this.errorCount++
    if (this.issues.length > ISSUE_COUNT_MAX) return
    if (this.issues.length === ISSUE_COUNT_MAX) {
      this.issues.push({
        severity: 'information',
        code: 'processing',
        diagnostics: 'There are more issues than are listed here.',
      })
      return
    }
    this.issues.push({ severity, code, diagnostics, expression: [this.expression(name)] })
  }

  /** Runs checks whose errors count as warnings. */
  advise(work: () => void): void {
    const { isAdvice } = this
    this.isAdvice = true
    work()
    this.isAdvice = isAdvice
  }

  /**
   * Runs a check of a value by a profile, unless it was run before in this walk, or is under way: then two that refer to each
   * other have led back to it, and it conforms if nothing else speaks against it.
   */
  checkOnce(value: object, profile: string, check: () => void): void {
    const done = this.checked.get(value) ?? new Set()
    const isUnderWay = this.underWay.some((other) => other.value === value && other.profile === profile)
    if (isUnderWay || done.has(profile)) return
    this.checked.set(value, done.add(profile))
    this.checkedInOrder.push([value, profile])
    this.underWay.push({ value, profile })
    check()
    this.underWay.pop()
  }

  /** Whether a value conforms, worked out once in this walk and all that began from it. */
  conforms(value: object, profile: string, workOut: () => boolean): boolean {
    const known = this.conformance.get(value) ?? new Map<string, boolean>()
    this.conformance.set(value, known)
    const conforms = known.get(profile) ?? workOut()
    known.set(profile, conforms)
    return conforms
  }

  /** A walk from the same place whose issues nobody sees, for finding out whether something conforms. */
  silent(): Walk {
    const walk = new Walk('', this.options)
    walk.path.splice(0, 1, ...this.path)
    walk.resource = this.resource
    walk.rootResource = this.rootResource
    walk.bundle = this.bundle
    walk.resourceStart = this.resourceStart
    walk.underWay = this.underWay
    walk.conformance = this.conformance
    return walk
  }

  /** Runs `work` inside `fields`, which may be a resource with `#id` of its own: contained, or in a Bundle. */
  inResource(fields: Fields, work: () => void): void {
    if (typeof fields.resourceType !== 'string' || fields === this.resource) {
      work()
      return
    }
    const { resource, rootResource, bundle, resourceStart } = this
    const { contained } = rootResource
    const isContained = Array.isArray(contained) && contained.includes(fields)
    if (!isContained) {
      if (rootResource.resourceType === 'Bundle') this.bundle = rootResource
      this.rootResource = fields
    }
    this.resource = fields
    this.resourceStart = this.path.length
    work()
    Object.assign(this, { resource, rootResource, bundle, resourceStart })
  }

  /** No profile is being followed: what is found here is found by R4's own rules, whoever walks by. */
  get isAtRest(): boolean {
    return this.underWay.length === 0
  }

  /** Where it is, for `since`. */
  mark(): { issues: number; errorCount: number; checked: number } {
    return { issues: this.issues.length, errorCount: this.errorCount, checked: this.checkedInOrder.length }
  }

  since({ issues, errorCount, checked }: ReturnType<Walk['mark']>): Found {
    return {
      issues: this.issues.slice(issues),
      errorCount: this.errorCount - errorCount,
      checked: this.checkedInOrder.slice(checked),
    }
  }

  /** Takes over what an earlier walk has found at this place. */
  take({ issues, errorCount, checked }: Found): void {
    this.issues.push(...issues)
    this.errorCount += errorCount
    for (const [value, profile] of checked) {
      this.checked.set(value, (this.checked.get(value) ?? new Set()).add(profile))
      this.checkedInOrder.push([value, profile])
    }
  }

  get isFull(): boolean {
    return this.issues.length > ISSUE_COUNT_MAX
  }

  private expression(name: string | undefined): string {
    let text = ''
    for (const segment of this.path)
      text += typeof segment === 'number' ? `[${segment}]` : text ? `.${segment}` : segment
    if (name === undefined) return text
    const shown = name.slice(0, 64)
    return /^\w+$/.test(shown) ? `${text}.${shown}` : `${text}.\`${shown}\``
  }
}

/** A short word for a JSON value, for messages: `an array`, `the number 5`, `"text"`. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return quote(value)
  return `the ${typeof value} ${value}`
}

/** A value as it came, cut where it gets long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
