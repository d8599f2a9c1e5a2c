import { expect, test } from '@jest/globals'
import { Refused, Unreachable } from '../../fhir/failure.ts'
import { forget, keep } from '../../launch/kept.ts'
import { acceptInvitation, hearInvitations, isInvited } from './invitation.ts'

const CODE = 'abcdefghijklmnopqrstuv'
const answering = (failure?: Error) => {
  const asked: unknown[] = []
  const fhir = {
    operation: async (...given: unknown[]) => {
      asked.push(given)
      if (failure) throw failure
      return {}
    },
  } as unknown as Parameters<typeof acceptInvitation>[0]
  return { fhir, asked }
}

test('who has not come by a link asks nothing', async () => {
  forget('fylgje.invitation')
  const { fhir, asked } = answering()
  expect(await acceptInvitation(fhir, 'line')).toBeUndefined()
  expect(asked).toEqual([])
})

test.each([
  ['accepted', undefined, false],
  ['unknown', new Refused(404, [{ severity: 'error', code: 'not-found', expression: ['code'] }]), false],
  ['other', new Refused(404, []), true],
  ['unknown', new Refused(400, []), false],
  ['other', new Refused(403, []), true],
  ['used', new Refused(409, []), false],
  ['over', new Refused(422, []), false],
  ['unreached', new Unreachable(), true],
  ['unreached', new Refused(503, []), true],
] as const)('%s: %s; kept for the next time: %s', async (said, failure, isKept) => {
  keep('fylgje.invitation', CODE)
  const { fhir, asked } = answering(failure)
  expect(await acceptInvitation(fhir, 'line')).toBe(said)
  expect(asked).toEqual([['Patient/line/$accept-invitation', [{ name: 'code', valueString: CODE }]]])
  expect(isInvited()).toBe(isKept)
})

test('a second link, opened while the app is there, is heard, and its code taken out of the address', () => {
  forget('fylgje.invitation')
  const replaced: unknown[] = []
  const ground = Object.assign(new EventTarget(), {
    location: { hash: `#${CODE}`, pathname: '/apps/patient/welcome', search: '' },
    history: { replaceState: (...given: unknown[]) => replaced.push(given[2]) },
  })
  const names = ['addEventListener', 'removeEventListener', 'location', 'history'] as const
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
  for (const name of names) {
    const value = ground[name]
    Object.defineProperty(globalThis, name, {
      value: typeof value === 'function' ? value.bind(ground) : value,
      configurable: true,
    })
  }
  try {
    let heard = 0
    const end = hearInvitations(() => {
      heard += 1
    })
    ground.dispatchEvent(new Event('hashchange'))
    expect([heard, isInvited(), replaced]).toEqual([1, true, ['/apps/patient/welcome']])
    end()
    ground.dispatchEvent(new Event('hashchange'))
    expect(heard).toBe(1)
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor)
      else Reflect.deleteProperty(globalThis, name)
    }
  }
})
