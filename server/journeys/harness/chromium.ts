import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'

/** Chromium from npm: nothing needs to be installed, and text looks the same on every machine. Close it afterwards. */
export async function openChromium(): Promise<Browser> {
  const executablePath = await chromium.executablePath()
  // Fonts come unpacked beside it; without them a machine that has none draws all text blank.
  process.env.FONTCONFIG_PATH ??= join(tmpdir(), 'fonts')
  return playwright.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  })
}
