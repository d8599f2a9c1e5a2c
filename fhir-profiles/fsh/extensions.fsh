Extension: Advice
Id: advice
Title: "What the patient is told to do by themselves"
Description: "By which two plans of one patient are held against each other."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition.action"
* ^context[+].type = #element
* ^context[=].expression = "ActivityDefinition"
* extension contains topic 1..1 and direction 1..1
* . ^short = "What the patient is told to do by themselves"
* extension ^slicing.rules = #closed
* extension[topic] ^short = "Of what: drinking, a medicine"
* extension[topic].value[x] only CodeableConcept
* extension[topic].value[x] 1..1
* extension[direction] ^short = "more | less | start | stop | do | avoid"
* extension[direction].value[x] only code
* extension[direction].value[x] 1..1

Extension: AlarmBudget
Id: alarm-budget
Title: "What the alarms may cost"
Description: "How many Tasks the plan may make, and how many of them should lead to something. Beyond it, the plan comes into force only with a reason."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition"
* extension contains tasksPer100PatientDays 0..1 and actedOnPercent 0..1
* . ^short = "What the alarms may cost"
* . 0..1
* extension ^slicing.rules = #closed
* extension[tasksPer100PatientDays] ^short = "At most so many Tasks per 100 days of a patient"
* extension[tasksPer100PatientDays].value[x] only decimal
* extension[tasksPer100PatientDays].value[x] 1..1
* extension[actedOnPercent] ^short = "At least so many percent of them acted on"
* extension[actedOnPercent].value[x] only decimal
* extension[actedOnPercent].value[x] 1..1

Extension: Burden
Id: burden
Title: "What it takes the patient each time"
Description: "How long the patient needs for it, each time."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "ActivityDefinition"
* ^context[+].type = #element
* ^context[=].expression = "ServiceRequest"
* ^context[+].type = #element
* ^context[=].expression = "Task"
* ^context[+].type = #element
* ^context[=].expression = "CarePlan.activity.detail"
* . ^short = "What it takes the patient each time"
* value[x] only Duration
* value[x] 1..1

// Its name is that of a type of R4, which would be taken for it here.
Extension: CareTeamOfService
Id: care-team
Title: "The CareTeam whose hours and people these are"
Description: "On a HealthcareService."
* insert Ours
* ^name = "CareTeam"
* ^context[0].type = #element
* ^context[=].expression = "HealthcareService"
* . ^short = "The CareTeam whose hours and people these are"
* value[x] only Reference
* value[x] 1..1

Extension: DailyBurden
Id: daily-burden
Title: "Minutes a day"
Description: "How many minutes of the patient’s day a proposed plan asks for, over four weeks."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "CarePlan"
* ^context[+].type = #element
* ^context[=].expression = "RequestGroup"
* . ^short = "Minutes a day"
* value[x] only decimal
* value[x] 1..1

Extension: EndsWhen
Id: ends-when
Title: "When an enrolment ends by itself"
Description: "A FHIRPath expression over %careplan, %goals and %subject: once it is true, the CarePlan is completed."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition"
* . ^short = "When an enrolment ends by itself"
* . 0..1
* value[x] only Expression
* value[x] 1..1

Extension: LegalBasisRequired
Id: legal-basis-required
Title: "A legal basis that is demanded"
Description: "Nobody is followed by the plan without this legal basis: one of the policies, or a Consent of one of the categories. Several of these are needed all."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition"
* extension contains title 0..1 and policy 0..* and consent 0..*
* . ^short = "A legal basis that is demanded"
* extension ^slicing.rules = #closed
* extension[title] ^short = "What people call it"
* extension[title].value[x] only string
* extension[title].value[x] 1..1
* extension[policy] ^short = "A law, a regulation, an agreement, by its uri"
* extension[policy].value[x] only uri
* extension[policy].value[x] 1..1
* extension[consent] ^short = "Category of a Consent of the patient’s"
* extension[consent].value[x] only Coding
* extension[consent].value[x] 1..1

Extension: LegalBasis
Id: legal-basis
Title: "By what right the patient is followed"
Description: "What the enrolment rests on: a policy, or a Consent of the patient’s. Who said so stands in its Provenance."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "CarePlan"
* extension contains policy 0..1 and consent 0..1
* . ^short = "By what right the patient is followed"
* extension ^slicing.rules = #closed
* extension[policy] ^short = "A law, a regulation, an agreement, by its uri"
* extension[policy].value[x] only uri
* extension[policy].value[x] 1..1
* extension[consent] ^short = "The Consent"
* extension[consent].value[x] only Reference
* extension[consent].value[x] 1..1

