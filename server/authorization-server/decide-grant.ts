import { errors } from 'oidc-provider'
import { covers, narrow, parseScope, parseScopes } from '../access/scopes.ts'
import type { LaunchContext } from './launches.ts'

/** Scopes that are no permission on resources, and that we know how to answer. */
export const IDENTITY_SCOPES = ['openid', 'fhirUser', 'profile']

export type Grant = {
  /** What is granted, space-separated, in the words of the request where it was granted whole. */
  scope: string
  /** What the token response tells the app beside the token. */
  context: LaunchContext
}

export type GrantRequest = {
  scope: string
  clientAllowedScope: string
  account: { fhirUser: string; allowedScope: string }
  /** From the EHR launch; absent when the app started by itself. */
  launch: LaunchContext | undefined
}

/**
 * What a person may give an app: asked ∩ allowed to the client ∩ allowed to the person, for a patient in context. Pure.
 * A `patient/` scope is granted only if there is a patient: the one of the launch, or the person who signs in. A health
 * professional without a launch gets none, because nobody has chosen a patient.
 * @throws AccessDenied for a patient who was launched with another patient, and when nothing is left to grant
 */
export function decideGrant({ scope, clientAllowedScope, account, launch }: GrantRequest): Grant {
  const words = scope.split(' ')
  const ownId = /^Patient\/(.+)$/.exec(account.fhirUser)?.[1]
  if (ownId !== undefined && launch?.patient !== undefined && launch.patient !== ownId)
    throw new errors.AccessDenied('the launch is for another patient')
  const patient = launch?.patient ?? ownId

  const allowed = narrow(narrow(parseScopes(scope), parseScopes(clientAllowedScope)), parseScopes(account.allowedScope))
  const resourceScopes = allowed.filter(
    ({ level }) => level === 'user' || (level === 'patient' && patient !== undefined),
  )
  const others = words.filter((word) => IDENTITY_SCOPES.includes(word))
  const launchScopes = words.filter((word) =>
    word === 'launch' ? launch !== undefined : word === 'launch/patient' && patient !== undefined,
  )
  if (resourceScopes.length + others.length === 0) throw new errors.AccessDenied('no requested scope can be granted')

  const inContext = launchScopes.length > 0 || resourceScopes.some(({ level }) => level === 'patient')
  return {
    scope: [...new Set([...others, ...launchScopes, ...resourceScopes.map(({ text }) => text)])].join(' '),
    context: { ...launch, ...(inContext && patient !== undefined ? { patient } : {}) },
  }
}

/**
 * What a client may have on its own behalf (client_credentials): everything it asks for, or nothing. Without a wish it
 * gets what it is allowed. https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
 * @throws InvalidScope naming the first scope that it may not have
 */
export function decideClientScope(asked: string | undefined, allowedScope: string): string {
  const allowed = parseScopes(allowedScope).filter(({ level }) => level === 'system')
  if (!asked) return allowed.map(({ text }) => text).join(' ')
  refuseGranular(asked)
  for (const word of asked.split(' ')) {
    const scope = parseScope(word)
    if (!scope || !covers(allowed, scope)) throw new errors.InvalidScope('scope is not allowed for this client', word)
  }
  return asked
}

/**
 * A filter of a granular scope is not yet obeyed by every interaction. To grant it all the same would grant the whole
 * type, so it is refused where it is asked for.
 */
export function refuseGranular(scope: string): void {
  const granular = scope.split(' ').find((word) => word.includes('?'))
  if (granular) throw new errors.InvalidScope('scopes with search parameters are not supported yet', granular)
}
