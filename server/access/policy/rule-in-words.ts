import type { By, Rule } from './policy.ts'

const VERBS: Readonly<Record<string, string>> = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search' }

const WAYS: Readonly<Record<By, string>> = {
  any: 'of anybody',
  own: 'in their own record, or their child’s',
  unattached: 'that are of no patient',
  maker: 'that they have made themselves, by the same app',
  'care-team': 'of patients whose CareTeam they are in',
  'care-plan': 'of patients whose CarePlan their team follows',
  episode: 'of patients whose EpisodeOfCare is theirs',
  gp: 'of patients whose general practitioner they are',
  task: 'of patients about whom they have an open Task',
  asked: 'of patients about whom they are asked',
  granted: 'that the patient has granted them',
  'break-glass': 'of patients whose record they have opened in an emergency',
}

/** A rule as a sentence that an administrator reads: "Who is nurse may read and search MedicationRequest: of patients whose CareTeam they are in." */
export function ruleInWords({ role, types, except = [], letters, by, only = [], despiteRestrictions }: Rule): string {
  const who = role === 'anyone' ? 'Whoever has signed in' : `Who is ${role}`
  const acts = list([...letters].map((letter) => VERBS[letter] ?? letter))
  const what = `${list(types)}${except.length > 0 ? ` (not ${list(except)})` : ''}`
  const matching = only.map(([parameter, value]) => ` where ${parameter}=${value}`).join('')
  const despite = despiteRestrictions ? ', also of what the patient has closed' : ''
  return `${who} may ${acts} ${what}${matching}: ${by.map((one) => WAYS[one]).join('; or ')}${despite}.`
}

const list = (words: readonly string[]): string => {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}
