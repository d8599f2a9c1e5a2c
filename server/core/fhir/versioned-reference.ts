type Versioned = {
  resourceType: string
  id?: string | undefined
  meta?: { versionId?: string | undefined } | undefined
}

/** `Observation/1/_history/2`: which version was looked at, so that a decision can be replayed. One without a version is named as it is. */
export function versionedReference({ resourceType, id, meta }: Versioned): string {
  const reference = `${resourceType}/${id}`
  return meta?.versionId ? `${reference}/_history/${meta.versionId}` : reference
}
