import { errors } from 'oidc-provider'
import { covers, narrow, parseScope, parseScopes } from '../../access/scopes.ts'
import type { LaunchContext } from '../launch/launches.ts'

/** Scopes that are no permission on resources, and that we know how to answer. */
export const IDENTITY_SCOPES = ['openid', 'fhirUser', 'profile', 'offline_access', 'online_access']
export const LAUNCH_SCOPES = ['launch', 'launch/patient', 'launch/encounter']

/** How long an authorization lives: one token, as long as the person's session, or until it is taken back. */
export type AccessType = 'once' | 'online' | 'offline'

export type Grant = {
  /** What is granted, space-separated, in the words of the request where it was granted whole. */
  scope: string
  /** What the token response tells the app beside the token. */
  context: LaunchContext
}

export type GrantRequest = {
  scope: string
  client: { allowedScope: string; mayRefresh: boolean }
  account: { fhirUser: string; allowedScope: string }
  /** From the EHR launch; absent when the app started by itself. */
  launch: LaunchContext | undefined
  /** Chosen by the person, for an app that started by itself. */
  chosenPatient?: string
}

/**
 * Whether somebody must first choose a patient: the app asks for one, no launch has brought one, and the person who signs
 * in is none. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#requesting-context-with-scopes
 */
export function needsPatient({ scope, account, launch }: Omit<GrantRequest, 'client'>): boolean {
  if (launch?.patient !== undefined || account.fhirUser.startsWith('Patient/')) return false
  return scope.split(' ').includes('launch/patient') || parseScopes(scope).some(({ level }) => level === 'patient')
}

/**
 * What a person may give an app: asked ∩ allowed to the client ∩ allowed to the person, for a patient in context. Pure.
 * A `patient/` scope is granted only if there is a patient: the one of the launch, the one who was chosen, or the person
 * who signs in.
 * @throws AccessDenied for a patient who was launched with another patient, and when nothing is left to grant
 */
export function decideGrant({ scope, client, account, launch, chosenPatient }: GrantRequest): Grant {
  const words = scope.split(' ')
  const ownId = /^Patient\/(.+)$/.exec(account.fhirUser)?.[1]
  if (ownId !== undefined && launch?.patient !== undefined && launch.patient !== ownId)
    throw new errors.AccessDenied('the launch is for another patient')
  const patient = launch?.patient ?? ownId ?? chosenPatient

  const allowed = narrow(
    narrow(parseScopes(scope), parseScopes(client.allowedScope)),
    parseScopes(account.allowedScope),
  )
  const resourceScopes = allowed.filter(
    ({ level }) => level === 'user' || (level === 'patient' && patient !== undefined),
  )
  const others = words.filter((word) => IDENTITY_SCOPES.includes(word) && (client.mayRefresh || !isLasting(word)))
  const launchScopes = words.filter((word) => {
    if (word === 'launch') return launch !== undefined
    if (word === 'launch/patient') return patient !== undefined
    return word === 'launch/encounter' && launch?.encounter !== undefined
  })
  if (resourceScopes.length + others.filter((word) => !isLasting(word)).length === 0)
    throw new errors.AccessDenied('no requested scope can be granted')

  const inContext = launchScopes.length > 0 || resourceScopes.some(({ level }) => level === 'patient')
  return {
    scope: [...new Set([...others, ...launchScopes, ...resourceScopes.map(({ text }) => text)])].join(' '),
    context: { ...launch, ...(inContext && patient !== undefined ? { patient } : {}) },
  }
}

/** What a granted scope says about its duration. */
export function accessTypeOf(scope: string): AccessType {
  const words = scope.split(' ')
  if (words.includes('offline_access')) return 'offline'
  return words.includes('online_access') ? 'online' : 'once'
}

/**
 * Permissions on this authorization server itself, for clients alone. A client must have been registered with one to get it.
 * They are no SMART scopes, and reach no resource.
 */
export const SERVER_SCOPES = {
  /** Register, change and remove clients. */
  clients: 'fylgje/client.manage',
  /** Open an app for a user and a patient, as an EHR does. */
  launch: 'fylgje/launch.create',
  /** Look into the tokens of every client. */
  introspect: 'fylgje/token.introspect',
  /** Change the signing keys. */
  keys: 'fylgje/key.rotate',
}
const isServerScope = (word: string) => Object.values(SERVER_SCOPES).includes(word)

/**
 * What a client may have on its own behalf (client_credentials): everything it asks for, or nothing. Without a wish it
 * gets what it is allowed. https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
 * @throws InvalidScope naming the first scope that it may not have
 */
export function decideClientScope(asked: string | undefined, allowedScope: string): string {
  const allowed = parseScopes(allowedScope).filter(({ level }) => level === 'system')
  const ofServer = allowedScope.split(' ').filter(isServerScope)
  if (!asked) return [...allowed.map(({ text }) => text), ...ofServer].join(' ')
  for (const word of asked.split(' ')) {
    if (ofServer.includes(word)) continue
    const scope = parseScope(word)
    if (!scope || !covers(allowed, scope)) throw new errors.InvalidScope('scope is not allowed for this client', word)
  }
  return asked
}

/** Whether an authorization request may name it: what is not understood is left out of the grant, as SMART has it. */
export function isUnderstood(word: string): boolean {
  return IDENTITY_SCOPES.includes(word) || LAUNCH_SCOPES.includes(word) || parseScope(word) !== undefined
}

const isLasting = (word: string) => word === 'offline_access' || word === 'online_access'
