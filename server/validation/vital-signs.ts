import type { Fields } from './walk.ts'

const LOINC = 'http://loinc.org'
const PROFILE = 'http://hl7.org/fhir/StructureDefinition/'

/** R4's magic values: an Observation with one of these codes is that vital sign, whether it claims the profile or not. */
const PROFILE_OF: ReadonlyMap<string, string> = new Map([
  ['85353-1', 'vitalspanel'],
  ['9279-1', 'resprate'],
  ['8867-4', 'heartrate'],
  ['2708-6', 'oxygensat'],
  ['8310-5', 'bodytemp'],
  ['8302-2', 'bodyheight'],
  ['9843-4', 'headcircum'],
  ['29463-7', 'bodyweight'],
  ['39156-5', 'bmi'],
  ['85354-9', 'bp'],
])

/**
 * The profiles to which an Observation must conform because of its code.
 * @see https://hl7.org/fhir/R4/observation-vitalsigns.html
 */
export function vitalSignProfiles({ resourceType, code }: Fields): string[] {
  if (resourceType !== 'Observation') return []
  const codings = (code as { coding?: unknown } | null | undefined)?.coding
  if (!Array.isArray(codings)) return []
  const names = codings.flatMap((coding: { system?: unknown; code?: unknown } | null) => {
    const name = coding?.system === LOINC ? PROFILE_OF.get(String(coding.code)) : undefined
    return name ?? []
  })
  return [...new Set(names)].map((name) => PROFILE + name)
}
