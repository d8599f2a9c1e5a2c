import type { Resource } from '../../fhir/resource.ts'

/**
 * The canonical of the Questionnaire that a response answers. One of an adaptive form contains what was asked so far, which names the form
 * that it is taken from.
 * @see https://hl7.org/fhir/uv/sdc/adaptive.html
 */
export function answeredForm({ questionnaire, contained }: Resource): string | undefined {
  if (typeof questionnaire !== 'string' || !questionnaire.startsWith('#')) {
    return typeof questionnaire === 'string' ? questionnaire : undefined
  }
  const asked = ((contained ?? []) as Resource[]).find(({ id }) => id === questionnaire.slice(1))
  const [form] = (asked?.derivedFrom ?? []) as string[]
  return form ?? (asked?.url as string | undefined)
}
