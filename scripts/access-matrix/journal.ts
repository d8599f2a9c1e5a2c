import type { Journal, JournalResource } from '../../server/exchange.ts'

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const condition = (id: string, code: string): JournalResource & { id: string } => ({
  ...{ resourceType: 'Condition', id, subject: { display: 'x' } },
  meta: { security: [{ system: CONFIDENTIALITY, code }] },
})

/** What the EHR of the matrix has of every patient: two of it are not for all who may look there. */
export const IN_JOURNAL = [condition('j-normal', 'N'), condition('j-restricted', 'R'), condition('j-very', 'V')]

/** The EHR of everybody's organisation, which gives all that it has to whoever is let through to it. */
export const MATRIX_JOURNAL: Journal = {
  organizationsOf: async () => ['999999999'],
  find: async () => ({ found: IN_JOURNAL, isCut: false, ofOthersCount: 0, incomplete: [], failures: [] }),
}
