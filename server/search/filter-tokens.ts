import { namesOfSystem } from '../national-numbers/system-names.ts'
import { CODED } from './extract-token.ts'
import type { KeyUse, Parameter } from './parameters.ts'
import type { Filter, ReferenceValue, TokenValue } from './search-filter.ts'
import type { SearchKey } from './search-key.ts'
import {
  codeToken,
  logicalReferenceToken,
  presentToken,
  referenceToken,
  systemCodeToken,
  systemToken,
  typedIdentifierToken,
} from './token-hash.ts'

// What a filter looks for in `resource.tokens`: the counterpart of what extract-*.ts puts there.

export function tokenTokensOf({ parameter, values }: Extract<Filter, { kind: 'token' }>): string[] {
  return parameter.keys.flatMap(({ key }) =>
    values.flatMap(underEachName).flatMap((value) => tokensOfValue(key, value)),
  )
}

/** A national number is the same one under each name of its system. */
const underEachName = (value: TokenValue): TokenValue[] =>
  value.system === undefined ? [value] : namesOfSystem(value.system).map((system) => ({ ...value, system }))

function tokensOfValue(key: SearchKey, { system, code, ofType }: TokenValue): string[] {
  if (ofType) return [typedIdentifierToken(key.path, ofType.system, ofType.code, code ?? '')]
  if (system === undefined) return [codeToken(key.path, code ?? '')]
  const ofItself = key.leaves.filter(({ type }) => !CODED.has(type))
  const coded = key.mixed || ofItself.length === 0
  if (code === undefined) {
    const listed = ofItself.flatMap(({ codes }) => codesIn(system, codes))
    return [...(coded ? [systemToken(key.path, system)] : []), ...listed.map((one) => codeToken(key.path, one))]
  }
  // A `code` has its system by its binding; a string or a boolean has none.
  const matches = ofItself.some(({ codes }) => (system === '' ? !key.mixed : codes?.has(`${system}|${code}`)))
  return [...(coded ? [systemCodeToken(key.path, system, code)] : []), ...(matches ? [codeToken(key.path, code)] : [])]
}

function codesIn(system: string, codes: ReadonlySet<string> | undefined): string[] {
  return [...(codes ?? [])].filter((one) => one.startsWith(`${system}|`)).map((one) => one.slice(system.length + 1))
}

export function referenceTokensOf({ parameter, values }: Extract<Filter, { kind: 'reference' }>): string[] {
  return parameter.keys.flatMap((use) => values.flatMap((value) => tokensOfReference(parameter, use, value)))
}

function tokensOfReference(parameter: Parameter, { key, target }: KeyUse, value: ReferenceValue): string[] {
  switch (value.kind) {
    case 'typed': {
      if (target !== undefined && target !== value.type) return []
      const version = value.version === undefined ? '' : `/_history/${value.version}`
      return [referenceToken(key.path, `${value.type}/${value.id}${version}`)]
    }
    case 'untyped':
      return targetsOf(parameter, { key, ...(target === undefined ? {} : { target }) }).map((type) =>
        referenceToken(key.path, `${type}/${value.id}`),
      )
    case 'url':
      return [referenceToken(key.path, value.url)]
    case 'identifier':
      return namesOf(value.system).map((system) => logicalReferenceToken(key.path, system, value.value))
    case 'identifierSystem':
      return [] // Not indexed: compile-content.ts.
  }
}

const namesOf = (system: string | undefined) => (system === undefined ? [undefined] : namesOfSystem(system))

/** The types that references of a key may lead to. */
function targetsOf({ targets }: Parameter, { key, target }: KeyUse): string[] {
  if (target !== undefined) return [target]
  const stated = key.leaves.flatMap((leaf) => leaf.targets)
  return stated.length === 0 || stated.includes('Resource') ? targets : stated
}

/** A uri itself, or for `:above` each uri that it stands below. */
export function uriTokensOf({ parameter, values, match }: Extract<Filter, { kind: 'uri' }>): string[] {
  const uris = match === 'above' ? values.flatMap(ancestorsOf) : values
  return parameter.keys.flatMap(({ key }) => uris.map((uri) => codeToken(key.path, uri)))
}

function ancestorsOf(uri: string): string[] {
  const ends = [...uri.matchAll(/\//g)].map(({ index }) => index)
  return [uri, ...ends.flatMap((end) => [uri.slice(0, end), uri.slice(0, end + 1)])]
}

export function presentTokens(parameter: Parameter): string[] {
  return parameter.keys.flatMap((use) => {
    if (use.key.kind !== 'reference') return [presentToken(use.key.path)]
    const untyped = use.target === undefined ? [presentToken(use.key.path)] : []
    return [...untyped, ...targetsOf(parameter, use).map((type) => presentToken(use.key.path, type))]
  })
}
