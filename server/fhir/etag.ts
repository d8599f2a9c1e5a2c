/** The ETag of a version: weak, as FHIR asks, since the same version may be sent in more than one format. */
export const etag = (versionId: number): string => `W/"${versionId}"`
