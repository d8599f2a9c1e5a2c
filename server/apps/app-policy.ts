import type { Response } from 'express'
import { type AppSettings, originsOf } from './app-settings.ts'

type Policy = { frameAncestors: readonly string[]; settings: AppSettings; isSignedInPage: boolean }

/**
 * An app runs what comes from here and nothing else, asks the servers that it may be launched from, and stands in a frame of its own
 * origin or of those who are named. It takes on what protectPages says of other pages, but for three things: `connect-src`, because
 * an app may be launched from another vendor's server; `frame-ancestors 'self'`, because our own pages are no strangers; and the page
 * that a sign-in ends in stays in reach of the app that opened it, so that it can hand over the code.
 */
export function protectAppPage(res: Response, { frameAncestors, settings, isSignedInPage }: Policy): void {
  const origins = originsOf(settings)
  // What changes is told by a socket of the same server.
  const sockets = origins.map((origin) => origin.replace(/^http/, 'ws'))
  const policy = [
    "default-src 'self'",
    `connect-src ${["'self'", ...origins, ...sockets].join(' ')}`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${["'self'", ...frameAncestors].join(' ')}`,
  ]
  res.setHeader('Content-Security-Policy', policy.join('; '))
  if (isSignedInPage) res.removeHeader('Cross-Origin-Opener-Policy')
}
