import type { GoalTarget, RelatedArtifact } from '@medplum/fhirtypes'
import { LIMIT } from '../plan/vocabulary.ts'

/**
 * Where a limit is from, as it says itself: parts `source` of its extension, of the label G (guideline or official table), S (study), N
 * (Norwegian practice) or P (a proposal of the author's). Profile: fhir-profiles/fsh/extensions.fsh.
 */
export const sourcesOfLimit = ({ extension = [] }: GoalTarget): RelatedArtifact[] =>
  (extension.find(({ url }) => url === LIMIT)?.extension ?? []).flatMap(({ url, valueRelatedArtifact }) =>
    url === 'source' && valueRelatedArtifact ? [valueRelatedArtifact] : [],
  )
