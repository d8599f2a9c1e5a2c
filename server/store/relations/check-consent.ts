import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import type { Definitions } from '../../definitions/definitions.ts'
import { type Issue, Refusal } from '../../fhir/outcome.ts'
import type { Resource } from '../../fhir/resource.ts'
import { parseLiteralReference } from '../../search/extract-reference.ts'
import { isAboutAccess, RESOURCE_TYPES } from './consent-rows.ts'

const ACTORS = ['Practitioner', 'PractitionerRole', 'Organization', 'CareTeam', 'RelatedPerson']
/** What a provision may name that is not looked at when somebody asks; a Consent with it would promise what is not kept. */
const NOT_KEPT = ['purpose', 'action'] as const

/**
 * Refuses a Consent about access that could not be kept as it is written: the patient must be able to rely on it. A draft may say
 * what it likes.
 * @throws Refusal not-supported, value, required; the expression is the element
 */
export function checkConsent(resource: Resource, definitions: Definitions, baseUrl: string): void {
  const consent = resource as unknown as Consent
  if (resource.resourceType !== 'Consent' || consent.status !== 'active' || !isAboutAccess(consent)) return
  const issues: Issue[] = []
  const { provision, patient } = consent
  const place = 'Consent.provision'
  if (!patient?.reference || parseLiteralReference(patient.reference, baseUrl)?.type !== 'Patient') {
    issues.push(
      error('required', 'A Consent about access needs its patient: a reference to a Patient here.', 'Consent.patient'),
    )
  }
  if (!provision?.type) {
    issues.push(
      error('required', 'A Consent about access needs a provision that says permit or deny.', `${place}.type`),
    )
  } else {
    issues.push(...issuesOf(provision, place, definitions, baseUrl), ...grantIssues(provision, place))
    for (const [i, one] of (provision.provision ?? []).entries()) {
      const where = `${place}.provision[${i}]`
      issues.push(...issuesOf(one, where, definitions, baseUrl), ...exceptionIssues(provision, one, where))
    }
  }
  if (issues.length > 0) throw new Refusal(issues, 422)
}

const error = (code: Issue['code'], diagnostics: string, expression: string): Issue => ({
  ...{ severity: 'error', code, diagnostics },
  expression: [expression],
})

function issuesOf(provision: ConsentProvision, place: string, definitions: Definitions, baseUrl: string): Issue[] {
  const { actor = [], class: classes = [], data = [] } = provision
  return [
    ...NOT_KEPT.filter((name) => (provision[name] ?? []).length > 0).map((name) =>
      error(
        'not-supported',
        `${name} is not looked at here, so a Consent with it could not be kept.`,
        `${place}.${name}`,
      ),
    ),
    ...actor.flatMap(({ reference }, i) => {
      const literal = reference?.reference ? parseLiteralReference(reference.reference, baseUrl) : undefined
      if (literal && ACTORS.includes(literal.type)) return []
      return [error('value', `An actor is a reference to ${ACTORS.join(', ')} here.`, `${place}.actor[${i}].reference`)]
    }),
    ...classes.flatMap(({ system, code = '' }, i) =>
      system === RESOURCE_TYPES && definitions.resourceTypes.has(code)
        ? []
        : [
            error(
              'value',
              `A class is a resource type of R4, in the system ${RESOURCE_TYPES}.`,
              `${place}.class[${i}]`,
            ),
          ],
    ),
    ...data.flatMap(({ meaning, reference }, i) => {
      const literal = reference?.reference ? parseLiteralReference(reference.reference, baseUrl) : undefined
      if (literal && meaning === 'instance') return []
      return [error('not-supported', 'data is one resource here, with the meaning instance.', `${place}.data[${i}]`)]
    }),
  ]
}

/** What is granted is for somebody, and by type or code alone. */
function grantIssues(
  { type, actor = [], securityLabel, data, dataPeriod, provision = [] }: ConsentProvision,
  place: string,
): Issue[] {
  if (type !== 'permit') return []
  const limited = Object.entries({ securityLabel, data, dataPeriod }).filter(([, value]) => value !== undefined)
  return [
    ...limited.map(([name]) =>
      error(
        'not-supported',
        `What is granted is said by class and code; close by ${name} with an exception.`,
        `${place}.${name}`,
      ),
    ),
    ...(actor.length === 0 && provision.length === 0
      ? [
          error(
            'required',
            'A permit needs the actor whom it is for, or exceptions that close something.',
            `${place}.actor`,
          ),
        ]
      : []),
  ]
}

function exceptionIssues(base: ConsentProvision, one: ConsentProvision, place: string): Issue[] {
  const issues: Issue[] = []
  if (one.type === undefined || one.type === base.type) {
    issues.push(
      error(
        'value',
        `An exception from ${base.type} says ${base.type === 'deny' ? 'permit' : 'deny'}.`,
        `${place}.type`,
      ),
    )
  }
  if ((one.provision ?? []).length > 0) {
    issues.push(error('not-supported', 'An exception has no exceptions of its own here.', `${place}.provision`))
  }
  if (base.type === 'permit' && (base.actor ?? []).length > 0 && (one.actor ?? []).length > 0) {
    issues.push(error('not-supported', 'Actors stand in the rule or in its exceptions, not in both.', `${place}.actor`))
  }
  return issues
}
