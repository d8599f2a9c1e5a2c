import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A code of LOINC, SNOMED CT or NLK that our content uses. The first two may not be shipped, so that we keep a list of our own, and say of each
 * entry where it was seen: what was seen nowhere has to be looked up in the terminology before it is relied on.
 */
export type KnownCode = {
  system: string
  code: string
  /** In English, or as a guide writes it for NLK; as our content writes it where it does. */
  display: string
  /** Where the code was seen to mean this; left out, nowhere. */
  codeFrom?: string
  /** Where this display was seen; left out, nowhere. */
  displayFrom?: string
}

export const KNOWN_CODES: readonly KnownCode[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../plandefinitions/codes.json'), 'utf8'),
) as KnownCode[]

/** `http://loinc.org|8867-4` */
export const keyOf = ({ system, code }: Pick<KnownCode, 'system' | 'code'>) => `${system}|${code}`
const KNOWN: ReadonlyMap<string, KnownCode> = new Map(KNOWN_CODES.map((one) => [keyOf(one), one]))

/** Undefined for what the list does not have. */
export const knownCode = (of: Pick<KnownCode, 'system' | 'code'>): KnownCode | undefined => KNOWN.get(keyOf(of))

/** What speaks against a code of LOINC, SNOMED CT or NLK beside its check digit: it is not in the list, or is called something else there. */
export function problemOfKnown(coded: Pick<KnownCode, 'system' | 'code'> & { display?: string }): string | undefined {
  const known = knownCode(coded)
  if (!known) return `${keyOf(coded)} is not among the codes that are used here (plandefinitions/codes.json)`
  if (coded.display === undefined || coded.display === known.display) return undefined
  return `${keyOf(coded)} is "${known.display}" in plandefinitions/codes.json, not "${coded.display}"`
}
