import type { ErrorRequestHandler } from 'express'
import { errors } from 'oidc-provider'
import { errorPage } from './error-page.ts'
import { pageHeaders } from './page.ts'

/** What goes wrong between the app's request and its code, where there is no app to send the browser back to. */
export const interactionErrors: ErrorRequestHandler = (error: Error, req, res, next) => {
  if (!(error instanceof errors.OIDCProviderError)) return next(error)
  const { error: code, error_description, statusCode } = error
  const out = { error: code, ...(error_description ? { error_description } : {}) }
  res
    .status(statusCode)
    .set(pageHeaders())
    .send(errorPage(out, req.get('accept-language')))
}
