import type { BrowserContextOptions, Page } from 'playwright-core'
import type { RunningServer } from '../../server/journeys/harness/start-server.ts'

/** One of `docs/screenshots`, by the name of its file. */
export type Picture = {
  name: string
  options: BrowserContextOptions
  /** Of the page; left out, the start page. */
  path?: string
  before?: (page: Page, server: RunningServer) => Promise<unknown>
}

export const DESK = { width: 1280, height: 800 }
/** An EHR's pane on a usual screen, and a wide one. */
export const PANE = { width: 1280, height: 720 }
export const WIDE = { width: 1920, height: 1080 }
/** A4, as a browser measures paper. */
export const PAPER = { width: 794, height: 1123 }
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