Extension: Limit
Id: limit
Title: "Limit of a zone"
Description: "Makes a Goal target a limit: which zone it opens, on which side, and whether it is counted from the person's own baseline or on the course over a time, and when it counts. The value stands in the target's detail."
* insert Ours
* ^version = "1.1.0"
* ^context[0].type = #element
* ^context[=].expression = "Goal.target"
* ^context[+].type = #element
* ^context[=].expression = "PlanDefinition.goal.target"
* extension contains zone 1..1 and side 0..1 and relativeTo 0..1 and trend 0..1 and window 0..1 and countMin 0..1 and from 0..1 and to 0..1 and period 0..1
* . ^short = "Limit of a zone"
* . 0..1
* extension ^slicing.rules = #closed
* extension[zone] ^short = "red | yellow | plausible | baseline"
* extension[zone].value[x] only code
* extension[zone].value[x] 1..1
* extension[side] ^short = "low | high: the side on which the zone lies; low when left out"
* extension[side].value[x] only code
* extension[side].value[x] 1..1
* extension[relativeTo] ^short = "baseline: the difference from the person's own baseline is compared"
* extension[relativeTo].value[x] only code
* extension[relativeTo].value[x] 1..1
* extension[trend] ^short = "slope | change: least squares a day through the window, or last minus first of it"
* extension[trend].value[x] only code
* extension[trend].value[x] 1..1
* extension[window] ^short = "The time that the trend is looked at over: h, d or wk"
* extension[window].value[x] only Duration
* extension[window].value[x] 1..1
* extension[countMin] ^short = "How many measurements a trend needs; 3 for slope, 2 for change when left out"
* extension[countMin].value[x] only integer
* extension[countMin].value[x] 1..1
* extension[from] ^short = "Counts from this time of the day, by Norwegian clocks"
* extension[from].value[x] only time
* extension[from].value[x] 1..1
* extension[to] ^short = "Counts to just before this time of the day; over midnight where it is not after from"
* extension[to].value[x] only time
* extension[to].value[x] 1..1
* extension[period] ^short = "Counts within this period, such as an exacerbation"
* extension[period].value[x] only Period
* extension[period].value[x] 1..1

Extension: LimitsReview
Id: limits-review
Title: "When limits are looked at"
Description: "After the trial the engine proposes limits from the patient’s own measurements; then it looks again and again whether what is usual has moved."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition"
* extension contains trial 1..1 and every 0..1
* . ^short = "When limits are looked at"
* extension ^slicing.rules = #closed
* extension[trial] ^short = "After how long limits are first proposed"
* extension[trial].value[x] only Duration
* extension[trial].value[x] 1..1
* extension[every] ^short = "How often they are looked at then; a week when left out"
* extension[every].value[x] only Duration
* extension[every].value[x] 1..1

Extension: Queue
Id: queue
Title: "The queue that a Task was taken from"
Description: "It goes back there when it is given back."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Task"
* . ^short = "The queue that a Task was taken from"
* value[x] only Reference
* value[x] 1..1

Extension: Repetition
Id: repetition
Title: "How often a finding has come"
Description: "While its Task is open: how many times, and what it was the last time."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Task"
* extension contains count 1..1 and latest-at 1..1 and latest 1..1 and latest-value 0..1 and suppressed 0..1
* . ^short = "How often a finding has come"
* extension[count] ^short = "how many times"
* extension[count].value[x] only positiveInt
* extension[count].value[x] 1..1
* extension[latest-at] ^short = "when it was measured the last time"
* extension[latest-at].value[x] only dateTime
* extension[latest-at].value[x] 1..1
* extension[latest] ^short = "in words"
* extension[latest].value[x] only string
* extension[latest].value[x] 1..1
* extension[latest-value] ^short = "the latest value"
* extension[latest-value].value[x] only Quantity
* extension[latest-value].value[x] 1..1
* extension[suppressed] ^short = "how many of them while the Task was put aside"
* extension[suppressed].value[x] only unsignedInt
* extension[suppressed].value[x] 1..1

