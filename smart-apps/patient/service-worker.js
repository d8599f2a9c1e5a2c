// Keeps the app itself, so that it opens without a net: its page and every file of the build, taken in whole when the worker is installed.
// Nothing of anybody's health goes through here: what is asked of the FHIR server is not touched, and is kept by the app itself, encrypted.

/** Written by the build: the names of its files, and a digest of what is in them. */
const FILES = /* files of the build */ []
const BUILD = /* digest of the build */ 'none'

const NAME = `fylgje-patient-${BUILD}`
const SCOPE = self.registration.scope
const POLICY = 'content-security-policy'
const POLICY_MILLIS = 1_500
const SETTINGS = new URL('settings.json', SCOPE).href

self.addEventListener('install', (event) => {
  const addresses = [SCOPE, ...FILES.map((file) => new URL(file, SCOPE).href)]
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(addresses.map((address) => new Request(address, { cache: 'no-cache' })))),
  )
})

// A new version takes over when no window of the old one is open: nobody's page loses a file under them.
self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('fylgje-patient-') && name !== NAME)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET' || !request.url.startsWith(SCOPE)) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (request.url === SETTINGS) event.respondWith(newest(request))
  else event.respondWith(kept(request))
})

/**
 * The page of this build, whose files are kept, under the policy that the server has for it today: of a server that was configured since, an
 * old one would let nothing be asked. One that does not answer soon is not waited for.
 */
async function page(request) {
  const cache = await caches.open(NAME)
  const found = await cache.match(SCOPE, { ignoreVary: true })
  if (!found) return fetch(request)
  try {
    const today = await fetch(SCOPE, { method: 'HEAD', cache: 'no-cache', signal: AbortSignal.timeout(POLICY_MILLIS) })
    const policy = today.headers.get(POLICY)
    if (!today.ok || !policy || policy === found.headers.get(POLICY)) return found
    const headers = new Headers(found.headers)
    headers.set(POLICY, policy)
    const { status, statusText } = found
    const renewed = new Response(await found.blob(), { status, statusText, headers })
    await cache.put(SCOPE, renewed.clone())
    return renewed
  } catch {
    // Without a net as it was last.
    return (await cache.match(SCOPE, { ignoreVary: true })) ?? found
  }
}

async function kept(request) {
  return (await (await caches.open(NAME)).match(request, { ignoreVary: true })) ?? fetch(request)
}

/** What may change while the app stays the same; without a net as it was last. */
async function newest(request) {
  const cache = await caches.open(NAME)
  try {
    const response = await fetch(request)
    if (response.ok) await cache.put(request.url, response.clone())
    return response
  } catch (error) {
    const found = await cache.match(request.url)
    if (found) return found
    throw error
  }
}

/** Said when a notice says nothing that can be read. */
const SOMETHING = 'Du har noe å gjøre i Fylgje.'

// A phone shows it to whoever holds it: that there is something to do, and nothing of what.
self.addEventListener('push', (event) => {
  const { body = SOMETHING, lang = 'nb' } = said(event.data)
  event.waitUntil(
    self.registration.showNotification('Fylgje', {
      ...{ body, lang, tag: 'fylgje', icon: new URL('icon-192.png', SCOPE).href },
    }),
  )
})

function said(data) {
  try {
    const { body, lang } = data.json()
    return typeof body === 'string' && typeof lang === 'string' ? { body, lang } : {}
  } catch {
    return {}
  }
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((windows) => {
      const open = windows.find(({ url }) => url.startsWith(SCOPE))
      return open ? open.focus() : self.clients.openWindow(SCOPE)
    }),
  )
})
