import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { plansOf, toPlanBook } from '../plans/plan-book.ts'
import { withShare } from './extensions.ts'
import { isToMove, type Move, moveBack, moveCarePlan } from './move.ts'

const PLAN_URL = 'http://x/PlanDefinition/p'
const at = (version: number) => `${PLAN_URL}|${version}.0.0`
const OTHER = 'http://x/PlanDefinition/other|1'
const carePlan = (...instantiatesCanonical: string[]): CarePlan => ({
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  instantiatesCanonical,
})
const move = (from: number, to: number): Move => ({ from: [at(from)], to: at(to) })

test('who is moved names the new version and no other of that plan; other plans stay, in their place', () => {
  expect(moveCarePlan(carePlan(OTHER, at(1), at(2)), move(1, 3)).instantiatesCanonical).toEqual([OTHER, at(3)])
})

test.each([
  ['runs in a version that is left', carePlan(at(1)), true],
  ['rests in it', { ...carePlan(at(1)), status: 'on-hold' as const }, true],
  ['has ended', { ...carePlan(at(1)), status: 'completed' as const }, false],
  ['is in another version', carePlan(at(2)), false],
  ['is there already', carePlan(at(3)), false],
  ['names the plan without a version', carePlan(PLAN_URL), false],
])('an enrolment that %s: %s', (_what, one, moves) => {
  expect(isToMove(one, { from: [at(1), at(3)], to: at(3) })).toBe(moves)
})

test('going back restores the version and keeps what was changed meanwhile; who was moved on stays', () => {
  const before = carePlan(OTHER, at(1))
  const moved = { ...moveCarePlan(before, move(1, 2)), title: 'Changed since' }
  expect(moveBack(moved, before, move(1, 2))).toEqual({ ...before, title: 'Changed since' })
  expect(moveBack(moveCarePlan(moved, move(2, 3)), before, move(1, 2))).toBeUndefined()
})

const definition = (version: number, status: PlanDefinition['status'], share: number): PlanDefinition =>
  withShare(
    { resourceType: 'PlanDefinition', id: `v${version}`, url: PLAN_URL, version: `${version}.0.0`, status },
    share,
  )

const version = fc.integer({ min: 1, max: 4 })
const act = fc.oneof(
  fc.record({ act: fc.constant('move' as const), from: version, to: version }),
  fc.record({ act: fc.constant('undo' as const) }),
  fc.record({ act: fc.constant('share' as const), version, share: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ act: fc.constant('retire' as const), version }),
  fc.record({ act: fc.constant('edit' as const), title: fc.string() }),
)
const enrolment = fc.oneof(
  fc.subarray([1, 2, 3, 4], { minLength: 1 }).map((versions) => carePlan(...versions.map(at))),
  fc.constant(carePlan(PLAN_URL)),
  version.map((one) => carePlan(PLAN_URL, at(one))),
)

test('whatever is done in whatever order, one version governs an enrolment, and undoing restores what was named', () => {
  fc.assert(
    fc.property(enrolment, fc.array(act, { maxLength: 20 }), (start, acts) => {
      const definitions = new Map([1, 2, 3, 4].map((one) => [one, definition(one, 'active', 100)]))
      const history = [...definitions.values()]
      let now = start
      const done: { before: CarePlan; move: Move }[] = []
      for (const one of acts) {
        switch (one.act) {
          case 'move': {
            const wanted = move(one.from, one.to)
            if (!isToMove(now, wanted)) break
            done.push({ before: now, move: wanted })
            now = moveCarePlan(now, wanted)
            expect(now.instantiatesCanonical).toEqual([at(one.to)])
            break
          }
          case 'undo': {
            const last = done.pop()
            const back = last && moveBack(now, last.before, last.move)
            if (!last || !back) break
            expect(back.instantiatesCanonical).toEqual(last.before.instantiatesCanonical)
            now = back
            break
          }
          case 'share':
            definitions.set(one.version, definition(one.version, 'active', one.share))
            break
          case 'retire':
            definitions.set(one.version, definition(one.version, 'retired', 100))
            break
          case 'edit':
            now = { ...now, title: one.title }
        }
        const named = (now.instantiatesCanonical ?? []).some((canonical) => canonical.includes('|'))
        const someInForce = [...definitions.values()].some(({ status }) => status === 'active')
        const { plans } = plansOf(now, toPlanBook([...definitions.values(), ...history]))
        expect(plans).toHaveLength(named || someInForce ? 1 : 0)
      }
    }),
  )
})
