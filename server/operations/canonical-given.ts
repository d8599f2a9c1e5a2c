import { refuse } from '../core/fhir/outcome.ts'

/** `url` and `version` as one canonical. @throws Refusal value for two versions, required for a version of nothing */
export function canonicalGiven(url: string | undefined, version: string | undefined): string | undefined {
  if (version === undefined) return url
  if (url === undefined) throw refuse('required', 'The parameter version needs the parameter url.', 'url')
  if (url.includes('|') && !url.endsWith(`|${version}`)) {
    throw refuse('value', `url names another version than ${version}.`, 'version')
  }
  return url.includes('|') ? url : `${url}|${version}`
}
