import type { RequestHandler } from 'express'

const YEAR_SECONDS = 365 * 24 * 3600

/**
 * What every answer says to a browser: take the type as it is told, load nothing and show it in no frame, tell no other site where
 * somebody came from, let no other site embed it, and, where we have TLS, never come without it.
 * https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
 * @param baseUrl as browsers see it
 */
export function protectAnswers(baseUrl: string): RequestHandler {
  const headers = Object.entries({
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(baseUrl.startsWith('https:') ? { 'Strict-Transport-Security': `max-age=${YEAR_SECONDS}` } : {}),
  })
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value)
    next()
  }
}

/**
 * A page of ours runs what comes from here and nothing else, and stands in a frame of those alone who are named. A page that opens
 * another keeps it in reach, because SMART apps sign in by windows that they open.
 * @param frameAncestors origins, such as an EHR that shows an app inside itself
 */
export function protectPages(frameAncestors: readonly string[]): RequestHandler {
  const ancestors = frameAncestors.length > 0 ? frameAncestors.join(' ') : "'none'"
  const policy = [
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${ancestors}`,
  ].join('; ')
  return (_req, res, next) => {
    res.setHeader('Content-Security-Policy', policy)
    res.setHeader('Cross-Origin-Opener-Policy', 'same-origin-allow-popups')
    res.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=()')
    next()
  }
}
