import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Frame, Page } from 'playwright-core'

/** Less than half of what the package gives as its source: it goes through a pipe to each page. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

type Axe = { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }

/**
 * What axe finds wrong on the page as it stands, each with the elements' markup. The page's own policy stays in force. What is in order is
 * only counted, and no selector is sought for what is not: that is a third of what axe takes, and nobody reads it here.
 * @param tags of axe's rules; all when left out
 * @see https://github.com/dequelabs/axe-core/blob/develop/doc/API.md#options-parameter
 */
export async function violationsOf(page: Page | Frame, tags?: string[]): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in globalThis)
  if (!isThere) await page.evaluate(AXE)
  const asked = {
    ...{ resultTypes: ['violations'], selectors: false },
    ...(tags ? { runOnly: { type: 'tag', values: tags } } : {}),
  }
  return page.evaluate(async (options) => {
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run(options)
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
  }, asked)
}
