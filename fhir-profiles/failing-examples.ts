/** Examples that must fail: one that is well, by the name of its file in `examples/`, with one change (a JSON Patch), and all errors of that. */
export type FailingExample = {
  example: string
  change: { op: 'add' | 'replace' | 'remove'; path: string; value?: unknown }
  /** Code and expression of each. */
  issues: string[]
}

const fails = (example: string, change: FailingExample['change'], ...issues: string[]): FailingExample => ({
  example,
  change,
  issues,
})
const without = (path: string) => ({ op: 'remove' as const, path })
const with_ = (path: string, value: unknown) => ({ op: 'add' as const, path, value })
const UCUM = 'http://unitsofmeasure.org'

export const FAILING_EXAMPLES: FailingExample[] = [
  fails('spo2', without('/subject'), 'required Observation.subject'),
  fails('spo2', without('/effectiveDateTime'), 'required Observation.effective'),
  fails('spo2', without('/category'), 'required Observation.category'),
  fails('spo2', without('/valueQuantity'), 'invariant Observation'),
  fails('spo2', without('/valueQuantity/value'), 'required Observation.value.ofType(Quantity).value'),
  fails('spo2', with_('/valueQuantity/code', '1'), 'value Observation.value.ofType(Quantity)'),
  fails(
    'spo2',
    with_('/code/coding', [{ system: 'http://loinc.org', code: '2708-6' }]),
    'required Observation.code.coding',
  ),
  fails(
    'spo2',
    with_('/extension/0/valueCodeableConcept/coding/0/code', 'perfect'),
    'code-invalid Observation.extension[0].value.ofType(CodeableConcept)',
  ),
  fails('spo2-without-value', without('/dataAbsentReason'), 'invariant Observation'),
  fails(
    'pulse',
    with_('/valueQuantity', { value: 78, unit: 'Hz', system: UCUM, code: 'Hz' }),
    'value Observation.value.ofType(Quantity)',
  ),
  fails('blood-pressure', without('/component/1'), 'invariant Observation'),
  fails('blood-pressure', with_('/component/0/valueQuantity/value', 70), 'invariant Observation'),
  fails('weight', with_('/valueQuantity/code', '[lb_av]'), 'value Observation.value.ofType(Quantity)'),
  fails('temperature', with_('/valueQuantity/code', '[degF]'), 'value Observation.value.ofType(Quantity)'),
  fails('respiratory-rate', with_('/code/coding/0/code', '9279-2'), 'required Observation.code.coding'),
  fails('glucose', with_('/valueQuantity/code', 'mg/dL'), 'value Observation.value.ofType(Quantity)'),
  fails('peak-flow', with_('/valueQuantity/code', 'L/s'), 'value Observation.value.ofType(Quantity)'),
  fails('steps', with_('/category/0/coding/0/code', 'survey'), 'value Observation.category[0]'),
  fails('pain', with_('/valueQuantity/value', 11), 'invariant Observation'),
  fails('pain', with_('/valueQuantity/value', 2.5), 'invariant Observation'),
  fails('score', without('/derivedFrom'), 'required Observation.derivedFrom'),
  fails('news2-total', with_('/valueQuantity/value', 7), 'invariant Observation'),
  fails('news2-total', without('/component/6'), 'invariant Observation'),
  fails('news2-total', with_('/component/0/valueQuantity/value', 4), 'invariant Observation'),
  fails('line', without('/identifier'), 'required Patient.identifier'),
  fails('line', without('/identifier/0/value'), 'required Patient.identifier[0].value'),
  fails('line', with_('/address/0/postalCode', '311'), 'invariant Patient.address[0]'),
  fails(
    'line',
    with_('/identifier/1', { use: 'official', system: 'urn:oid:2.16.578.1.12.4.1.4.2', value: '53116900048' }),
    'invariant Patient',
  ),
  fails('line', with_('/identifier/0/value', '13116900217'), 'value Patient.identifier[0].value'),
  fails('without-number', without('/identifier/0/assigner'), 'required Patient.identifier[0].assigner'),
  fails('nurse', without('/identifier'), 'required Practitioner.identifier'),
  fails('nurse-at-work', without('/period'), 'required PractitionerRole.period'),
  fails('response-centre', with_('/identifier/0/value', '312229545'), 'value Organization.identifier[0].value'),
  fails('daughter', without('/relationship'), 'required RelatedPerson.relationship'),
  fails('treatment', without('/careTeam'), 'required CarePlan.careTeam'),
  fails('treatment', without('/instantiatesCanonical'), 'required CarePlan.instantiatesCanonical'),
  fails('self-management', without('/extension/2'), 'required CarePlan.extension', 'invariant CarePlan'),
  fails('self-management', with_('/extension/2/extension/0/valueCode', 'green'), 'invariant CarePlan'),
  fails('self-management', without('/extension/2/extension/3'), 'required CarePlan.extension[2].extension'),
  fails('self-management', without('/goal'), 'required CarePlan.goal'),
  fails('own-limits', without('/target/0/extension'), 'required Goal.target[0].extension'),
  fails('own-limits', without('/target/0/measure'), 'required Goal.target[0].measure', 'invariant Goal.target[0]'),
  fails('own-limits', without('/expressedBy'), 'required Goal.expressedBy'),
  fails('measure-every-morning', without('/occurrenceTiming'), 'required ServiceRequest.occurrence'),
  fails('red-task', without('/businessStatus'), 'required Task.businessStatus'),
  fails('red-task', with_('/businessStatus/coding/0/code', 'purple'), 'code-invalid Task.businessStatus'),
  fails('red-task', with_('/status', 'draft'), 'invariant Task.status'),
  fails('red-task', with_('/reasonCode', { coding: [{ code: 'x' }] }), 'required Task.reasonCode.text'),
  fails('red-triage', without('/protocol'), 'required ClinicalImpression.protocol'),
  fails('red-triage', without('/finding'), 'required ClinicalImpression.finding'),
  fails('team', with_('/participant/0/period', { end: '2027-01-01' }), 'required CareTeam.participant[0].period.start'),
  fails('team', without('/managingOrganization'), 'required CareTeam.managingOrganization'),
  fails('closed', with_('/provision/type', 'permit'), 'value Consent.provision.type'),
  fails('closed', without('/dateTime'), 'required Consent.dateTime'),
  fails('shared-with-daughter', without('/provision/actor'), 'required Consent.provision.actor'),
  fails(
    'diary',
    with_('/questionnaire', 'http://fylgje.no/fhir/Questionnaire/example'),
    'invariant QuestionnaireResponse.questionnaire',
  ),
  fails('message', without('/payload'), 'required Communication.payload'),
  fails('document', with_('/type/coding/0/system', 'http://loinc.org'), 'invariant DocumentReference'),
  fails('document', without('/content/0/attachment/title'), 'required DocumentReference.content[0].attachment.title'),
]
