import { refuse } from '../core/fhir/outcome.ts'

/** Which part of `major.minor.patch` a change raises. https://semver.org */
export type VersionPart = 'major' | 'minor' | 'patch'
export const VERSION_PARTS: readonly VersionPart[] = ['major', 'minor', 'patch']

const NUMBERS = /^(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?$/

/**
 * The version after this one: `1.0.0` becomes 2.0.0, 1.1.0 or 1.0.1. What is shorter is filled up with zeros.
 * @throws Refusal value for a version that is not made of numbers; its follower must be named by whoever drafts it
 */
export function nextVersion(version: string, part: VersionPart): string {
  const [, major, minor, patch] = NUMBERS.exec(version) ?? []
  if (major === undefined) {
    throw refuse(
      'value',
      `"${version}" is not of the form major.minor.patch, so the version after it is not known; give it as the parameter version.`,
      'PlanDefinition.version',
    )
  }
  const numbers = [Number(major), Number(minor ?? 0), Number(patch ?? 0)]
  const raised = VERSION_PARTS.indexOf(part)
  return numbers.map((number, i) => (i < raised ? number : i === raised ? number + 1 : 0)).join('.')
}

/** The next version, raised by its middle part until it is free; of what is not made of numbers, with a number behind it. */
export function freeVersion(version: string, taken: ReadonlySet<string>): string {
  const next = NUMBERS.test(version)
    ? (before: string) => nextVersion(before, 'minor')
    : (before: string) => `${version}-${Number(before.slice(version.length + 1)) + 1}`
  let free = next(version)
  while (taken.has(free)) free = next(free)
  return free
}

/** Above 0 when `one` is the later version; what has no numbers is compared as text. */
export const compareVersions = (one = '', other = ''): number => one.localeCompare(other, 'en', { numeric: true })
