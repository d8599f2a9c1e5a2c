import type { Identifier, Media, Reference } from '@medplum/fhirtypes'

/** What is asked of the pictures of a patient to know what each is of: all but their bytes. */
export const PICTURE_ELEMENTS = 'status,identifier,partOf'

/** What somebody has measured or answered, stored or on its way. */
export type Result = {
  resourceType: string
  id?: string | undefined
  identifier?: Identifier | Identifier[] | undefined
}

/**
 * A picture that was sent with a result says so by `partOf`: our own app by the identifier that it gave the result, for it has no id yet when the
 * picture is saved; others perhaps by its id.
 */
export const partOf = (type: 'Observation' | 'QuestionnaireResponse', identifier: Identifier): Reference => ({
  type,
  identifier,
})

/** The pictures that were sent with it, in the order given; one that was sent by mistake is none. */
export function picturesOf<P extends Pick<Media, 'status' | 'partOf'>>(result: Result, pictures: readonly P[]): P[] {
  const own = [result.identifier ?? []].flat()
  const isOfResult = ({ reference, identifier, type }: Reference): boolean =>
    (result.id !== undefined && reference === `${result.resourceType}/${result.id}`) ||
    ((type ?? result.resourceType) === result.resourceType &&
      identifier?.value !== undefined &&
      own.some(({ system, value }) => system === identifier.system && value === identifier.value))
  return pictures.filter(({ status, partOf = [] }) => status !== 'entered-in-error' && partOf.some(isOfResult))
}