Extension: Routing
Id: routing
Title: "Where the Tasks of an action go"
Description: "The queue, another while that is closed, the skills that whoever does it must have, and whether one person is chosen."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition.action"
* ^context[+].type = #element
* ^context[=].expression = "ActivityDefinition"
* extension contains queue 0..1 and when-closed 0..1 and skill 0..* and assign 0..1
* . ^short = "Where the Tasks of an action go"
* extension[queue] ^short = "CareTeam, HealthcareService or Organization"
* extension[queue].value[x] only Reference
* extension[queue].value[x] 1..1
* extension[when-closed] ^short = "another queue while that is closed"
* extension[when-closed].value[x] only Reference
* extension[when-closed].value[x] 1..1
* extension[skill] ^short = "of PractitionerRole.code or specialty"
* extension[skill].value[x] only CodeableConcept
* extension[skill].value[x] 1..1
* extension[assign] ^short = "queue or person"
* extension[assign].value[x] only code
* extension[assign].value[x] 1..1

Extension: ServiceLevel
Id: service-level
Title: "Goal, deadline and escalation of the Tasks of an action"
Description: "By when a Task should be done and must be done, on which calendar, how often it is called late after that, and who is told or given it at each mark."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition.action"
* ^context[+].type = #element
* ^context[=].expression = "ActivityDefinition"
* extension contains goal 0..1 and deadline 0..1 and repeat 0..1 and repeat-count 0..1 and calendar 0..1 and escalation 0..*
* . ^short = "Goal, deadline and escalation of the Tasks of an action"
* extension[goal] ^short = "when it should be done"
* extension[goal].value[x] only Duration
* extension[goal].value[x] 1..1
* extension[deadline] ^short = "when it must be done"
* extension[deadline].value[x] only Duration
* extension[deadline].value[x] 1..1
* extension[repeat] ^short = "how often it is late again"
* extension[repeat].value[x] only Duration
* extension[repeat].value[x] 1..1
* extension[repeat-count] ^short = "how many times"
* extension[repeat-count].value[x] only positiveInt
* extension[repeat-count].value[x] 1..1
* extension[calendar] ^short = "clock or opening-hours"
* extension[calendar].value[x] only code
* extension[calendar].value[x] 1..1
* extension[escalation] ^short = "at: goal, deadline, passed-deadline; act: notify, raise, reassign, queue; to: whom"

Extension: SilenceClock
Id: silence-clock
Title: "Whose a Task is that nobody opens or decides"
Description: "Set by the process engine from silence-owner of the plan; other systems may put it on Tasks of their own."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Task"
* extension contains silence 1..1 and owner 1..1 and after 1..1 and calendar 0..1
* . ^short = "Whose a Task is that nobody opens or decides"
* extension ^slicing.rules = #closed
* extension[silence] ^short = "not-opened | not-decided"
* extension[silence].value[x] only code
* extension[silence].value[x] 1..1
* extension[owner] ^short = "The role or the team that is told"
* extension[owner].value[x] only CodeableConcept or Reference
* extension[owner].value[x] 1..1
* extension[after] ^short = "How long it may last"
* extension[after].value[x] only Duration
* extension[after].value[x] 1..1
* extension[calendar] ^short = "clock | opening-hours: which hours count"
* extension[calendar].value[x] only code
* extension[calendar].value[x] 1..1

Extension: SilenceOwner
Id: silence-owner
Title: "Who owns a silence"
Description: "Whom one kind of silence belongs to, and after how long it is told. A plan comes into force only when each kind has its owner."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition"
* extension contains silence 1..1 and owner 1..1 and after 1..1 and calendar 0..1
* . ^short = "Who owns a silence"
* extension ^slicing.rules = #closed
* extension[silence] ^short = "not-measured | not-sent | not-evaluated | not-opened | not-decided"
* extension[silence].value[x] only code
* extension[silence].value[x] 1..1
* extension[owner] ^short = "The role or the team that is told"
* extension[owner].value[x] only CodeableConcept or Reference
* extension[owner].value[x] 1..1
* extension[after] ^short = "How long it may last"
* extension[after].value[x] only Duration
* extension[after].value[x] 1..1
* extension[calendar] ^short = "clock | opening-hours: which hours count"
* extension[calendar].value[x] only code
* extension[calendar].value[x] 1..1

Extension: Skill
Id: skill
Title: "What whoever does the Task must be able to do"
Description: "Compared with PractitionerRole.code and specialty."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Task"
* . ^short = "What whoever does the Task must be able to do"
* value[x] only CodeableConcept
* value[x] 1..1

