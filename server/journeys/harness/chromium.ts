import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'
import { oncePerRun } from '../../db/test-template.ts'

/** Fonts come unpacked beside it; without them a machine that has none draws all text blank. The package's own file knows /tmp alone. */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(tmpdir(), 'fonts')}</dir><cachedir>${join(tmpdir(), 'fonts-cache')}</cachedir></fontconfig>
`

/**
 * Chromium from npm: nothing needs to be installed, and text looks the same on every machine. Close it afterwards.
 * @param more arguments of its command line
 */
export async function openChromium(more: readonly string[] = []): Promise<Browser> {
  // Unpacked by one test process: another would find what is half written, and take it for a browser.
  const unpacked = await oncePerRun('chromium', async (folder) => {
    await chromium.executablePath()
    await writeFile(join(folder, 'fonts.conf'), FONTS_CONF)
  })
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    env: { FONTCONFIG_FILE: join(unpacked, 'fonts.conf'), ...process.env },
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
      ...more,
    ],
  })
}
