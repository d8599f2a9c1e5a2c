import fc from 'fast-check'
import type { Access, Reach } from './access.ts'
import { engineAccess } from './engine-access.ts'
import type { Role } from './policy/policy.ts'
import { permits, reachOf } from './reach.ts'
import { parseScopes, type ScopeLetter } from './scopes.ts'
import type { Standing } from './standing.ts'

const withScopes = (scope: string, rest: Partial<Access> = {}): Access => ({
  actor: 'Client/app',
  clientId: 'app',
  scopes: parseScopes(scope),
  ...rest,
})
const standing = (roles: Role[], rest: Partial<Standing> = {}): Standing => ({
  ...{ roles, grantees: ['Practitioner/kari', 'CareTeam/copd'], records: [] },
  attest: { who: 'Practitioner/kari', practitionerRoles: [], roles, policyVersion: '1' },
  ...rest,
})
const inContext = { patient: 'line' }
const line = { actor: 'Patient/line', patient: 'line' }
const kari = (...roles: Role[]) => ({ actor: 'Practitioner/kari', standing: standing(roles) })
const mother = {
  actor: 'RelatedPerson/mor',
  standing: standing(['next-of-kin'], {
    grantees: ['RelatedPerson/mor'],
    records: [{ patient: 'barn', as: 'guardian-of-youth' }],
  }),
}

/** What a reach comes to, in a few words. */
function told(reach: Reach): string {
  if (reach.kind !== 'parts') return reach.kind === 'compartment' ? `compartment of ${reach.patient}` : reach.kind
  return reach.parts
    .map(({ whose, patient, filters }) => {
      const of = whose.kind === 'patient' ? ` ${whose.patient}` : whose.kind === 'related' ? ` ${whose.relations}` : ''
      return `${whose.kind}${of}${patient ? ` in ${patient}` : ''}${filters.map((filter) => ` if ${filter}`).join('')}`
    })
    .join(' or ')
}

const CARE = 'care-plan,care-team,episode,gp'
const STAFF_CARE = 'break-glass,care-plan,care-team,episode,gp,granted,task'

test.each([
  // scope                     who   type              letter  reach
  ['patient/*.rs', inContext, 'Observation', 'r', 'compartment of line'],
  ['patient/*.rs', inContext, 'Patient', 's', 'compartment of line'],
  ['patient/*.rs', inContext, 'Observation', 'c', 'none'],
  ['patient/*.rs', inContext, 'Questionnaire', 'r', 'all'],
  ['patient/*.cruds', inContext, 'Questionnaire', 'u', 'none'],
  ['patient/*.cruds', inContext, 'Binary', 'r', 'compartment of line'],
  ['patient/*.rs', {}, 'Observation', 'r', 'none'],
  ['system/*.cruds', {}, 'Observation', 'd', 'all'],
  ['system/Task.rs', {}, 'Observation', 'r', 'none'],
  ['patient/*.rs system/Observation.r', inContext, 'Observation', 'r', 'all'],
  ['system/Observation.rs?category=vital-signs', {}, 'Observation', 'r', 'any if category,vital-signs'],

  ['patient/*.rs', line, 'Observation', 'r', 'patient line'],
  ['user/*.rs', line, 'Observation', 'r', 'patient line'],
  ['patient/Observation.c', line, 'Observation', 'c', 'patient line'],
  ['patient/*.cruds', line, 'Observation', 'd', 'none'],
  ['patient/*.cruds', line, 'CarePlan', 'u', 'none'],
  ['patient/*.rs', { ...line, patient: 'ola' }, 'Observation', 'r', 'none'],
  ['patient/Observation.rs?code=1', line, 'Observation', 'r', 'patient line if code,1'],
  ['system/*.cruds', line, 'Observation', 'r', 'none'],

  ['user/*.cruds', kari('nurse'), 'Observation', 'r', `related ${STAFF_CARE}`],
  ['user/*.cruds', kari('nurse'), 'Observation', 'd', `related ${CARE}`],
  ['user/*.cruds', kari('nurse'), 'MedicationRequest', 'c', 'none'],
  ['user/*.cruds', kari('doctor'), 'MedicationRequest', 'd', `related ${CARE}`],
  ['user/*.cruds', kari('responder'), 'Condition', 'u', 'none'],
  ['user/*.cruds', kari('responder'), 'Task', 'u', `related asked,${CARE},task or unattached`],
  ['user/*.cruds', kari('responder'), 'QuestionnaireResponse', 'c', `related asked,${CARE},task`],
  ['user/*.cruds', kari('nurse'), 'QuestionnaireResponse', 'd', `related ${CARE}`],
  ['user/*.cruds', kari('nurse'), 'Organization', 'r', 'all'],
  ['user/*.cruds', kari('nurse'), 'PractitionerRole', 'u', 'none'],
  ['user/*.cruds', kari('nurse'), 'PlanDefinition', 'u', 'none'],
  ['user/*.cruds', kari('plan-author'), 'PlanDefinition', 'u', 'all'],
  ['user/*.cruds', kari('plan-author'), 'Observation', 'r', 'none'],
  ['user/*.rs', kari('plan-author'), 'Provenance', 'r', 'unattached if target:PlanDefinition.url:missing,false'],
  ['user/*.cruds', kari('administrator'), 'PractitionerRole', 'u', 'all'],
  ['user/*.cruds', kari('administrator'), 'Observation', 'r', 'none'],
  ['user/*.cruds', kari(), 'Observation', 'r', 'none'],
  ['user/*.cruds', { actor: 'Practitioner/kari' }, 'Observation', 'r', 'none'],
  ['patient/*.rs', { ...kari('nurse'), ...inContext }, 'Observation', 'r', `related ${STAFF_CARE} in line`],
  ['patient/*.rs', kari('nurse'), 'Observation', 'r', 'none'],

  ['user/*.rs', mother, 'Observation', 'r', 'patient barn or related granted in barn'],
  ['user/*.rs', mother, 'Consent', 'r', 'none'],
  ['patient/*.rs', { ...mother, patient: 'barn' }, 'Goal', 's', 'patient barn or related granted in barn'],
  ['patient/*.rs', { ...mother, patient: 'another' }, 'Goal', 's', 'none'],
] as [string, Partial<Access>, string, ScopeLetter, string][])(
  '%s of %j on %s for %s reaches %s',
  (scope, who, type, letter, reach) => expect(told(reachOf(withScopes(scope, who), type, letter))).toBe(reach),
)