Extension: Snooze
Id: snooze
Title: "A Task that is put aside"
Description: "Known and accepted until a moment; what comes of the same finding meanwhile is counted."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Task"
* extension contains reason 1..1 and since 1..1 and until 1..1 and by 1..1 and from 1..1 and suppressed 1..1
* . ^short = "A Task that is put aside"
* extension[reason] ^short = "why"
* extension[reason].value[x] only string
* extension[reason].value[x] 1..1
* extension[since] ^short = "from when"
* extension[since].value[x] only dateTime
* extension[since].value[x] 1..1
* extension[until] ^short = "until when"
* extension[until].value[x] only dateTime
* extension[until].value[x] 1..1
* extension[by] ^short = "by whom"
* extension[by].value[x] only Reference
* extension[by].value[x] 1..1
* extension[from] ^short = "the status that it goes back to"
* extension[from].value[x] only code
* extension[from].value[x] 1..1
* extension[suppressed] ^short = "how often the finding came meanwhile"
* extension[suppressed].value[x] only unsignedInt
* extension[suppressed].value[x] 1..1

Extension: StagedStart
Id: staged-start
Title: "Share of the patients"
Description: "For how many percent of the patients this version is in force; for the others the version before. Set by $activate, $stage and $roll-back alone."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition"
* . ^short = "Share of the patients"
* . 0..1
* value[x] only integer
* value[x] 1..1

Extension: StepDown
Id: step-down
Title: "Less often when all is stable"
Description: "After so long without a red or yellow finding the patient measures by another timing; with one, as before."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "ActivityDefinition"
* ^context[+].type = #element
* ^context[=].expression = "ServiceRequest"
* extension contains after 1..1 and timing 1..1
* . ^short = "Less often when all is stable"
* extension ^slicing.rules = #closed
* extension[after] ^short = "So long nothing red or yellow was found"
* extension[after].value[x] only Duration
* extension[after].value[x] 1..1
* extension[timing] ^short = "How often then"
* extension[timing].value[x] only Timing
* extension[timing].value[x] 1..1

Extension: SteppedDown
Id: stepped-down
Title: "It is asked for less often now"
Description: "Since when, and the timing that it goes back to."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "ServiceRequest"
* extension contains since 1..1 and timing 0..1
* . ^short = "It is asked for less often now"
* extension ^slicing.rules = #closed
* extension[since] ^short = "Since when"
* extension[since].value[x] only dateTime
* extension[since].value[x] 1..1
* extension[timing] ^short = "As it was before"
* extension[timing].value[x] only Timing
* extension[timing].value[x] 1..1

Extension: SummaryWindow
Id: summary-window
Title: "Findings that are gathered in one Task"
Description: "Those that come within this Duration of each other, red excepted."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition"
* . ^short = "Findings that are gathered in one Task"
* value[x] only Duration
* value[x] 1..1

Extension: SyncStatus
Id: sync-status
Title: "What a device has sent and not sent"
Description: "On a Basic of the code sync-status: what a phone, a hub or a gateway tells of itself. One Basic a device, updated in place."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Basic"
* extension contains last-sync 0..1 and unsent 1..1 and oldest-unsent 0..1
* . ^short = "What a device has sent and not sent"
* extension ^slicing.rules = #closed
* extension[last-sync] ^short = "When it last sent something"
* extension[last-sync].value[x] only dateTime
* extension[last-sync].value[x] 1..1
* extension[unsent] ^short = "How many results it holds that it has not sent"
* extension[unsent].value[x] only unsignedInt
* extension[unsent].value[x] 1..1
* extension[oldest-unsent] ^short = "When the first of them was measured"
* extension[oldest-unsent].value[x] only dateTime
* extension[oldest-unsent].value[x] 1..1

Extension: TaskMark
Id: task-mark
Title: "A mark of a Task"
Description: "goal, deadline or passed-deadline: when it is, when it was noticed, and what is done then."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Task"
* extension contains kind 1..1 and at 1..1 and passed 0..1 and step 0..*
* . ^short = "A mark of a Task"
* extension[kind] ^short = "goal, deadline or passed-deadline"
* extension[kind].value[x] only code
* extension[kind].value[x] 1..1
* extension[at] ^short = "when it is"
* extension[at].value[x] only dateTime
* extension[at].value[x] 1..1
* extension[passed] ^short = "when it was noticed"
* extension[passed].value[x] only dateTime
* extension[passed].value[x] 1..1
* extension[step] ^short = "act and to"

