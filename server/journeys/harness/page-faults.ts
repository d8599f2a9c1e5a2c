import type { Page } from 'playwright-core'
import { violationsOf } from './violations.ts'

/** What axe finds wrong on a page, and what is cut off or too small to hit with a thumb. */
export async function faultsOf(page: Page): Promise<string[]> {
  const violations = await violationsOf(page)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('main button, main label, main summary')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 24)
      .map((element) => `too small: ${element.textContent}`),
  )
  return [...violations, ...(wide ? ['wider than the screen'] : []), ...small]
}
