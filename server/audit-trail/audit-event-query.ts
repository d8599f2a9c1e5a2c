import type { AuditEvent } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { reachOf } from '../access/reach.ts'
import type { ScopeLetter } from '../access/scopes.ts'
import { RECEIVED } from '../audit/block.ts'
import { AUDIT_CODES } from '../audit/codes.ts'
import type { FoundRecord, RecordsAsked } from '../audit/find-records.ts'
import { toAuditEvent, withoutOthers } from '../audit/to-audit-event.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { DateValue, Filter, ReferenceValue, TokenValue } from '../search/search-filter.ts'
import { parseSearch } from '../search/search-query.ts'
import { matches, mustBeSupported } from './audit-event-matches.ts'

/** What a caller may see of the audit: all of it, or what was done with some patients' data. */
export type AuditReach = {
  /** Ids; undefined: everybody's. */
  patients: ReadonlySet<string> | undefined
  /** One of these must hold in full: of granular scopes. None: nothing more is asked. */
  alternatives: Filter[][]
}

/**
 * The access decision for the audit, whose records lie elsewhere than resources do. Nobody sees it by a relation: a patient their own, the
 * privacy officer and administrators all, and systems as far as their scopes go.
 * @throws Refusal forbidden
 */
export function auditReach(access: Access, definitions: Definitions, letter: ScopeLetter): AuditReach {
  const reach = reachOf(access, 'AuditEvent', letter)
  if (reach.kind === 'all') return { patients: undefined, alternatives: [] }
  if (reach.kind === 'compartment') return { patients: new Set([reach.patient]), alternatives: [] }
  const parts = reach.kind === 'parts' ? reach.parts : []
  const open = parts.filter(({ whose, patient }) => whose.kind === 'any' && patient === undefined)
  const own = parts.flatMap(({ whose, patient }) => {
    const id = whose.kind === 'patient' ? whose.patient : whose.kind === 'any' ? patient : undefined
    return id === undefined ? [] : [id]
  })
  if (open.length === 0 && own.length === 0) throw notPermitted('AuditEvent', letter)
  const counted = open.length > 0 ? open : parts
  const alternatives = counted.map(({ filters }) =>
    filters.flatMap((query) => parseSearch(definitions, 'AuditEvent', new URLSearchParams(query), 'strict').filters),
  )
  return {
    patients: open.length > 0 ? undefined : new Set(own),
    alternatives: alternatives.some(({ length }) => length === 0) ? [] : alternatives,
  }
}

/** The event as this caller may see it; undefined where they may not see it at all. */
export function seenEvent(found: FoundRecord, reach: AuditReach, site: string): AuditEvent | undefined {
  const { patients, alternatives } = reach
  if (patients && !found.record.patients?.some((one) => patients.has(one))) return undefined
  const event = toAuditEvent(found, site)
  if (alternatives.length > 0 && !alternatives.some((all) => all.every((one) => matches(event, one)))) return undefined
  return patients ? withoutOthers(event, patients) : event
}

/** Which blocks are looked through for these filters. What a filter cannot say beforehand is left for `matches`. @throws Refusal not-supported */
export function askedBlocks(filters: readonly Filter[], { patients }: AuditReach): Omit<RecordsAsked, 'order'> {
  mustBeSupported(filters)
  const tokens = filters.flatMap((filter) => tokensFor(filter) ?? [])
  const spans = filters.flatMap((filter) =>
    filter.kind === 'date' || filter.kind === 'lastUpdated' ? [spanOf(filter.values)] : [],
  )
  return {
    tokens: patients ? [...tokens, [...patients].map((one) => `patient=${one}`)] : tokens,
    from: spans.map(({ from }) => from).reduce(later, '-infinity'),
    to: spans.map(({ to }) => to).reduce(earlier, 'infinity'),
  }
}

/** One of these must be among a block's tokens. @returns undefined where no token says it */
function tokensFor(filter: Filter): string[][] | undefined {
  if (filter.kind === 'reference' && !filter.not) return referenceTokens(filter.parameter.code, filter.values)
  if (filter.kind !== 'token' || filter.not) return undefined
  const { code } = filter.parameter
  if (code === 'type' || code === 'subtype') return [[RECEIVED, ...codesWith(code, filter.values)]]
  if (code === 'outcome' && filter.values.every((value) => value.code !== '0' && value.code !== undefined))
    return [[RECEIVED, ...filter.values.map((value) => `outcome=${value.code}`)]]
  return undefined
}

function referenceTokens(code: string, values: ReferenceValue[]): string[][] | undefined {
  const named = values.map((value) => {
    if (value.kind === 'untyped' && code === 'patient') return `Patient/${value.id}`
    return value.kind === 'typed' ? `${value.type}/${value.id}` : undefined
  })
  if (!named.every((one) => one !== undefined)) return undefined
  if (code === 'agent') return [named.map((one) => `agent=${one}`)]
  if (code !== 'entity' && code !== 'patient') return undefined
  return [
    named.flatMap((one) => [
      ...(one.startsWith('Patient/') ? [`patient=${one.slice('Patient/'.length)}`, `agent=${one}`] : []),
      `what=${one}`,
    ]),
  ]
}

const codesWith = (part: 'type' | 'subtype', values: TokenValue[]): string[] =>
  Object.entries(AUDIT_CODES).flatMap(([name, { [part]: coding }]) =>
    values.some(
      ({ system, code }) => (system ?? coding.system) === coding.system && (code ?? coding.code) === coding.code,
    )
      ? [`code=${name}`]
      : [],
  )

type Span = { from: string; to: string }

/** The time that one of these values may be in; values are alternatives. */
const spanOf = (values: DateValue[]): Span => ({
  from: values.map(({ prefix, interval }) => (STARTS.has(prefix) ? interval.low : '-infinity')).reduce(earlier),
  to: values.map(({ prefix, interval }) => (ENDS.has(prefix) ? interval.high : 'infinity')).reduce(later),
})
const STARTS = new Set(['eq', 'ap', 'gt', 'ge', 'sa'])
const ENDS = new Set(['eq', 'ap', 'lt', 'le', 'eb'])

const order = (text: string): number =>
  text === 'infinity' ? Number.POSITIVE_INFINITY : text === '-infinity' ? Number.NEGATIVE_INFINITY : Date.parse(text)
const later = (one: string, other: string) => (order(one) >= order(other) ? one : other)
const earlier = (one: string, other: string) => (order(one) <= order(other) ? one : other)
