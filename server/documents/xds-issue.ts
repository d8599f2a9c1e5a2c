import type { Issue, IssueCode } from '../core/fhir/outcome.ts'

/** The codes of IHE ITI TF-3, table 4.2.4.1-2, that are told here. */
export type XdsCode =
  | 'XDSMissingDocument'
  | 'XDSMissingDocumentMetadata'
  | 'XDSNonIdenticalHash'
  | 'XDSNonIdenticalSize'
  | 'XDSDuplicateUniqueIdInMessage'
  | 'XDSDuplicateUniqueIdInRegistry'
  | 'XDSUnknownPatientId'
  | 'XDSPatientIdDoesNotMatch'
  | 'XDSReplaceFailed'
  | 'XDSMetadataError'
  | 'UnresolvedReferenceException'
  | 'InvalidDocumentContent'
  | 'FHIRDocumentNotSupported'

export const xdsIssue = (xds: XdsCode, code: IssueCode, diagnostics: string, expression: string): Issue => ({
  ...{ severity: 'error', code, diagnostics, expression: [expression] },
  details: { coding: [{ code: xds }], text: xds },
})
