import type { Annotation } from '@medplum/fhirtypes'
import type { Access } from './access.ts'

/** Types that R4 lets sign a note. */
const SIGNS = /^(?:Practitioner|Patient|RelatedPerson|Organization)\//

/** Who acts, as a Reference: a person by theirs, a system by its name, since a client is no resource. */
export const acting = ({ actor, clientId }: Access): NonNullable<Annotation['authorReference']> =>
  SIGNS.test(actor) ? { reference: actor } : { display: clientId }
