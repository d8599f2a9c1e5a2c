import fc from 'fast-check'
import { covers, narrow, parseScope, parseScopes, type Scope, toScopeText } from './scopes.ts'

test.each([
  ['patient/Observation.rs', 'patient', 'Observation', 'rs'],
  ['user/*.cruds', 'user', '*', 'cruds'],
  ['system/Task.u', 'system', 'Task', 'u'],
  ['patient/*.read', 'patient', '*', 'rs'],
  ['user/Observation.write', 'user', 'Observation', 'cud'],
  ['system/*.*', 'system', '*', 'cruds'],
])('%s is level %s, type %s, letters %s', (text, level, type, letters) =>
  expect(parseScope(text)).toEqual({ text, level, type, letters }),
)

test('a granular scope keeps its search parameters', () => {
  const scope = parseScope('patient/Observation.rs?category=http://x.org/c|vital-signs&code=http://loinc.org|59408-5')
  expect(scope?.filter).toEqual([
    ['category', 'http://x.org/c|vital-signs'],
    ['code', 'http://loinc.org|59408-5'],
  ])
})

test.each([
  'patient/Observation.',
  'patient/Observation.sr',
  'patient/Observation.rsx',
  'patient/Observation.rr',
  'patient/Observation.dus',
  'patient/Observation.readx',
  'patient/observation.rs',
  'patient/Observation.rs?',
  'patient/Observation.rs?category',
  'patient/Observation.rs?=x',
  'patient/Observation.read?category=x',
  'Patient/Observation.rs',
  'patient/.rs',
  'patient/Observation.rs ',
  ' patient/Observation.rs',
  'openid',
  'launch/patient',
  '',
])('%j is no resource scope', (text) => expect(parseScope(text)).toBeUndefined())

test('a list leaves out what is no resource scope', () =>
  expect(parseScopes('openid patient/*.rs launch/patient  user/Task.dus').map(({ text }) => text)).toEqual([
    'patient/*.rs',
  ]))

const letters = fc.subarray([...'cruds'], { minLength: 1 }).map((kept) => kept.join(''))
const scope: fc.Arbitrary<Scope> = fc
  .record({
    level: fc.constantFrom('patient', 'user', 'system'),
    type: fc.constantFrom('*', 'Observation', 'Task', 'Patient'),
    letters,
  })
  .map((parts) => ({ ...parts, text: toScopeText(parts) }))
const scopes = fc.array(scope, { maxLength: 4 })
const TYPES = ['Observation', 'Task', 'Patient', 'Goal']

/** The obviously right model: every single permission that a list of scopes gives. */
const permissionsOf = (list: Scope[]) =>
  new Set(
    list.flatMap((s) =>
      TYPES.filter((t) => s.type === '*' || s.type === t).flatMap((t) =>
        [...s.letters].map((l) => `${s.level}/${t}.${l}`),
      ),
    ),
  )

test('what is written is read back the same', () => {
  fc.assert(fc.property(scope, (s) => expect(parseScope(s.text)).toEqual(s)))
})

test('only letters in the order cruds are read', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...'cruds'), { minLength: 1, maxLength: 6 }), (given) => {
      const inOrder = given.every(
        (letter, i) => i === 0 || 'cruds'.indexOf(letter) > 'cruds'.indexOf(given[i - 1] ?? ''),
      )
      expect(parseScope(`user/Task.${given.join('')}`) !== undefined).toBe(inOrder)
    }),
  )
})

test('no text whatever makes the parser throw, and what it accepts starts with a level', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(parseScope(text)).toBeUndefined()))
})

test('narrowing gives exactly what was both asked and allowed', () => {
  fc.assert(
    fc.property(scopes, scopes, (asked, allowed) => {
      const both = permissionsOf(asked).intersection(permissionsOf(allowed))
      expect(permissionsOf(narrow(asked, allowed))).toEqual(both)
    }),
  )
})

test('a scope is covered only if every permission of it is allowed', () => {
  fc.assert(
    fc.property(scope, scopes, (asked, allowed) => {
      if (covers(allowed, asked)) expect(permissionsOf([asked]).isSubsetOf(permissionsOf(allowed))).toBe(true)
      expect(narrow(narrow([asked], allowed), allowed)).toEqual(narrow([asked], allowed))
    }),
  )
})

test('an allowance with a filter never covers the whole type', () => {
  const [filtered] = parseScopes('patient/Observation.rs?category=x')
  const [whole] = parseScopes('patient/Observation.rs')
  if (!filtered || !whole) throw new Error('both parse')
  expect(covers([filtered], whole)).toBe(false)
  expect(narrow([whole], [filtered])).toEqual([])
  expect(covers([whole], filtered)).toBe(true)
})
