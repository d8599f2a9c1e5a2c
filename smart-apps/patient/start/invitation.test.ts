import { expect, test } from '@jest/globals'
import { Refused, Unreachable } from '../../fhir/failure.ts'
import { forget, keep } from '../../launch/kept.ts'
import { acceptInvitation, isInvited } from './invitation.ts'

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
  ['unknown', new Refused(404, []), false],
  ['unknown', new Refused(400, []), false],
  ['other', new Refused(403, []), false],
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
