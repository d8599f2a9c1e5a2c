import type { Request } from 'express'
import type { Access } from '../access/access.ts'
import { type Refusal, refuse } from '../core/fhir/outcome.ts'
import { createRequestRate } from '../throttling/request-rate.ts'
import { HeldUpRefusal, recogniseWithin } from './recognise.ts'

const request = (authorization: string | undefined, ip = '192.0.2.1') =>
  ({ headers: { authorization }, method: 'GET', originalUrl: '/fhir/Patient', ip }) as unknown as Request

const recognise = (countMax: number) =>
  recogniseWithin(
    { callers: createRequestRate(countMax), strangers: createRequestRate(countMax) },
    async ({ authorization }): Promise<Access> => {
      if (!authorization) throw refuse('login', 'who?')
      const [clientId = '', actor = ''] = authorization.split(' ')
      return { clientId, actor, scopes: [] }
    },
  )

const refusalOf = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: Refusal) => error,
  )

test('who asks more often than a minute allows is told how long to wait', async () => {
  const ask = recognise(3)
  for (let i = 0; i < 3; i++) await ask(request('app Practitioner/1'), false)
  const refusal = await refusalOf(ask(request('app Practitioner/1'), false))
  expect(refusal).toMatchObject({ status: 429, issues: [{ code: 'throttled' }] })
  expect(refusal?.retryAfterSeconds).toBeGreaterThan(50)
  expect(refusal?.retryAfterSeconds).toBeLessThanOrEqual(60)
  expect(refusal?.message).toContain(`try again in ${refusal?.retryAfterSeconds} s`)
})

test('another person with the same app, another app of the same person, and the same from elsewhere are counted apart', async () => {
  const ask = recognise(1)
  await ask(request('app Practitioner/1'), false)
  await expect(ask(request('app Practitioner/2'), false)).resolves.toMatchObject({ actor: 'Practitioner/2' })
  await expect(ask(request('other Practitioner/1'), false)).resolves.toMatchObject({ clientId: 'other' })
  await expect(ask(request('app Practitioner/1', '192.0.2.9'), false)).rejects.toMatchObject({ status: 429 })
})

test('without a valid token it is the address that is counted, and who has one is not held up by it', async () => {
  const ask = recognise(2)
  for (let i = 0; i < 2; i++) await expect(ask(request(undefined), false)).rejects.toMatchObject({ status: 401 })
  await expect(ask(request(undefined), false)).rejects.toMatchObject({ status: 429 })
  await expect(ask(request(undefined), true)).rejects.toMatchObject({ status: 429 })
  await expect(ask(request(undefined, '192.0.2.2'), true)).resolves.toMatchObject({ actor: 'anonymous' })
  await expect(ask(request('app Practitioner/1'), false)).resolves.toMatchObject({ actor: 'Practitioner/1' })
})

test('the first that is held up in a minute says who it is, for the audit; those behind it do not count', async () => {
  const ask = recognise(1)
  await ask(request('app Practitioner/1'), false)
  const held = [0, 1, 2].map(() => refusalOf(ask(request('app Practitioner/1'), false)))
  const refusals = await Promise.all(held)
  expect(refusals.map((one) => one instanceof HeldUpRefusal && one.isFirst)).toEqual([true, false, false])
  expect(refusals[0]).toMatchObject({ access: { clientId: 'app', actor: 'Practitioner/1' } })
})

test('0 is no limit', async () => {
  const ask = recognise(0)
  for (let i = 0; i < 100; i++) await ask(request('app Practitioner/1'), false)
})
