import type { Page } from 'playwright-core'

/** The next transaction goes through as a whole, but nobody hears of it. */
export async function loseNextAnswer(page: Page): Promise<void> {
  await page.route(
    /\/fhir\/?$/,
    async (route) => {
      await route.fetch()
      await route.abort()
    },
    { times: 1 },
  )
}
