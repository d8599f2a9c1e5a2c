import type { Access } from './access/access.ts'
import type { Definitions } from './definitions/definitions.ts'
import type { Issue } from './fhir/outcome.ts'
import type { Resource } from './fhir/resource.ts'
import type { Store, Version } from './store/store.ts'

/** What an interaction is given. No Express here: a batch entry makes one too. */
export type Exchange = {
  access: Access
  /** Path parameters: resource type, logical id, version id. Empty where the route has none. */
  type: string
  id: string
  versionId: string
  query: URLSearchParams
  headers: ConditionalHeaders
  /** The parsed body, not yet validated. */
  body: unknown
}

export type ConditionalHeaders = {
  ifMatch?: string | undefined
  ifNoneMatch?: string | undefined
  ifModifiedSince?: string | undefined
  ifNoneExist?: string | undefined
  prefer?: string | undefined
}

/** The rooms that an interaction may enter. */
export type Rooms = {
  store: Store
  definitions: Definitions
  validate: (body: unknown, type: string) => { resource: Resource; warnings: Issue[] }
  /** Absolute URL of the FHIR base, without a slash at the end. */
  baseUrl: string
}

/** What an interaction gives back; `http/` turns it into a response, a batch into an entry. */
export type Reply = {
  status: number
  /** A stored version: its text is the body, and ETag, Last-Modified come from it. */
  version?: Version
  /** A body that is no stored version, as JSON text. */
  text?: string
  location?: string
  issues?: Issue[]
}
