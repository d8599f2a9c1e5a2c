import type { Sink } from './extract.ts'
import type { SearchKey } from './search-key.ts'
import { codeToken, systemCodeToken, systemToken, typedIdentifierToken } from './token-hash.ts'

/** The types that bring their system with them. */
export const CODED: ReadonlySet<string> = new Set(['CodeableConcept', 'Coding', 'Identifier', 'ContactPoint'])

type Coded = { system?: unknown; code?: unknown }

/** The tokens of a coded value. https://hl7.org/fhir/R4/search.html#token */
export function tokensOf({ path, mixed }: SearchKey, type: string, value: unknown, sink: Sink): void {
  if (typeof value === 'string' || typeof value === 'boolean') {
    const put = type === 'code' || type === 'boolean' ? sink.common : sink.token
    put(codeToken(path, String(value)))
    if (mixed) put(systemCodeToken(path, '', String(value)))
  }
  if (typeof value !== 'object' || value === null) return
  switch (type) {
    case 'CodeableConcept': {
      const { coding } = value as { coding?: unknown }
      if (Array.isArray(coding)) for (const one of coding) codingTokens(path, one as Coded, sink)
      return
    }
    case 'Coding':
      codingTokens(path, value, sink)
      return
    case 'Identifier': {
      const { system, value: code } = value as { system?: unknown; value?: unknown }
      ownTokens(path, { system, code }, sink)
      identifierTypeTokens(path, value, sink)
      return
    }
    case 'ContactPoint': {
      const { system, value: code } = value as { system?: unknown; value?: unknown }
      ownTokens(path, { system, code }, sink)
    }
  }
}

/** Of a code, which many have. */
function codingTokens(path: string, coding: Coded | null, sink: Sink): void {
  systemAndCode(path, coding, sink, sink.common)
}

/** Of what one alone has, such as an identifier, in a system of many. */
function ownTokens(path: string, coding: Coded, sink: Sink): void {
  systemAndCode(path, coding, sink, sink.token)
}

function systemAndCode(path: string, coding: Coded | null, sink: Sink, put: (token: string) => void): void {
  const code = text(coding?.code)
  const system = text(coding?.system)
  if (system !== undefined) sink.common(systemToken(path, system))
  if (code === undefined) return
  put(codeToken(path, code))
  put(systemCodeToken(path, system ?? '', code))
}

function identifierTypeTokens(path: string, identifier: object, sink: Sink): void {
  const { type, value } = identifier as { type?: { coding?: unknown }; value?: unknown }
  if (typeof value !== 'string' || !Array.isArray(type?.coding)) return
  for (const { system, code } of type.coding as Coded[]) {
    if (typeof code === 'string') sink.token(typedIdentifierToken(path, text(system) ?? '', code, value))
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
