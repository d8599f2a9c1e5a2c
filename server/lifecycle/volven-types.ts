import type { Coding } from '@medplum/fhirtypes'

/** Volven 9602 (dokumenttype): what Norwegian journals and the national core journal file documents by. */
export const VOLVEN_9602 = 'urn:oid:2.16.578.1.12.4.1.1.9602'

const TYPES = {
  epikrise: { code: 'A03-2', display: 'Epikrise' },
  'treatment-plan': { code: 'B01-2', display: 'Tverrfaglig behandlingsplan' },
  'journal-note': { code: 'B02-2', display: 'Journalnotat' },
} as const

export type VolvenType = keyof typeof TYPES

export const volvenCoding = (type: VolvenType): Coding => ({ system: VOLVEN_9602, ...TYPES[type] })
