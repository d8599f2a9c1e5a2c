import type { Bundle, CarePlan, RequestGroup } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { PERTAINS_TO_GOAL } from '../requests/pertains-to-goal.ts'

/**
 * The same proposal in the newer form: a Bundle whose first entry is the RequestGroup, then everything it leads to, linked by
 * `Type/id`. What the CarePlan alone said (goals, messages, language) is said by the RequestGroup.
 * @param carePlan as `applyPlan` makes it, with everything contained
 * @see https://hl7.org/fhir/R5/plandefinition-operation-apply.html
 */
export function toRequestBundle(carePlan: CarePlan): Bundle {
  const contained = (carePlan.contained ?? []) as Resource[]
  const first = carePlan.activity?.[0]?.reference?.reference?.slice(1)
  const goals = (carePlan.goal ?? []).map((valueReference) => ({ url: PERTAINS_TO_GOAL, valueReference }))
  const extension = [...(carePlan.extension ?? []), ...goals]
  const { language } = carePlan
  const whole = contained.flatMap((resource) =>
    resource.id === first
      ? [
          {
            ...resource,
            ...(extension.length > 0 ? { extension } : {}),
            ...(language ? { language } : {}),
          } as RequestGroup,
        ]
      : [],
  )
  const entry = [...whole, ...contained.filter(({ id }) => id !== first)].map((resource) => ({ resource }))
  const typeOf = new Map(contained.map(({ id, resourceType }) => [id, resourceType]))
  const text = JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry })
  return JSON.parse(
    text.replace(/"reference":"#([^"]+)"/g, (all, id: string) => {
      const type = typeOf.get(id)
      return type === undefined ? all : `"reference":"${type}/${id}"`
    }),
  ) as Bundle
}