Extension: TimerSince
Id: timer-since
Title: "What a clock counts from"
Description: "On a periodic trigger: the id of the action's input whose newest resource the time is counted from. So a clock is moved by each measurement."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "TriggerDefinition"
* . ^short = "What a clock counts from"
* . 0..1
* value[x] only id
* value[x] 1..1

Extension: Urgency
Id: urgency
Title: "What a worklist is ordered by"
Description: "0 to 100: the priority, and within it the marks that have passed."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Task"
* . ^short = "What a worklist is ordered by"
* value[x] only integer
* value[x] 1..1

Extension: CarePlanStage
Id: care-plan-stage
Title: "A stage in which the patient is, or was"
Description: "One for each time; of the one in which the patient is now the end of the period is not said."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "CarePlan"
* extension contains plan 1..1 and stage 1..1 and period 1..1 and goal 0..1 and deadline 0..1 and passed 0..* and begun 0..1 and by 0..1 and rule 0..1 and reason 0..1
* . ^short = "A stage in which the patient is, or was"
* extension ^slicing.rules = #closed
* extension[plan] ^short = "Of which plan, by its url"
* extension[plan].value[x] only uri
* extension[plan].value[x] 1..1
* extension[stage] ^short = "id of the stage"
* extension[stage].value[x] only id
* extension[stage].value[x] 1..1
* extension[period] ^short = "When the patient was there"
* extension[period].value[x] only Period
* extension[period].value[x] 1..1
* extension[goal] ^short = "When it should be over"
* extension[goal].value[x] only dateTime
* extension[goal].value[x] 1..1
* extension[deadline] ^short = "When it must be over"
* extension[deadline].value[x] only dateTime
* extension[deadline].value[x] 1..1
* extension[passed] ^short = "goal, deadline: which of them have passed"
* extension[passed].value[x] only code
* extension[passed].value[x] 1..1
* extension[begun] ^short = "What it brings was started, and what the one before had started was ended"
* extension[begun].value[x] only boolean
* extension[begun].value[x] 1..1
* extension[by] ^short = "Who moved the patient there"
* extension[by].value[x] only Reference
* extension[by].value[x] 1..1
* extension[rule] ^short = "The action of the plan that moved the patient there"
* extension[rule].value[x] only string
* extension[rule].value[x] 1..1
* extension[reason] ^short = "Why"
* extension[reason].value[x] only string
* extension[reason].value[x] 1..1

Extension: EnoughWhen
Id: enough-when
Title: "When an adaptive form knows enough"
Description: "A FHIRPath over the response so far: once it is true, nothing more is asked."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Questionnaire"
* . ^short = "When an adaptive form knows enough"
* . 0..1
* value[x] only Expression
* value[x] 1..1

Extension: MoveToStage
Id: move-to-stage
Title: "The stage that the action leads to"
Description: "When the action applies, the patient is moved on to the stage of this id."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition.action"
* . ^short = "The stage that the action leads to"
* . 0..1
* value[x] only id
* value[x] 1..1

Extension: NextQuestionPlan
Id: next-question-plan
Title: "The plan that asks"
Description: "The PlanDefinition whose actions say which question of the adaptive form is next."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "Questionnaire"
* . ^short = "The plan that asks"
* . 0..1
* value[x] only canonical
* value[x] 1..1

Extension: Stage
Id: stage
Title: "A stage of the plan"
Description: "What stands below this outermost action is in force while the patient is in this stage."
* insert Ours
* ^context[0].type = #element
* ^context[=].expression = "PlanDefinition.action"
* extension contains kind 0..1 and next 0..* and goal 0..1 and deadline 0..1
* . ^short = "A stage of the plan"
* . 0..1
* extension ^slicing.rules = #closed
* extension[kind] ^short = "primary, or alternate: an exception beside the way that most go"
* extension[kind].value[x] only code
* extension[kind].value[x] 1..1
* extension[next] ^short = "id of a stage that may come after it; unsaid: any"
* extension[next].value[x] only id
* extension[next].value[x] 1..1
* extension[goal] ^short = "When it should be over, from its beginning"
* extension[goal].value[x] only Duration
* extension[goal].value[x] 1..1
* extension[deadline] ^short = "When it must be over, from its beginning"
* extension[deadline].value[x] only Duration
* extension[deadline].value[x] 1..1
