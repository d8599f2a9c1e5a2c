import { DEPTH_MAX, parseJson, stringifyJson } from '../core/fhir/json.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { parseJsonInTurns } from '../large-json/json-in-turns.ts'
import { toXml } from './to-xml.ts'

/** How an answer is written. https://hl7.org/fhir/R4/http.html#mime-type and https://hl7.org/fhir/R4/http.html#general */
export type Representation = { format: 'json' | 'xml'; pretty: boolean }

/** As it is stored; nothing needs to be done for it. */
export const PLAIN: Representation = { format: 'json', pretty: false }

/** What is ours may stand in a Bundle, or in one within another. */
const OWN_DEPTH_MAX = DEPTH_MAX + 20

/** An answer's JSON, read to be written otherwise. */
export const readOwn = (text: string): unknown => parseJson(text, OWN_DEPTH_MAX)

/** The same for an answer that may be a page of thousands. */
export const readOwnInTurns = (text: string): Promise<unknown> => parseJsonInTurns(text, { depthMax: OWN_DEPTH_MAX })

/** JSON text in another way. The plain way never comes here. */
export function represent(definitions: Definitions, text: string, { format, pretty }: Representation): string {
  const resource = readOwn(text)
  return format === 'xml'
    ? toXml(definitions, resource as Record<string, unknown>)
    : stringifyJson(resource, pretty ? 2 : undefined)
}
