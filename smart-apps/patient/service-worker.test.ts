import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { expect, test } from '@jest/globals'

const SCOPE = 'https://phone.example.no/apps/patient/'
const PAGE = () =>
  new Response('this build', { headers: { 'content-security-policy': 'old', 'content-type': 'text/html' } })

/** The worker with one page kept. @returns what it answers a navigation with */
async function opened(answer: () => Promise<Response>): Promise<Response> {
  const kept = new Map([[SCOPE, PAGE()]])
  const cache = {
    match: async (key: string) => kept.get(key)?.clone(),
    put: async (key: string, response: Response) => void kept.set(key, response),
  }
  const listeners: Record<string, (event: object) => void> = {}
  runInNewContext(readFileSync(join(import.meta.dirname, 'service-worker.js'), 'utf8'), {
    ...{ URL, Response, Headers, AbortSignal, fetch: answer, caches: { open: async () => cache } },
    self: {
      registration: { scope: SCOPE },
      addEventListener: (name: string, listener: (event: object) => void) => {
        listeners[name] = listener
      },
    },
  })
  return new Promise((resolve) => {
    listeners.fetch?.({
      request: { method: 'GET', mode: 'navigate', url: `${SCOPE}plan` },
      respondWith: resolve,
    })
  })
}

test.each([
  [
    'with the policy of today',
    async () => new Response(null, { headers: { 'content-security-policy': 'new' } }),
    'new',
  ],
  ['as it was last without a net', () => Promise.reject(new TypeError('Failed to fetch')), 'old'],
  ['as it was last while the server is away', async () => new Response(null, { status: 502 }), 'old'],
])('the page of the build is opened %s', async (_, answer, policy) => {
  const response = await opened(answer)
  expect(await response.text()).toBe('this build')
  expect(response.headers.get('content-security-policy')).toBe(policy)
  expect(response.headers.get('content-type')).toBe('text/html')
})
