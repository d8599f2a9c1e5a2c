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
}

export function toVersion(row: VersionRow): Version {
  const interaction = row.deleted ? 'delete' : row.version === 1 ? 'create' : 'update'
  return {
    type: row.type,
    id: row.id,
    versionId: row.version,
    lastUpdated: row.last_updated.toISOString(),
    interaction,
    text: row.content ?? undefined,
  }
}

export const toFound = ({ type, id, content }: { type: string; id: string; content: string }): Found => ({
  type,
  id,
  text: content,
})
