// What a caller prefers. https://hl7.org/fhir/R4/http.html#ops and https://hl7.org/fhir/R4/search.html#errors

/** `handling=strict`: what is not understood is refused, not left out. */
export const handlingOf = (prefer: string | undefined): 'strict' | 'lenient' =>
  /\bhandling\s*=\s*"?strict\b/.test(prefer ?? '') ? 'strict' : 'lenient'

/** `return=representation` asks for the resources in the answer; a Bundle's answer is short without it. */
export const wantsBodies = (prefer: string | undefined): boolean =>
  /\breturn\s*=\s*"?representation\b/.test(prefer ?? '')
