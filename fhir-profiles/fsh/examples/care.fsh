Instance: treatment
InstanceOf: TreatmentPlan
Usage: #example
* instantiatesCanonical = "http://fylgje.no/fhir/PlanDefinition/copd|1.0.0"
* status = #active
* intent = #plan
* category = CarePlanCategoryCodes#treatment-plan
* subject = Reference(Patient/line)
* period.start = "2026-10-01"
* careTeam = Reference(CareTeam/team)
* goal = Reference(Goal/own-limits)
* extension[stage].extension[plan].valueUri = "http://fylgje.no/fhir/PlanDefinition/copd"
* extension[stage].extension[stage].valueId = "follow-up"
* extension[stage].extension[period].valuePeriod.start = "2026-10-01T09:00:00+02:00"

RuleSet: Advice(n, zone, todo, call, outside)
* extension[zoneAdvice][{n}].extension[zone].valueCode = #{zone}
* extension[zoneAdvice][{n}].extension[todo].valueString = {todo}
* extension[zoneAdvice][{n}].extension[call].valueString = {call}
* extension[zoneAdvice][{n}].extension[outside-hours].valueString = {outside}

Instance: self-management
InstanceOf: SelfManagementPlan
Usage: #example
* status = #active
* intent = #plan
* category = CarePlanCategoryCodes#self-management-plan
* subject = Reference(Patient/line)
* period.start = "2026-10-15"
* goal = Reference(Goal/own-limits)
* insert Advice(0, green, "Ta medisinene som vanlig og mål hver morgen.", "Du trenger ikke å ringe.", "Du trenger ikke å ringe.")
* insert Advice(1, yellow, "Hvil\, og mål på nytt om en time.", "Responssenteret på hverdager 8–15.", "Legevakten på 116117.")
* insert Advice(2, red, "Sett deg ned og ring.", "Responssenteret på hverdager 8–15; 113 hvis du ikke får puste.", "113")

Instance: own-limits
InstanceOf: LimitGoal
Usage: #example
* lifecycleStatus = #active
* description.text = "Oksygenmetning over 90 %"
* subject = Reference(Patient/line)
* startDate = "2026-10-15"
* expressedBy = Reference(Practitioner/nurse)
* target[0].extension[limit].extension[zone].valueCode = #red
* target[0].extension[limit].extension[side].valueCode = #low
* target[0].measure = $LNC#59408-5
* target[0].detailQuantity = 88 '%'
* target[0].detailQuantity.comparator = #<
* target[1].extension[limit].extension[zone].valueCode = #yellow
* target[1].extension[limit].extension[side].valueCode = #low
* target[1].measure = $LNC#59408-5
* target[1].detailQuantity = 90 '%'
* target[1].detailQuantity.comparator = #<

Instance: measure-every-morning
InstanceOf: MeasuringOrder
Usage: #example
* status = #active
* intent = #order
* code = $LNC#59408-5
* subject = Reference(Patient/line)
* occurrenceTiming.repeat.frequency = 1
* occurrenceTiming.repeat.period = 1
* occurrenceTiming.repeat.periodUnit = #d
* occurrenceTiming.repeat.timeOfDay = "09:00:00"

Instance: red-task
InstanceOf: TriageTask
Usage: #example
* status = #requested
* intent = #order
* priority = #stat
* businessStatus = $TRIAGE#red
* code = $TASK#assess-measurement
* for = Reference(Patient/line)
* authoredOn = "2026-11-10T08:00:02+01:00"
* reasonCode.text = "SpO2 84 %, rød grense 88 %"
* focus = Reference(Observation/spo2)
* extension[urgency].valueInteger = 90
* extension[mark][0].extension[kind].valueCode = #goal
* extension[mark][=].extension[at].valueDateTime = "2026-11-10T08:10:02+01:00"
* extension[mark][+].extension[kind].valueCode = #deadline
* extension[mark][=].extension[at].valueDateTime = "2026-11-10T08:30:02+01:00"

Instance: red-triage
InstanceOf: Triage
Usage: #example
* identifier.system = "http://fylgje.no/fhir/NamingSystem/triage"
* identifier.value = "http://fylgje.no/fhir/PlanDefinition/copd|CarePlan/treatment|Observation/spo2"
* status = #completed
* code = $ASSESSMENT#triage
* subject = Reference(Patient/line)
* effectiveDateTime = "2026-11-10T08:00:00+01:00"
* date = "2026-11-10T08:00:01+01:00"
* investigation.code.text = "Måling"
* investigation.item = Reference(Observation/spo2/_history/1)
* protocol = "http://fylgje.no/fhir/PlanDefinition/copd|1.0.0"
* finding.itemCodeableConcept = $TRIAGE#red
* finding.itemCodeableConcept.text = "SpO2 84 %, rød grense 88 %"

Instance: team
InstanceOf: FollowingTeam
Usage: #example
* status = #active
* name = "KOLS-teamet"
* managingOrganization = Reference(Organization/response-centre)
* participant.role = $ROLE#response-nurse
* participant.member = Reference(Practitioner/nurse)
* participant.period.start = "2026-01-01"

Instance: closed
InstanceOf: ClosingConsent
Usage: #example
* status = #active
* scope = $SCOPE#patient-privacy
* category = $CONSENT#acd
* patient = Reference(Patient/line)
* dateTime = "2026-11-01T12:00:00+01:00"
* policyRule.text = "Pasient- og brukerrettighetsloven § 5-3"
* provision.type = #deny
* provision.actor.role = $PARTICIPATION#IRCP
* provision.actor.reference = Reference(Practitioner/nurse)
* provision.class = http://hl7.org/fhir/resource-types#QuestionnaireResponse

Instance: shared-with-daughter
InstanceOf: SharingConsent
Usage: #example
* status = #active
* scope = $SCOPE#patient-privacy
* category = $CONSENT#acd
* patient = Reference(Patient/line)
* dateTime = "2026-11-01T12:00:00+01:00"
* policyRule.text = "Samtykke"
* provision.type = #permit
* provision.actor.role = $PARTICIPATION#IRCP
* provision.actor.reference = Reference(RelatedPerson/daughter)
* provision.class = http://hl7.org/fhir/resource-types#Observation

Instance: diary
InstanceOf: PatientAnswers
Usage: #example
* questionnaire = "http://fylgje.no/fhir/Questionnaire/example|1.0.0"
* status = #completed
* subject = Reference(Patient/line)
* authored = "2026-11-10T20:00:00+01:00"
* source = Reference(Patient/line)

Instance: message
InstanceOf: PatientMessage
Usage: #example
* status = #completed
* subject = Reference(Patient/line)
* sent = "2026-11-10T09:00:00+01:00"
* sender = Reference(Practitioner/nurse)
* recipient = Reference(Patient/line)
* payload.contentString = "Vi har sett målingen din og ringer deg i dag."

Instance: document
InstanceOf: SharedDocument
Usage: #example
* status = #current
* type = $VOLVEN9602#B01-2 "Tverrfaglig behandlingsplan"
* subject = Reference(Patient/line)
* date = "2026-11-10T09:00:00+01:00"
* author = Reference(Practitioner/nurse)
* content.attachment.contentType = #application/pdf
* content.attachment.title = "Egenbehandlingsplan"
* content.attachment.url = "http://example.org/plan.pdf"
