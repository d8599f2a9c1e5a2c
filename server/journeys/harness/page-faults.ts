import axe from 'axe-core'
import type { Page } from 'playwright-core'

type AxeResult = { violations: { id: string; nodes: { html: string }[] }[] }

/** What axe finds wrong on a page, and what is cut off or too small to hit with a thumb. Its policy must let scripts in: `bypassCSP`. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe.source })
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResult> } }
    return (await axe.run()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
    )
  })
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('main button, main label, main summary')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 24)
      .map((element) => `too small: ${element.textContent}`),
  )
  return [...violations, ...(wide ? ['wider than the screen'] : []), ...small]
}
