import { refuse } from '../core/fhir/outcome.ts'

/** Which code systems an expansion is made from, beyond what the value set says itself. */
export type SystemVersions = {
  /** For a system of which the value set names no version. */
  otherwise: ReadonlyMap<string, string>
  /** The same, and a value set that names another one is refused. */
  checked: ReadonlyMap<string, string>
  /** In place of whatever the value set names. */
  forced: ReadonlyMap<string, string>
  /** `system`, or `system|version`, whose codes are left out. */
  excluded: ReadonlySet<string>
}

export type GivenSystems = Record<
  'system-version' | 'check-system-version' | 'force-system-version' | 'exclude-system',
  string[]
>

/** @throws Refusal value for a system without its version, or with two @see https://hl7.org/fhir/R4/valueset-operation-expand.html */
export const systemVersions = (given: GivenSystems): SystemVersions => ({
  otherwise: versionsIn(given, 'system-version'),
  checked: versionsIn(given, 'check-system-version'),
  forced: versionsIn(given, 'force-system-version'),
  excluded: new Set(given['exclude-system']),
})

function versionsIn(given: GivenSystems, name: keyof GivenSystems): ReadonlyMap<string, string> {
  const versions = new Map<string, string>()
  for (const canonical of given[name]) {
    const [system = '', version = ''] = canonical.split('|')
    if (system === '' || version === '') {
      throw refuse(
        'value',
        `${name} must be a code system with its version, as in system|version, not ${canonical}.`,
        name,
      )
    }
    if ((versions.get(system) ?? version) !== version) {
      throw refuse('value', `${name} names two versions of ${system}.`, name)
    }
    versions.set(system, version)
  }
  return versions
}

/** The version to use. `isAsked`: the caller wants this one and no other. */
export type Wanted = { version: string | undefined; isAsked: boolean }

/** @param named by the value set @param at its place there @throws Refusal business-rule where that is not the one that is checked for */
export function wantedVersion(
  versions: SystemVersions | undefined,
  { system, named, at }: { system: string; named: string | undefined; at: string },
): Wanted {
  const forced = versions?.forced.get(system)
  if (forced !== undefined) return { version: forced, isAsked: true }
  const checked = versions?.checked.get(system)
  if (checked !== undefined && named !== undefined && named !== checked) {
    throw refuse('business-rule', `The value set names version ${named} of ${system}, not ${checked}.`, `${at}.version`)
  }
  if (named !== undefined) return { version: named, isAsked: false }
  const otherwise = checked ?? versions?.otherwise.get(system)
  return { version: otherwise, isAsked: otherwise !== undefined }
}

/** Whether the codes of a system are left out, of all of its versions or of this one. */
export const isExcluded = (
  versions: SystemVersions | undefined,
  { system, version }: { system: string; version?: string | undefined },
): boolean => versions?.excluded.has(system) === true || versions?.excluded.has(`${system}|${version}`) === true
