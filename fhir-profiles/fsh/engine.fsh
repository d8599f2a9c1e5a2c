// What the server itself writes on requests, CarePlans, events and audits, and what a plan says of how its requests are followed.

Extension: OccurrencePolicy
Id: occurrence-policy
Title: "How what is asked for is followed"
Description: "When the patient is reminded, when asked again, what counts as done, and what becomes of what is not done. Each part is the first one's that says it: the request, its CarePlan, the plan."
* insert Ours
* insert On(DomainResource)
* insert On(CarePlan.activity.detail)
* extension contains reminder 0..* and nudge 0..* and early 0..1 and grace 0..1 and missing 0..1 and owner 0..1 and care-plan 0..1
* . ^short = "How what is asked for is followed"
* extension ^slicing.rules = #closed
* insert Part(reminder, Duration, [["How long before it is due the person is reminded; 0 is when it is due"]])
* insert Part(nudge, Duration, [["How long after it was due, while it is not done and not yet missing, the person is asked again"]])
* insert Part(early, Duration, [["How long before it is due a result counts; unsaid: two hours, or the day of what has no time"]])
* insert Part(grace, Duration, [["How long after it was due a result counts before it is missing; unsaid as for early"]])
* insert Part(missing, code, "task | event | none: what its absence becomes")
* insert Part(owner, Reference, [["Who answers for silence; unsaid: the team of the CarePlan"]])
* insert Part(care-plan, Reference, [["Of what several plans ask for together: which CarePlan asks so"]])

Extension: AskedTiming
Id: asked-timing
Title: "How often one of several CarePlans asks for it"
Description: "On a request that CarePlans share, one for each. Its own Timing is the oftenest of these. One beside plans is of whoever had ordered it before a plan came to share it."
* insert Ours
* insert On(DomainResource)
* extension contains timing 0..1 and care-plan 0..1 and beside-plans 0..1
* . ^short = "How often one of several CarePlans asks for it"
* extension ^slicing.rules = #closed
* insert Part(timing, Timing, "How often")
* insert Part(care-plan, Reference, "The CarePlan that asks so")
* insert Part(beside-plans, boolean, "It was ordered beside all plans")

Extension: WaitsFor
Id: waits-for
Title: "What must come first"
Description: "On a request that is held: the action of its plan that it waits for, and how far from it it is kept."
* insert Ours
* insert On(DomainResource)
* extension contains action 1..1 and relationship 0..1 and offset 0..1 and not-before 0..1
* . ^short = "What must come first"
* extension ^slicing.rules = #closed
* insert Part(action, string, [["id of the action; *start is the start condition of the action of the request itself"]])
* insert Part(relationship, code, [["action-relationship-type, seen from the request"]])
* extension[offset] ^short = "How long before or after"
* extension[offset].value[x] only Duration or Range
* extension[offset].value[x] 1..1
* insert Part(not-before, dateTime, [["When it can begin, as what it waited for has come"]])

Extension: PausedWith
Id: paused-with
Title: "The CarePlan that it rests with"
Description: "On an activity that rests as its CarePlan does, so that only what rested with it goes on with it."
* insert Ours
* insert On(DomainResource)
* . ^short = "The CarePlan that it rests with"
* value[x] only Reference
* value[x] 1..1

Extension: ActivityEffect
Id: activity-effect
Title: "What the action does to what is there"
Description: "On activities that other actions have made. Unsaid: what action.type says, or what the definition of the action is."
* insert Ours
* insert On(PlanDefinition.action)
* . ^short = "start | change | stop | pause | resume | tell"
* . 0..1
* value[x] only code
* value[x] 1..1

Extension: DayTime
Id: day-time
Title: "When this person gets up, eats and goes to bed"
Description: "Moves what is asked for at that part of the day; MORN and EVE also what is asked for without a time."
* insert Ours
* insert On(CarePlan)
* extension contains when 1..1 and time 1..*
* . ^short = "When this person gets up, eats and goes to bed"
* extension ^slicing.rules = #closed
* insert Part(when, code, "A code of Timing.repeat.when")
* insert Part(time, time, [["When that is for this person"]])

Extension: EventAbout
Id: event-about
Title: "What the event is about"
Description: "On the Basic of an event with a name, or of what was read of a patient's data; versioned where it is a version."
* insert Ours
* insert On(Basic)
* . ^short = "What the event is about"
* value[x] only Reference
* value[x] 1..1

Extension: EventCarePlan
Id: event-care-plan
Title: "The one CarePlan that shall hear of it"
Description: "Unsaid: every CarePlan of the patient hears of the event."
* insert Ours
* insert On(Basic)
* . ^short = "The one CarePlan that shall hear of it"
* . 0..1
* value[x] only Reference
* value[x] 1..1

Extension: EventDue
Id: event-due
Title: "When it was due"
Description: "On the Basic of an occurrence: when it is due, or when the result came that nobody had asked for."
* insert Ours
* insert On(Basic)
* . ^short = "When it was due"
* . 0..1
* value[x] only dateTime
* value[x] 1..1

Extension: ReleaseAt
Id: release-at
Title: "When the patient may see it"
Description: "On the label of later release in meta.security: from this moment the patient and the family see it too. Without it somebody releases it."
* insert Ours
* insert On(Coding)
* . ^short = "When the patient may see it"
* . 0..1
* value[x] only dateTime
* value[x] 1..1

Extension: Attest
Id: attest
Title: "In which role, where and how signed in"
Description: "What the Norwegian trust framework wants to stand with each access: the roles and unit of the person, the legal entity, and how they had signed in."
* insert Ours
* insert On(AuditEvent.agent)
* . ^short = "In which role, where and how signed in"
* extension contains practitionerRole 0..* and pointOfCare 0..1 and legalEntity 0..1
* insert Part(practitionerRole, Reference, "A role that was held")
* insert Part(pointOfCare, Reference, "The unit")
* insert Part(legalEntity, Reference, "The organisation before the law")
// Beside these, what the sign-in said: login-acr, login-amr and others, each a string.
