import type { CarePlan, Composition } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'

/** R4 does not let a team be an author; who agreed the plan is, or this server. */
export function authorOf({ author }: CarePlan): Composition['author'][number] {
  const type = author?.reference?.split('/')[0] ?? ''
  const allowed = ['Practitioner', 'PractitionerRole', 'Organization', 'Patient', 'RelatedPerson', 'Device']
  return author && allowed.includes(type)
    ? (author as Composition['author'][number])
    : { identifier: { system: `${FYLGJE}/NamingSystem/device`, value: 'plan-keeper' }, display: 'Fylgje' }
}
