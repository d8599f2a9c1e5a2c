import type { Request } from 'express'
import type { Credentials } from '../authorization-server/authenticate.ts'

/** What the request says about who makes it. Several proofs are as good as none: they are joined, and no JWT. */
export const credentialsOf = ({ headers, method, originalUrl }: Request): Credentials => ({
  ...{ authorization: headers.authorization, method, path: originalUrl },
  dpop: textOf(headers.dpop),
})

/** A header that may have come several times. */
export const textOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header.join(', ') : header)
