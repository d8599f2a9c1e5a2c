import fc from 'fast-check'
import { covers, parseScopes, type Scope } from '../../access/scopes.ts'
import { applyChoices, everything, offersOf } from './choices.ts'

const choose = (scope: string, without: { types?: string[]; parts?: string[] }) => {
  const scopes = parseScopes(scope)
  const all = everything(offersOf(scopes))
  return applyChoices(scopes, {
    types: new Set([...all.types].filter((type) => !without.types?.includes(type))),
    parts: new Set([...all.parts].filter((part) => !without.parts?.includes(part))),
  }).map(({ text }) => text)
}

test('who refuses nothing gives what was asked for, word for word', () => {
  const scope = 'patient/*.read patient/Observation.rs user/Task.cruds patient/Goal.rs?lifecycle-status=active'
  expect(choose(scope, {}).join(' ')).toBe(scope)
})

test('a type that is refused is gone, at every level', () =>
  expect(choose('patient/Observation.rs user/Observation.r patient/Patient.rs', { types: ['Observation'] })).toEqual([
    'patient/Patient.rs',
  ]))

test('a part that is refused leaves the type filtered by the others', () =>
  expect(choose('patient/Condition.rs', { parts: ['Condition|encounter-diagnosis'] })).toEqual([
    'patient/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item',
  ]))

test('without any part nothing of the type is left', () =>
  expect(
    choose('patient/Condition.r', { parts: ['Condition|encounter-diagnosis', 'Condition|problem-list-item'] }),
  ).toEqual([]))

test('of all types some can be refused: the rest is listed, and no later kinds come with it', () => {
  const left = choose('patient/*.rs', { types: ['Condition'] })
  expect(left).toContain('patient/Observation.rs')
  expect(left).toContain('patient/Coverage.rs')
  expect(left.filter((text) => /\*|Condition/.test(text))).toEqual([])
  expect(choose('patient/*.rs', { types: ['Condition', '*'] })).not.toContain('patient/Coverage.rs')
})

test('each kind is asked about once, with all that the app wants to do with it', () =>
  expect(offersOf(parseScopes('patient/Goal.r user/Goal.cu patient/Task.s'))).toEqual([
    { type: 'Goal', letters: 'cru', parts: [] },
    { type: 'Task', letters: 's', parts: [] },
  ]))

const scopeWords = fc.constantFrom(
  'patient/*.cruds',
  'patient/*.read',
  'patient/Observation.rs',
  'user/Condition.cud',
  'patient/Observation.rs?code=1234-5',
  'patient/Goal.d',
)
test('whatever is chosen, nothing is granted that was not asked for', () => {
  const wholeOf = (scope: Scope): Scope => ({ text: '', level: scope.level, type: scope.type, letters: scope.letters })
  fc.assert(
    fc.property(
      fc.array(scopeWords, { minLength: 1 }),
      fc.func(fc.boolean()),
      fc.func(fc.boolean()),
      (words, type, part) => {
        const scopes = parseScopes(words.join(' '))
        const all = everything(offersOf(scopes))
        const left = applyChoices(scopes, {
          types: new Set([...all.types].filter((name) => type(name))),
          parts: new Set([...all.parts].filter((name) => part(name))),
        })
        for (const scope of left) {
          // A filter narrows; without one the scope must be within what was asked for.
          const asked = scope.filter ? scopes.map(wholeOf) : scopes
          expect(covers(asked, scope)).toBe(true)
          if (scope.type !== '*') expect(type(scope.type) || type('*')).toBe(true)
        }
      },
    ),
  )
})
