import type { Page } from 'playwright-core'

/**
 * A window that is kept from test to test, as a person keeps it: a new one fetches and compiles the whole app, which takes the browser
 * longer than most tests. Nothing of a test is left that it has heard, routed, opened beside, sized or coloured, and the page asks nothing.
 * What an app has stored is not touched. A script that was put in before pages open, or a clock of its own, stays: such a window is not kept.
 * @param at where it rests: of the app's host, so that what is stored can be reached, and no page of the app
 * @returns false for one that cannot be used again
 */
export async function restWindow(
  page: Page,
  at: string,
  viewport: { width: number; height: number },
): Promise<boolean> {
  if (page.isClosed() || page.url() === 'about:blank') return false
  const context = page.context()
  for (const heard of ['console', 'pageerror', 'request']) page.removeAllListeners(heard)
  for (const routed of [page, context]) await routed.unrouteAll({ behavior: 'ignoreErrors' })
  for (const other of context.pages()) if (other !== page) await other.close()
  await context.setOffline(false)
  await page.goto(at)
  await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme: 'light', forcedColors: null })
  return true
}

/** Of a window that rests: whoever has come in it is known no more, neither to the app nor to the server. The files of the app stay. */
export async function forgetWhoCame(page: Page): Promise<void> {
  const context = page.context()
  await page.evaluate(() => sessionStorage.clear())
  await context.clearCookies()
  // By the browser: a page would wait until the one that had a database open before it is quite gone.
  const cdp = await context.newCDPSession(page)
  await cdp.send('Storage.clearDataForOrigin', {
    ...{ origin: new URL(page.url()).origin, storageTypes: 'cookies,indexeddb,local_storage' },
  })
  await cdp.detach()
}
