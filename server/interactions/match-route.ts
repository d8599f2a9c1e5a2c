import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { Route } from '../exchange.ts'

export type Match = { route: Route; type: string; id: string; versionId: string }

const ID = /^[A-Za-z0-9\-.]{1,64}$/

/**
 * The route of a request, and the names in its path.
 * @throws Refusal not-supported (404 for a type that R4 does not have, 405 with the methods that there are), value for a bad id
 */
export function matchRoute(routes: Route[], definitions: Definitions, method: string, path: string): Match {
  const segments = path === '' ? [] : path.split('/')
  const wanted = method === 'HEAD' ? 'GET' : method
  const allowed = new Set<string>()
  for (const route of routes) {
    const names = matchPath(route.path, segments)
    if (!names) continue
    if (route.method === wanted) return checked(definitions, route, names)
    allowed.add(route.method)
  }
  const type = segments[0] ?? ''
  if (allowed.size > 0) {
    const said = `${method} is not supported here; ${[...allowed].join(', ')} ${allowed.size === 1 ? 'is' : 'are'}.`
    throw Object.assign(new Refusal([notSupported(said)], 405), { allowed: [...allowed] })
  }
  if (/^[A-Z]/.test(type) && !definitions.resourceTypes.has(type)) throw unknownType(type)
  throw new Refusal([notSupported(`There is nothing at ${method} /${path}. GET /metadata tells what there is.`)], 404)
}

type Names = { type: string; id: string; versionId: string }

function matchPath(pattern: string, segments: string[]): Names | undefined {
  const parts = pattern === '' ? [] : pattern.split('/')
  if (parts.length !== segments.length) return undefined
  const names: Names = { type: '', id: '', versionId: '' }
  for (const [i, part] of parts.entries()) {
    const segment = segments[i] ?? ''
    if (part === ':type') names.type = segment
    else if (part === ':id') names.id = segment
    else if (part === ':versionId') names.versionId = segment
    else if (part !== segment) return undefined
  }
  // `_search` and `$apply` are no ids, and no type begins with a small letter.
  if (/^[_$]/.test(names.id) || (names.type !== '' && !/^[A-Z]/.test(names.type))) return undefined
  if (names.type === '' && /^[A-Z]/.test(parts[0] ?? '')) names.type = parts[0] ?? ''
  return names
}

function checked(definitions: Definitions, route: Route, names: Names): Match {
  if (names.type !== '' && !definitions.resourceTypes.has(names.type)) throw unknownType(names.type)
  if (names.id !== '' && !ID.test(names.id)) {
    throw refuse('value', `"${names.id}" is no id: 1 to 64 letters, digits, hyphens and dots are.`)
  }
  return { route, ...names }
}

const notSupported = (diagnostics: string) => ({ severity: 'error', code: 'not-supported', diagnostics }) as const
const unknownType = (type: string) => new Refusal([notSupported(`R4 has no resource type "${type}".`)], 404)
