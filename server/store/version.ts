import { withheld } from '../access/address/withhold.ts'
import { parseJson, stringifyJson } from '../core/fhir/json.ts'
import type { Resource } from '../core/fhir/resource.ts'

/** One version of one resource, as it is sent: `text` is the exact JSON, absent for a deletion. */
export type Version = {
  type: string
  id: string
  versionId: number
  /** instant, UTC, milliseconds */
  lastUpdated: string
  interaction: 'create' | 'update' | 'delete'
  text?: string | undefined
  /** It was there before, and is the answer to a conditional create. */
  found?: true
}

/** A resource as it is now, as searches find it: what is sent, and where it is. */
export type Found = Pick<Version, 'type' | 'id' | 'text'>

/** A row of `resource` or `resource_version`, as the statements of this room select it. */
export type VersionRow = {
  type: string
  id: string
  version: number
  last_updated: Date
  deleted: boolean
  content: string | null
  /** Addresses in it are kept from the caller. Absent where none ever are. */
  withheld?: boolean
}

export function toVersion(row: VersionRow): Version {
  const interaction = row.deleted ? 'delete' : row.version === 1 ? 'create' : 'update'
  return {
    type: row.type,
    id: row.id,
    versionId: row.version,
    lastUpdated: row.last_updated.toISOString(),
    interaction,
    text: textOf(row),
  }
}

type FoundRow = { type: string; id: string; content: string; withheld?: boolean }

export const toFound = (row: FoundRow): Found => ({ type: row.type, id: row.id, text: textOf(row) })

/** As it is stored, but for what is withheld from the caller. */
const textOf = ({ content, withheld: isWithheld }: Pick<VersionRow, 'content' | 'withheld'>): string | undefined =>
  content !== null && isWithheld === true ? withheldText(content) : (content ?? undefined)

export function withheldText(text: string): string {
  const resource = parseJson(text) as Resource
  const shown = withheld(resource)
  return shown === resource ? text : stringifyJson(shown)
}
