// What a caller prefers. https://hl7.org/fhir/R4/http.html#ops and https://hl7.org/fhir/R4/search.html#errors

export type Handling = 'strict' | 'lenient'

/** `handling=strict`: what is not understood is refused, not left out. @param unsaid what holds where the caller does not say */
export const handlingOf = (prefer: string | undefined, unsaid: Handling = 'lenient'): Handling =>
  (/\bhandling\s*=\s*"?(strict|lenient)\b/.exec(prefer ?? '')?.[1] as Handling | undefined) ?? unsaid

/** What the answer to a write is to hold; undefined where nothing is said, or nothing that R4 has. */
export type ReturnWanted = 'minimal' | 'representation' | 'OperationOutcome' | undefined

export function returnOf(prefer: string | undefined): ReturnWanted {
  const wanted = prefer === undefined ? undefined : /\breturn\s*=\s*"?(\w+)/.exec(prefer)?.[1]
  return RETURNS.find((one) => one === wanted)
}

const RETURNS = ['minimal', 'representation', 'OperationOutcome'] as const
