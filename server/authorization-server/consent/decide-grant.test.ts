import fc from 'fast-check'
import { covers, parseScopes } from '../../access/scopes.ts'
import { decideClientScope, decideGrant, type GrantRequest, needsPatient } from './decide-grant.ts'

const nurse = { fhirUser: 'Practitioner/kari', allowedScope: 'user/*.cruds patient/*.cruds' }
const line = { fhirUser: 'Patient/line', allowedScope: 'patient/*.rs patient/Observation.c' }
const request = (rest: Partial<GrantRequest>): GrantRequest => ({
  scope: '',
  client: { allowedScope: 'user/*.cruds patient/*.cruds', mayRefresh: true },
  account: nurse,
  launch: undefined,
  ...rest,
})

test.each([
  // who          asked                                            launched with        granted                                    patient
  [nurse, 'openid user/*.rs', undefined, 'openid user/*.rs', undefined],
  [nurse, 'patient/*.rs user/Task.u', undefined, 'user/Task.u', undefined],
  [nurse, 'launch patient/*.rs', { patient: 'a' }, 'launch patient/*.rs', 'a'],
  [nurse, 'launch launch/patient', undefined, undefined, undefined],
  [line, 'patient/Observation.cru', undefined, 'patient/Observation.cr', 'line'],
  [line, 'openid', undefined, 'openid', undefined],
  [line, 'openid launch/patient', undefined, 'openid launch/patient', 'line'],
  [line, 'user/*.rs system/*.rs', undefined, undefined, undefined],
  [line, 'patient/*.read', { patient: 'line' }, 'patient/*.read', 'line'],
  [line, 'patient/*.read', { patient: 'a' }, undefined, undefined],
  [nurse, 'launch launch/encounter user/Task.r', { encounter: 'e' }, 'launch launch/encounter user/Task.r', undefined],
  [nurse, 'launch launch/encounter user/Task.r', { patient: 'a' }, 'launch user/Task.r', 'a'],
  [nurse, 'openid offline_access user/Task.r', undefined, 'openid offline_access user/Task.r', undefined],
  [nurse, 'offline_access', undefined, undefined, undefined],
  [
    line,
    'patient/Observation.rs?category=vital-signs',
    undefined,
    'patient/Observation.rs?category=vital-signs',
    'line',
  ],
  [
    line,
    'patient/Observation.rds?category=http://x|y',
    undefined,
    'patient/Observation.rs?category=http://x|y',
    'line',
  ],
])('%j asks for %s, launched with %j: %s', (account, scope, launch, granted, patient) => {
  const decide = () => decideGrant(request({ account, scope, launch }))
  if (granted === undefined) expect(decide).toThrow('access_denied')
  else expect(decide()).toEqual({ scope: granted, context: { ...launch, ...(patient ? { patient } : {}) } })
})

test('a client that may not refresh is granted nothing that lasts', () =>
  expect(
    decideGrant({
      ...request({ scope: 'openid offline_access online_access' }),
      client: { allowedScope: 'user/*.cruds', mayRefresh: false },
    }).scope,
  ).toBe('openid'))

test.each([
  [nurse, 'launch/patient', undefined, true],
  [nurse, 'user/*.rs', undefined, false],
  [nurse, 'patient/*.rs', undefined, true],
  [nurse, 'launch patient/*.rs', { patient: 'a' }, false],
  [line, 'patient/*.rs', undefined, false],
])('%j asking for %s, launched with %j: a patient must be chosen %s', (account, scope, launch, expected) =>
  expect(needsPatient({ scope, account, launch })).toBe(expected),
)

test('a patient whom the person chose is the one of the grant', () =>
  expect(decideGrant(request({ scope: 'launch/patient patient/*.rs', chosenPatient: 'b' }))).toEqual({
    scope: 'launch/patient patient/*.rs',
    context: { patient: 'b' },
  }))

test('a patient cannot choose another patient', () =>
  expect(decideGrant(request({ account: line, scope: 'patient/*.rs', chosenPatient: 'b' })).context).toEqual({
    patient: 'line',
  }))

test.each([
  ['system/Task.r fylgje/key.rotate', 'system/*.cruds fylgje/key.rotate', true],
  ['fylgje/key.rotate', 'system/*.cruds', false],
  ['fylgje/anything', 'system/*.cruds fylgje/anything', false],
])('a client asks for %s and is allowed %s: granted %s', (asked, allowed, granted) => {
  const decide = () => decideClientScope(asked, allowed)
  if (granted) expect(decide()).toBe(asked)
  else expect(decide).toThrow('invalid_scope')
})

const word = fc.constantFrom(
  'openid',
  'launch',
  'launch/patient',
  'patient/*.cruds',
  'patient/Goal.u',
  'user/*.rs',
  'user/Task.cruds',
  'system/*.r',
  'offline_access',
  'patient/Observation.rs?category=vital-signs',
  'x',
)
const words = fc.array(word, { minLength: 1 }).map((list) => list.join(' '))

test('nothing is ever granted beyond what client and person may have, and no patient scope without a patient', () => {
  const launches = fc.option(fc.constant({ patient: 'line' }), { nil: undefined })
  fc.assert(
    fc.property(
      words,
      words,
      words,
      launches,
      fc.boolean(),
      (scope, clientAllowedScope, allowedScope, launch, isPatient) => {
        const account = { fhirUser: isPatient ? 'Patient/line' : 'Practitioner/kari', allowedScope }
        let granted: ReturnType<typeof decideGrant>
        try {
          granted = decideGrant({
            ...{ scope, account, launch },
            client: { allowedScope: clientAllowedScope, mayRefresh: false },
          })
        } catch (error) {
          expect(error).toMatchObject({ error: 'access_denied' })
          return
        }
        const resourceScopes = parseScopes(granted.scope)
        for (const limit of [scope, clientAllowedScope, allowedScope])
          expect(resourceScopes.every((given) => covers(parseScopes(limit), given))).toBe(true)
        expect(resourceScopes.some(({ level }) => level === 'system')).toBe(false)
        if (resourceScopes.some(({ level }) => level === 'patient')) expect(granted.context.patient).toBe('line')
      },
    ),
  )
})

test('a client gets all that it asks for or nothing', () => {
  fc.assert(
    fc.property(words, words, (asked, allowed) => {
      let granted: string
      try {
        granted = decideClientScope(asked, allowed)
      } catch (error) {
        expect(error).toMatchObject({ error: 'invalid_scope' })
        return
      }
      expect(granted).toBe(asked)
      expect(
        parseScopes(granted).every((given) => given.level === 'system' && covers(parseScopes(allowed), given)),
      ).toBe(true)
    }),
  )
})
