import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { expect, test } from '@jest/globals'

const SCOPE = 'https://phone.example.no/apps/patient/'
const PAGE = () =>
  new Response('this build', { headers: { 'content-security-policy': 'old', 'content-type': 'text/html' } })

type Listeners = Record<string, (event: object) => void>

/** The worker, started. @param globals what it finds around it; @param self of it */
function started(globals: object, self: { registration?: object; clients?: object } = {}): Listeners {
  const listeners: Listeners = {}
  runInNewContext(readFileSync(join(import.meta.dirname, 'service-worker.js'), 'utf8'), {
    ...{ URL, Response, Headers, AbortSignal },
    ...globals,
    self: {
      ...self,
      registration: { scope: SCOPE, ...self.registration },
      addEventListener: (name: string, listener: (event: object) => void) => {
        listeners[name] = listener
      },
    },
  })
  return listeners
}

/** The worker with one page kept. @returns what it answers a navigation with */
async function opened(answer: () => Promise<Response>): Promise<Response> {
  const kept = new Map([[SCOPE, PAGE()]])
  const cache = {
    match: async (key: string) => kept.get(key)?.clone(),
    put: async (key: string, response: Response) => void kept.set(key, response),
  }
  const listeners = started({ fetch: answer, caches: { open: async () => cache } })
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

test.each([
  [
    'as the server says it',
    { json: () => ({ body: 'You have something to do in Fylgje.', lang: 'en' }) },
    'You have something to do in Fylgje.',
    'en',
  ],
  ['without a word of it', null, 'Du har noe å gjøre i Fylgje.', 'nb'],
  ['with what cannot be read', { json: () => JSON.parse('{') }, 'Du har noe å gjøre i Fylgje.', 'nb'],
  ['with something else', { json: () => ({ body: 7 }) }, 'Du har noe å gjøre i Fylgje.', 'nb'],
])(
  'a notice that comes %s is shown in one place, and says that there is something to do',
  async (_, data, body, lang) => {
    const shown: unknown[] = []
    const listeners = started({}, { registration: { showNotification: async (...all: unknown[]) => shown.push(all) } })
    let shows: Promise<unknown> | undefined
    listeners.push?.({ data, waitUntil: (work: Promise<unknown>) => (shows = work) })
    await shows
    expect(shown).toEqual([['Fylgje', { body, lang, tag: 'fylgje', icon: `${SCOPE}icon-192.png` }]])
  },
)

test.each([
  ['the window that is open', [`${SCOPE}plan`], ['focus']],
  ['a new one', ['https://phone.example.no/apps/clinician/'], [`open ${SCOPE}`]],
])('who touches it comes to %s', async (_, urls, expected) => {
  const done: string[] = []
  const clients = {
    matchAll: async () => urls.map((url) => ({ url, focus: async () => void done.push('focus') })),
    openWindow: async (url: string) => void done.push(`open ${url}`),
  }
  let opens: Promise<unknown> | undefined
  started({}, { clients }).notificationclick?.({
    notification: { close: () => {} },
    waitUntil: (work: Promise<unknown>) => (opens = work),
  })
  await opens
  expect(done).toEqual(expected)
})
