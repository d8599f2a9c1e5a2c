import type { ActivityDefinition, CodeableConcept, Reference } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { phaseOf } from './activity-life.ts'
import { askedBoth, leftTiming } from './asked-timing.ts'

/** Kinds of which two with the same code are one thing to do: who measures for one plan has measured for the other. */
const SHARED: ReadonlySet<string> = new Set(['ServiceRequest', 'DeviceRequest'])
/** Kinds that say which CarePlans they are for. */
const BASED: ReadonlySet<string> = new Set([
  ...[
    'Task',
    'ServiceRequest',
    'DeviceRequest',
    'MedicationRequest',
    'CommunicationRequest',
    'RequestGroup',
    'CarePlan',
  ],
])

/** The request as one of a CarePlan, where its kind can say so. */
export const basedOn = <T extends Resource>(request: T, carePlan: string): T =>
  BASED.has(request.resourceType) ? withBasis(request, [...new Set([...basisOf(request), carePlan])]) : request

/** The CarePlans that want it. */
export const carePlansOf = (request: Resource): string[] =>
  basisOf(request).filter((reference) => /(?:^|\/)CarePlan\//.test(reference))

/** The request without this CarePlan; the others still want it. */
const notBasedOn = <T extends Resource>(request: T, carePlan: string): T =>
  withBasis(
    request,
    basisOf(request).filter((reference) => reference !== carePlan),
  )

/**
 * The activity that is asked for already, by another plan of the same patient: asked for by both, it is done once.
 * @param requests the patient's
 */
export function findSame(requests: Resource[], wanted: Resource): Resource | undefined {
  const codes = new Set(codesOf(wanted))
  if (!SHARED.has(wanted.resourceType) || wanted.doNotPerform === true) return undefined
  return requests.find(
    (request) =>
      request.resourceType === wanted.resourceType &&
      phaseOf(request) === 'active' &&
      request.doNotPerform !== true &&
      codesOf(request).some((code) => codes.has(code)),
  )
}

/** Whether a request is what a definition asks for, though it may have been made by another: see `findSame`. */
export function asksForSame({ kind, code }: Pick<ActivityDefinition, 'kind' | 'code'>, request: Resource): boolean {
  const codes = new Set(codesOf({ resourceType: String(kind), ...(code ? { code } : {}) } as Resource))
  return kind === request.resourceType && SHARED.has(kind) && codesOf(request).some((one) => codes.has(one))
}

/** The activity of both: for one CarePlan more, and as often as the one that wants it oftener says, for as long as that one does. */
export function shared(known: Resource, wanted: Resource, carePlan: string): Resource {
  return basedOn(askedBoth(known, wanted, carePlan, carePlansOf(known)), carePlan)
}

/** The request without this CarePlan, and no oftener than the others want it. */
export function notShared<T extends Resource>(request: T, carePlan: string): T {
  const left = notBasedOn(request, carePlan)
  return leftTiming(left, carePlan, carePlansOf(left))
}

function codesOf({ code, codeCodeableConcept }: Resource): string[] {
  const { coding = [] } = (code ?? codeCodeableConcept ?? {}) as CodeableConcept
  return coding.flatMap(({ system, code: value }) => (value ? [`${system ?? ''}|${value}`] : []))
}

const basisOf = (request: Resource): string[] =>
  ((request.basedOn ?? []) as Reference[]).flatMap(({ reference }) => reference ?? [])

function withBasis<T extends Resource>(request: T, references: string[]): T {
  const { basedOn: _before, ...rest } = request
  if (references.length === 0) return rest as unknown as T
  return { ...request, basedOn: references.map((reference) => ({ reference })) }
}
