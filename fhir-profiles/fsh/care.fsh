CodeSystem: CarePlanCategoryCodes
Id: care-plan-category
Title: "Slag plan"
Description: "What kind of plan a CarePlan is; the numbers of VKP are in the property."
* insert Worded([[Slag plan]], [[Kind of plan]], [[Hva slags plan en CarePlan er. Numrene i VKP står i egenskapen.]], [[Kva slags plan ein CarePlan er. Nummera i VKP står i eigenskapen.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* ^property[0].code = #vkp
* ^property[=].description = "Code of the care plan categories of Velferdsteknologisk knutepunkt."
* ^property[=].type = #string
* #treatment-plan "Behandlingsplan" "What the team does, and when."
* #treatment-plan insert Designated("Behandlingsplan", "Treatment plan")
* #treatment-plan ^property[0].code = #vkp
* #treatment-plan ^property[=].valueString = "1"
* #self-management-plan "Egenbehandlingsplan" "What the patient does, in each zone."
* #self-management-plan insert Designated("Eigenbehandlingsplan", "Self-management plan")
* #self-management-plan ^property[0].code = #vkp
* #self-management-plan ^property[=].valueString = "2"

ValueSet: CarePlanCategories
Id: care-plan-categories
Title: "Slag planer"
Description: "What kind of plan a CarePlan is."
* insert Worded([[Slag planar]], [[Kinds of plans]], [[Hva slags plan en CarePlan er.]], [[Kva slags plan ein CarePlan er.]])
* insert Ours
* include codes from system CarePlanCategoryCodes

ValueSet: TriageColours
Id: triage-colours
Title: "Farger"
Description: "The colours of triage."
* insert Worded([[Fargar]], [[Colours]], [[Fargene i triage.]], [[Fargane i triage.]])
* insert Ours
* include codes from system $TRIAGE

ValueSet: TaskCodes
Id: task-codes
Title: "Oppgavetyper"
Description: "What Tasks that the engine makes ask for."
* insert Worded([[Oppgåvetypar]], [[Kinds of tasks]], [[Hva oppgavene motoren lager, ber om.]], [[Kva oppgåvene motoren lagar, ber om.]])
* insert Ours
* include codes from system $TASK

Extension: ZoneAdvice
Id: zone-advice
Title: "What to do in a zone"
Description: "The self-management plan of one colour, as the patient reads it: what to do, whom to call, and what to do when nobody answers. In a PlanDefinition the default, in a CarePlan the person's own. Which zone it is now is decided by the limits of the goals of the same plan."
* insert Norwegian([[Hva man gjør i en sone]], [[Egenbehandlingsplanen for én farge, slik pasienten leser den: hva man gjør, hvem man ringer, og hva man gjør når ingen svarer. I en PlanDefinition det vanlige, i en CarePlan personens eget. Hvilken sone det er nå, avgjøres av grensene for målene i samme plan.]], [[Kva ein gjer i ei sone]], [[Eigenbehandlingsplanen for éin farge, slik pasienten les han: kva ein gjer, kven ein ringjer, og kva ein gjer når ingen svarer. I ein PlanDefinition det vanlege, i ein CarePlan det personen har sjølv. Kva sone det er no, blir avgjort av grensene for måla i same plan.]])
* insert Ours
* insert On(CarePlan)
* insert On(PlanDefinition)
* extension contains zone 1..1 and todo 1..1 and call 1..1 and outside-hours 1..1
* insert Part(zone, code, [["green, yellow or red"]])
* insert PartSaid(zone, [[grønn, gul eller rød]], [[grøn, gul eller raud]])
* extension[zone].valueCode from TriageColours (required)
* insert Part(todo, string, "what to do")
* insert PartSaid(todo, [[hva du skal gjøre]], [[kva du skal gjere]])
* insert Part(call, string, "whom to call")
* insert PartSaid(call, [[hvem du skal ringe]], [[kven du skal ringje]])
* insert Part(outside-hours, string, [["what to do in the evening, at night and at weekends"]])
* insert PartSaid(outside-hours, [[hva du skal gjøre om kvelden, om natten og i helgen]], [[kva du skal gjere om kvelden, om natta og i helga]])

Profile: TreatmentPlan
Parent: CarePlan
Id: treatment-plan
Title: "Treatment plan"
Description: "By which a patient is followed: which pathway, since when, by which team, with which goals and limits."
* insert Norwegian([[Behandlingsplan]], [[Den en pasient følges opp etter: hvilket forløp, siden når, av hvilket team, med hvilke mål og grenser.]], [[Behandlingsplan]], [[Den ein pasient blir følgd opp etter: kva forløp, sidan når, av kva team, med kva mål og grenser.]])
* insert Ours
* status and category and instantiatesCanonical and subject and period and careTeam and goal and activity MS
* extension contains CarePlanStage named stage 0..*
* instantiatesCanonical 1..*
* subject only Reference(Patient)
* period 1..1
* period.start 1..1
* careTeam 1..*

Profile: SelfManagementPlan
Parent: CarePlan
Id: self-management-plan
Title: "Self-management plan"
Description: "Egenbehandlingsplan: what the patient does in the green, the yellow and the red zone. The zones are those of the goals' limits, the same by which what comes in is triaged."
* insert Norwegian([[Egenbehandlingsplan]], [[Hva pasienten gjør i grønn, gul og rød sone. Sonene er grensene i målene, de samme som det som kommer inn blir triagert etter.]], [[Eigenbehandlingsplan]], [[Kva pasienten gjer i grøn, gul og raud sone. Sonene er grensene i måla, dei same som det som kjem inn blir triagert etter.]])
* insert Ours
* status and category and subject and period and goal MS
* extension contains ZoneAdvice named zoneAdvice 3..3
* obeys each-zone-once
* category 1..*
* category = CarePlanCategoryCodes#self-management-plan
* subject only Reference(Patient)
* period 1..1
* period.start 1..1
* goal 1..*

Invariant: each-zone-once
Description: "Green, yellow and red have their advice, each once."
Severity: #error
Expression: "extension('http://fylgje.no/fhir/StructureDefinition/zone-advice').extension('zone').value.where($this = 'green').count() = 1 and extension('http://fylgje.no/fhir/StructureDefinition/zone-advice').extension('zone').value.where($this = 'yellow').count() = 1 and extension('http://fylgje.no/fhir/StructureDefinition/zone-advice').extension('zone').value.where($this = 'red').count() = 1"
* insert Said([[Grønn, gul og rød har hvert sitt råd, én gang.]], [[Grøn, gul og raud har kvar sitt råd, éin gong.]])

Profile: LimitGoal
Parent: Goal
Id: limit-goal
Title: "Goal with limits"
Description: "A person's own limits: what each target measures, from where on it is yellow or red, since when, set by whom."
* insert Norwegian([[Mål med grenser]], [[En persons egne grenser: hva hvert mål gjelder, fra hvor det er gult eller rødt, siden når, satt av hvem.]], [[Mål med grenser]], [[Eigne grenser for ein person: kva kvart mål gjeld, frå kvar det er gult eller raudt, sidan når, sett av kven.]])
* insert Ours
* lifecycleStatus and description and subject and start[x] and target and expressedBy and note MS
* subject only Reference(Patient)
* start[x] 1..1
* expressedBy 1..1
* target 1..*
* target.extension contains $LIMIT named limit 1..1
* target.measure 1..1
* target.detail[x] 1..1
* target.detail[x] only Quantity or Range

Alias: $LIMIT = http://fylgje.no/fhir/StructureDefinition/limit

Profile: MeasuringOrder
Parent: ServiceRequest
Id: measuring-order
Title: "Order to measure"
Description: "What the patient is asked to measure, and when."
* insert Norwegian([[Bestilling av måling]], [[Hva pasienten blir bedt om å måle, og når.]], [[Bestilling av måling]], [[Kva pasienten blir beden om å måle, og når.]])
* insert Ours
* status and intent and basedOn and code and subject and occurrence[x] and performer and patientInstruction MS
* code 1..1
* code.coding 1..*
* subject only Reference(Patient)
* occurrence[x] 1..1
* occurrence[x] only dateTime or Period or Timing

Profile: TriageTask
Parent: Task
Id: triage-task
Title: "Task of the worklist"
Description: "What somebody of the team is asked to do about a patient, how urgent it is, why, and by when. Urgency orders the list; marks tell what has passed."
* insert Norwegian([[Oppgave i arbeidslista]], [[Det noen i teamet blir bedt om å gjøre for en pasient, hvor mye det haster, hvorfor, og innen når. Hastegraden ordner lista; merkene forteller hva som er passert.]], [[Oppgåve i arbeidslista]], [[Det nokon i teamet blir bedne om å gjere for ein pasient, kor mykje det hastar, kvifor, og innan når. Hastegraden ordnar lista; merka fortel kva som er passert.]])
* insert Ours
* identifier and status and statusReason and businessStatus and priority and code and focus and for and authoredOn and lastModified and owner and performerType and reasonCode and note and restriction and input MS
* extension contains Urgency named urgency 0..1 and TaskMark named mark 0..*
* status obeys not-a-draft
* businessStatus 1..1
* businessStatus from TriageColours (required)
* priority 1..1
* code 1..1
* code from TaskCodes (extensible)
* for 1..1
* for only Reference(Patient)
* authoredOn 1..1
* reasonCode 1..1
* reasonCode.text 1..1

Invariant: not-a-draft
Description: "A Task of a worklist is for somebody to do, or has been done."
Severity: #error
Expression: "$this != 'draft'"
* insert Said([[En oppgave i en arbeidsliste er noe noen skal gjøre, eller har gjort.]], [[Ei oppgåve i ei arbeidsliste er noko nokon skal gjere, eller har gjort.]])

Profile: Triage
Parent: ClinicalImpression
Id: triage
Title: "Triage"
Description: "The colour that the rules of a plan gave one measurement or answer, with all that it rests on, by version. Corrected, it becomes the next version of the same."
* insert Norwegian([[Triage]], [[Fargen som reglene i en plan ga én måling eller ett svar, med alt den bygger på, etter versjon. Blir den rettet, er det neste versjon av den samme.]], [[Triage]], [[Fargen som reglane i ein plan gav éi måling eller eitt svar, med alt han byggjer på, etter versjon. Blir han retta, er det neste versjon av den same.]])
* insert Ours
* identifier and status and code and subject and date and investigation and protocol and summary and finding MS
* identifier 1..*
* code 1..1
* code = $ASSESSMENT#triage
* subject only Reference(Patient)
* date 1..1
* investigation 1..*
* investigation.item 1..*
* protocol 1..*
* finding 1..*
* finding.itemCodeableConcept 1..1
* finding.itemCodeableConcept from TriageColours (required)

Profile: FollowingTeam
Parent: CareTeam
Id: following-team
Title: "Care team"
Description: "Who follows a patient or a group of patients, as what, from when to when, and which organisation answers for it. Access follows from it."
* insert Norwegian([[Team som følger opp]], [[Hvem som følger opp en pasient eller en gruppe pasienter, som hva, fra når til når, og hvilken virksomhet som svarer for det. Tilgangen følger av det.]], [[Team som følgjer opp]], [[Kven som følgjer opp ein pasient eller ei gruppe pasientar, som kva, frå når til når, og kva verksemd som svarar for det. Tilgangen følgjer av det.]])
* insert Ours
* status and name and subject and managingOrganization and participant MS
* status 1..1
* managingOrganization 1..*
* participant 1..*
* participant.role 1..*
* participant.member 1..1
* participant.period 1..1
* participant.period.start 1..1

Profile: ClosingConsent
Parent: Consent
Id: closing-consent
Title: "Sperring"
Description: "What a patient closes, and to whom; nobody named is everybody, nothing named is the whole record."
* insert Norwegian([[Sperring]], [[Hva en pasient sperrer, og for hvem. Er ingen nevnt, gjelder det alle; er ingenting nevnt, gjelder det hele journalen.]], [[Sperring]], [[Kva ein pasient sperrar, og for kven. Er ingen nemnde, gjeld det alle; er ingenting nemnt, gjeld det heile journalen.]])
* insert Ours
* scope = $SCOPE#patient-privacy
* patient 1..1
* dateTime 1..1
* provision 1..1
* provision.type 1..1
* provision.type = #deny

Profile: SharingConsent
Parent: Consent
Id: sharing-consent
Title: "Sharing"
Description: "What a patient lets somebody see whom nothing else would let: next of kin, staff elsewhere. Never everybody."
* insert Norwegian([[Deling]], [[Det en pasient lar noen se som ellers ikke ville fått det: pårørende, ansatte andre steder. Aldri alle.]], [[Deling]], [[Det ein pasient lèt nokon sjå som elles ikkje ville fått det: pårørande, tilsette andre stader. Aldri alle.]])
* insert Ours
* scope = $SCOPE#patient-privacy
* patient 1..1
* dateTime 1..1
* provision 1..1
* provision.type 1..1
* provision.type = #permit
* provision.actor 1..*

Profile: PatientMessage
Parent: Communication
Id: patient-message
Title: "Message"
Description: "Between a patient and the team: from whom, to whom, when, what."
* insert Norwegian([[Melding]], [[Mellom en pasient og teamet: fra hvem, til hvem, når, hva.]], [[Melding]], [[Mellom ein pasient og teamet: frå kven, til kven, når, kva.]])
* insert Ours
* subject 1..1
* subject only Reference(Patient)
* sent 1..1
* recipient 1..*
* sender 1..1
* payload 1..*

Profile: SharedDocument
Parent: DocumentReference
Id: shared-document
Title: "Document"
Description: "After no-basis-DocumentReference: what is sent to the journal or fetched from it, with its type of Volven 9602."
* insert Norwegian([[Dokument]], [[Etter no-basis-DocumentReference: det som sendes til journalen eller hentes fra den, med typen fra Volven 9602.]], [[Dokument]], [[Etter no-basis-DocumentReference: det som blir sendt til journalen eller henta frå han, med typen frå Volven 9602.]])
* insert Ours
* type 1..1
* type.coding 1..*
* obeys volven-type
* subject 1..1
* subject only Reference(Patient)
* date 1..1
* author 1..*
* content.attachment.contentType 1..1
* content.attachment.title 1..1

Invariant: volven-type
Description: "The type is one of Volven 9602 (dokumenttype)."
Severity: #error
Expression: "type.coding.exists(system = 'urn:oid:2.16.578.1.12.4.1.1.9602')"
* insert Said([[Typen er en av dem i Volven 9602 (dokumenttype).]], [[Typen er ein av dei i Volven 9602 (dokumenttype).]])
