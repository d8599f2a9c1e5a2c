import type { Meta } from '@medplum/fhirtypes'

/** A resource as it stands in JSON, before or after its type is known. Fields are read as data, never trusted. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
export type JsonObject = { [name: string]: Json }

/** Any R4 resource. The validation room has seen to it that it is one; the type's own fields are read by name. */
export type Resource = { resourceType: string; id?: string; meta?: Meta; [element: string]: unknown }
