import type { AuditRecord } from './record.ts'

/** The types of data that a record is about: as it says itself, or as what it names and what was asked for say. */
export function typesOf({ types, what = [], query = '' }: AuditRecord): string[] {
  if (types) return types
  const named = what.flatMap((one) => TYPE.exec(one)?.[1] ?? [])
  const asked = /^(?:Patient\/[^/?]+\/)?([A-Z][A-Za-z]+)(?:[/?]|$)/.exec(query)?.[1]
  return [...new Set([...named.filter((type) => type !== 'Client'), ...(asked ? [asked] : [])])]
}

const TYPE = /^([A-Z][A-Za-z]+)\//
