import type { Access } from '../../access/access.ts'

/** Organisation numbers: of the legal entity, and of its unit. */
type For = { organization?: string | undefined; organizationUnit?: string | undefined }

/**
 * What stands against using a sign-in that is kept in the session in which somebody looks. The newest of a person's is kept, whichever session it was
 * made for; the look is attested for the organisation of that one, and so it must be the session's own.
 * @param usual for whom people sign in where their sign-in does not say it
 */
export function againstSession(
  kept: For,
  login: Access['login'],
  usual: For,
): 'not-by-helseid' | 'other-organization' | undefined {
  if (login?.provider !== 'helseid') return 'not-by-helseid'
  const numbers = ({ organization = usual.organization, organizationUnit = usual.organizationUnit }: For) =>
    JSON.stringify([organization, organizationUnit])
  const { organization, organizationUnit } = login
  return numbers(kept) === numbers({ organization, organizationUnit }) ? undefined : 'other-organization'
}