test('labels hide by role, and restrictions meet staff and family under every name that they have', () => {
  const limitsOf = (who: Partial<Access>) => {
    const reach = reachOf(withScopes('user/*.rs', who), 'Observation', 'r')
    return reach.kind === 'parts'
      ? reach.parts.map(({ hiddenLabels, restrictedAs }) => ({ hiddenLabels, restrictedAs }))
      : []
  }
  const veryRestricted = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality|V'
  expect(limitsOf(kari('nurse'))).toEqual([
    { hiddenLabels: [veryRestricted], restrictedAs: ['Practitioner/kari', 'CareTeam/copd', '@everyone'] },
  ])
  expect(limitsOf(kari('doctor'))).toMatchObject([{ hiddenLabels: [] }])
  expect(limitsOf(line)).toEqual([{ hiddenLabels: [], restrictedAs: ['@patient'] }])
  expect(limitsOf(mother)[0]?.restrictedAs).toEqual(['RelatedPerson/mor', '@everyone', '@next-of-kin'])
  expect(limitsOf(mother)[0]?.hiddenLabels).toContain(veryRestricted)
})

/** How much a reach lets through, on rows that differ in all that parts ask for. */
const WIDTH = { none: 0, compartment: 1, parts: 1, all: 2 }
const widthOf = (reach: Reach) => WIDTH[reach.kind] + (reach.kind === 'parts' ? reach.parts.length / 100 : 0)
const word = fc.constantFrom(
  'patient/*.rs',
  'patient/Task.cud',
  'user/*.r',
  'user/Task.cruds',
  'system/Patient.s',
  'patient/Goal.rs?lifecycle-status=active',
)
const anyAccess = fc
  .record({
    words: fc.array(word),
    patient: fc.option(fc.constant('line'), { nil: undefined }),
    who: fc.constantFrom<Partial<Access>>(line, {}, mother, kari(), kari('nurse'), kari('responder', 'plan-author')),
  })
  .map(({ words, patient, who }) => withScopes(words.join(' '), { ...who, ...(patient ? { patient } : {}) }))
const anyType = fc.constantFrom('Patient', 'Task', 'Goal', 'Questionnaire', 'Binary')
const anyLetter = fc.constantFrom<ScopeLetter>('c', 'r', 'u', 'd', 's')

test('one more scope never takes anything away', () => {
  fc.assert(
    fc.property(anyAccess, word, anyType, anyLetter, (access, extra, type, letter) => {
      const wider = { ...access, scopes: [...access.scopes, ...parseScopes(extra)] }
      expect(widthOf(reachOf(wider, type, letter))).toBeGreaterThanOrEqual(widthOf(reachOf(access, type, letter)))
    }),
  )
})

test('the order of scopes does not matter', () => {
  const sorted = (reach: Reach) => told(reach).split(' or ').sort()
  fc.assert(
    fc.property(anyAccess, anyType, anyLetter, (access, type, letter) =>
      expect(sorted(reachOf({ ...access, scopes: access.scopes.toReversed() }, type, letter))).toEqual(
        sorted(reachOf(access, type, letter)),
      ),
    ),
  )
})

test('no scope, no reach', () => {
  fc.assert(
    fc.property(anyType, anyLetter, (type, letter) => expect(permits(withScopes(''), type, letter)).toBe(false)),
  )
})

test('no person reaches all of a type that may be about patients', () => {
  fc.assert(
    fc.property(anyAccess, fc.constantFrom('Patient', 'Task', 'Goal', 'Binary'), anyLetter, (access, type, letter) => {
      fc.pre(!access.actor.startsWith('Client/'))
      expect(reachOf(access, type, letter).kind).not.toBe('all')
    }),
  )
})

test('our own engine reaches everything, under its own name', () => {
  expect(engineAccess('plan-engine').actor).toBe('Device/plan-engine')
  expect(reachOf(engineAccess('plan-engine'), 'Task', 'c')).toEqual({ kind: 'all' })
})
