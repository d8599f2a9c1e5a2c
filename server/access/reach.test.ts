import fc from 'fast-check'
import type { Access } from './access.ts'
import { engineAccess } from './engine-access.ts'
import { permits, reachOf } from './reach.ts'
import { parseScopes, type ScopeLetter } from './scopes.ts'

const withScopes = (scope: string, rest: Partial<Access> = {}): Access => ({
  actor: 'Practitioner/kari',
  clientId: 'app',
  scopes: parseScopes(scope),
  ...rest,
})
const line = { actor: 'Patient/line', patient: 'line' }

test.each([
  // scope                     who   type              letter  reach
  ['patient/*.rs', line, 'Observation', 'r', { kind: 'compartment', patient: 'line' }],
  ['patient/*.rs', line, 'Patient', 's', { kind: 'compartment', patient: 'line' }],
  ['patient/*.rs', line, 'Observation', 'c', { kind: 'none' }],
  ['patient/Observation.c', line, 'Observation', 'c', { kind: 'compartment', patient: 'line' }],
  ['patient/*.rs', line, 'Questionnaire', 'r', { kind: 'all' }],
  ['patient/*.cruds', line, 'Questionnaire', 'u', { kind: 'none' }],
  ['patient/*.cruds', line, 'Task', 's', { kind: 'compartment', patient: 'line' }],
  ['patient/*.cruds', line, 'Binary', 'r', { kind: 'compartment', patient: 'line' }],
  ['patient/*.rs', {}, 'Observation', 'r', { kind: 'none' }],
  ['user/*.cruds', {}, 'Observation', 'd', { kind: 'all' }],
  ['user/*.rs', line, 'Observation', 'r', { kind: 'compartment', patient: 'line' }],
  ['user/*.rs', { actor: 'Patient/line' }, 'Observation', 'r', { kind: 'none' }],
  ['user/Task.rs', {}, 'Observation', 'r', { kind: 'none' }],
  ['patient/*.rs user/Observation.r', { patient: 'line' }, 'Observation', 'r', { kind: 'all' }],
  ['patient/Observation.rs?category=vital-signs', line, 'Observation', 'r', { kind: 'none' }],
] as const)('%s of %j on %s for %s reaches %j', (scope, who, type, letter, reach) =>
  expect(reachOf(withScopes(scope, who), type, letter)).toEqual(reach),
)

const WIDTH = { none: 0, compartment: 1, all: 2 }
const word = fc.constantFrom(
  'patient/*.rs',
  'patient/Task.cud',
  'user/*.r',
  'user/Task.cruds',
  'system/Patient.s',
  'patient/Goal.rs?a=b',
)
const anyAccess = fc
  .record({
    words: fc.array(word),
    patient: fc.option(fc.constant('line'), { nil: undefined }),
    actor: fc.constantFrom('Patient/line', 'Practitioner/kari'),
  })
  .map(({ words, patient, actor }) => withScopes(words.join(' '), { actor, ...(patient ? { patient } : {}) }))
const anyType = fc.constantFrom('Patient', 'Task', 'Goal', 'Questionnaire', 'Binary')
const anyLetter = fc.constantFrom<ScopeLetter>('c', 'r', 'u', 'd', 's')

test('one more scope never takes anything away', () => {
  fc.assert(
    fc.property(anyAccess, word, anyType, anyLetter, (access, extra, type, letter) => {
      const wider = { ...access, scopes: [...access.scopes, ...parseScopes(extra)] }
      expect(WIDTH[reachOf(wider, type, letter).kind]).toBeGreaterThanOrEqual(WIDTH[reachOf(access, type, letter).kind])
    }),
  )
})

test('the order of scopes does not matter', () => {
  fc.assert(
    fc.property(anyAccess, anyType, anyLetter, (access, type, letter) =>
      expect(reachOf({ ...access, scopes: access.scopes.toReversed() }, type, letter)).toEqual(
        reachOf(access, type, letter),
      ),
    ),
  )
})

test('no scope, no reach', () => {
  fc.assert(
    fc.property(anyType, anyLetter, (type, letter) => expect(permits(withScopes(''), type, letter)).toBe(false)),
  )
})

test('a patient never reaches all of a type that may be about patients', () => {
  fc.assert(
    fc.property(anyAccess, fc.constantFrom('Patient', 'Task', 'Goal', 'Binary'), anyLetter, (access, type, letter) =>
      expect(reachOf({ ...access, actor: 'Patient/line' }, type, letter).kind).not.toBe('all'),
    ),
  )
})

test('our own engine reaches everything, under its own name', () => {
  expect(engineAccess('plan-engine').actor).toBe('Device/plan-engine')
  expect(reachOf(engineAccess('plan-engine'), 'Task', 'c')).toEqual({ kind: 'all' })
})
