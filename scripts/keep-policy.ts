/**
 * Keeps the policy of access that is in force as a version, in server/access/policy/versions/. Refuses where the version is kept
 * already and says something else: a change of the policy is a new version.
 *
 *   node scripts/keep-policy.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toKept } from '../server/access/policy/kept-policy.ts'
import { findVersion, VERSIONS } from '../server/access/policy/kept-versions.ts'
import { POLICY } from '../server/access/policy/policy.ts'
import { toCanonicalJson } from '../server/core/fhir/canonical-json.ts'
import { loadDefinitions } from '../server/definitions/definitions.ts'

const policy = toKept(POLICY, loadDefinitions().resourceTypes)
const kept = await findVersion(POLICY.version)
if (kept && toCanonicalJson(kept) !== toCanonicalJson(policy)) {
  console.error(
    `Version ${POLICY.version} says something else. Give the policy a new version, and a line in docs/access.md.`,
  )
  process.exit(1)
}
if (!kept) writeFileSync(join(VERSIONS, `${POLICY.version}.json`), `${JSON.stringify(policy, undefined, 2)}\n`)
console.log(`Version ${POLICY.version} is kept.`)
