// What the server itself writes on requests, CarePlans, events and audits, and what a plan says of how its requests are followed.

Extension: OccurrencePolicy
Id: occurrence-policy
Title: "How what is asked for is followed"
Description: "When the patient is reminded, when asked again, what counts as done, and what becomes of what is not done. Each part is the first one's that says it: the request, its CarePlan, the plan."
* insert Norwegian([[Hvordan det som bes om, følges]], [[Når pasienten minnes om det, når det spørres igjen, hva som teller som gjort, og hva som skjer med det som ikke blir gjort. Hver del er den førstes som sier den: bestillingen, dens CarePlan, planen.]], [[Korleis det som blir bede om, blir følgt]], [[Når pasienten blir mint om det, når det blir spurt igjen, kva som tel som gjort, og kva som skjer med det som ikkje blir gjort. Kvar del er den førstes som seier han: bestillinga, CarePlan for henne, planen.]])
* insert Ours
* insert On(DomainResource)
* insert On(CarePlan.activity.detail)
* extension contains reminder 0..* and nudge 0..* and early 0..1 and grace 0..1 and missing 0..1 and owner 0..1 and care-plan 0..1
* . ^short = "How what is asked for is followed"
* extension ^slicing.rules = #closed
* insert Part(reminder, Duration, [["How long before it is due the person is reminded; 0 is when it is due"]])
* insert PartSaid(reminder, [[Hvor lenge før tiden personen minnes om det; 0 er når det er tid]], [[Kor lenge før tida personen blir mint om det; 0 er når det er tid]])
* insert Part(nudge, Duration, [["How long after it was due, while it is not done and not yet missing, the person is asked again"]])
* insert PartSaid(nudge, [[Hvor lenge etter tiden personen spørres igjen, mens det ikke er gjort og ennå ikke savnes]], [[Kor lenge etter tida personen blir spurd igjen, medan det ikkje er gjort og enno ikkje er sakna]])
* insert Part(early, Duration, [["How long before it is due a result counts; unsaid: two hours, or the day of what has no time"]])
* insert PartSaid(early, [[Hvor lenge før tiden et resultat teller; usagt: to timer, eller dagen for det som ikke har klokkeslett]], [[Kor lenge før tida eit resultat tel; usagt: to timar, eller dagen for det som ikkje har klokkeslett]])
* insert Part(grace, Duration, [["How long after it was due a result counts before it is missing; unsaid as for early"]])
* insert PartSaid(grace, [[Hvor lenge etter tiden et resultat teller før det savnes; usagt som for early]], [[Kor lenge etter tida eit resultat tel før det er sakna; usagt som for early]])
* insert Part(missing, code, "task | event | none: what its absence becomes")
* insert PartSaid(missing, [[task, event eller none: hva det blir når det uteblir]], [[task, event eller none: kva det blir når det uteblir]])
* insert Part(owner, Reference, [["Who answers for silence; unsaid: the team of the CarePlan"]])
* insert PartSaid(owner, [[Hvem som svarer for at det er stille; usagt: teamet i CarePlan]], [[Kven som svarer for at det er stilt; usagt: teamet i CarePlan]])
* insert Part(care-plan, Reference, [["Of what several plans ask for together: which CarePlan asks so"]])
* insert PartSaid(care-plan, [[Av det flere planer ber om sammen: hvilken CarePlan som ber om dette]], [[Av det fleire planar ber om saman: kva CarePlan som ber om dette]])

Extension: AskedTiming
Id: asked-timing
Title: "How often one of several CarePlans asks for it"
Description: "On a request that CarePlans share, one for each. Its own Timing is the oftenest of these. One beside plans is of whoever had ordered it before a plan came to share it."
* insert Norwegian([[Hvor ofte én av flere planer ber om det]], [[På en bestilling som flere CarePlan deler, én for hver. Tidsplanen på selve bestillingen er den hyppigste av dem. En som står utenom planene, er for den som hadde bestilt det før en plan kom og delte det.]], [[Kor ofte éin av fleire planar ber om det]], [[På ei bestilling som fleire CarePlan deler, éin for kvar. Tidsplanen på sjølve bestillinga er den hyppigaste av dei. Éin som står utanom planane, er for den som hadde bestilt det før ein plan kom og delte det.]])
* insert Ours
* insert On(DomainResource)
* extension contains timing 0..1 and care-plan 0..1 and beside-plans 0..1
* . ^short = "How often one of several CarePlans asks for it"
* extension ^slicing.rules = #closed
* insert Part(timing, Timing, "How often")
* insert PartSaid(timing, [[Hvor ofte]], [[Kor ofte]])
* insert Part(care-plan, Reference, "The CarePlan that asks so")
* insert PartSaid(care-plan, [[CarePlan som ber om det]], [[CarePlan som ber om det]])
* insert Part(beside-plans, boolean, "It was ordered beside all plans")
* insert PartSaid(beside-plans, [[Det er bestilt utenom alle planer]], [[Det er tinga utanom alle planar]])

Extension: WaitsFor
Id: waits-for
Title: "What must come first"
Description: "On a request that is held: the action of its plan that it waits for, and how far from it it is kept."
* insert Norwegian([[Hva som må komme først]], [[På en bestilling som holdes tilbake: handlingen i planen den venter på, og hvor langt fra den skal være.]], [[Kva som må kome først]], [[På ei bestilling som blir halden tilbake: handlinga i planen ho ventar på, og kor langt frå ho skal vere.]])
* insert Ours
* insert On(DomainResource)
* extension contains action 1..1 and relationship 0..1 and offset 0..1 and not-before 0..1
* . ^short = "What must come first"
* extension ^slicing.rules = #closed
* insert Part(action, string, [["id of the action; *start is the start condition of the action of the request itself"]])
* insert PartSaid(action, [[id til handlingen; *start er startvilkåret til handlingen som bestillingen selv er av]], [[id til handlinga; *start er startvilkåret til handlinga som tinginga sjølv er av]])
* insert Part(relationship, code, [["action-relationship-type, seen from the request"]])
* insert PartSaid(relationship, [[action-relationship-type, sett fra bestillingen]], [[action-relationship-type, sett frå tinginga]])
* extension[offset] ^short = "How long before or after"
* insert PartSaid(offset, [[Hvor lenge før eller etter]], [[Kor lenge før eller etter]])
* extension[offset].value[x] only Duration or Range
* extension[offset].value[x] 1..1
* insert Part(not-before, dateTime, [["When it can begin, as what it waited for has come"]])
* insert PartSaid(not-before, [[Når det kan begynne, siden det som var ventet på, er kommet]], [[Når det kan byrje, sidan det som var venta på, er kome]])

Extension: PausedWith
Id: paused-with
Title: "The CarePlan that it rests with"
Description: "On an activity that rests as its CarePlan does, so that only what rested with it goes on with it."
* insert Norwegian([[CarePlan den hviler sammen med]], [[På en aktivitet som hviler slik dens CarePlan gjør, så bare det som hvilte med den, fortsetter med den.]], [[CarePlan han kviler saman med]], [[På ein aktivitet som kviler slik CarePlan for han gjer, så berre det som kvilte med han, held fram med han.]])
* insert Ours
* insert On(DomainResource)
* . ^short = "The CarePlan that it rests with"
* value[x] only Reference
* value[x] 1..1

Extension: ActivityEffect
Id: activity-effect
Title: "What the action does to what is there"
Description: "On activities that other actions have made. Unsaid: what action.type says, or what the definition of the action is."
* insert Norwegian([[Hva handlingen gjør med det som finnes]], [[På aktiviteter som andre handlinger har laget. Når det ikke er sagt: det action.type sier, eller det definisjonen av handlingen er.]], [[Kva handlinga gjer med det som finst]], [[På aktivitetar som andre handlingar har laga. Når det ikkje er sagt: det action.type seier, eller det definisjonen av handlinga er.]])
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
* insert Norwegian([[Når denne personen står opp, spiser og legger seg]], [[Flytter det som bes om på den delen av dagen; MORN og EVE også det som bes om uten klokkeslett.]], [[Når denne personen står opp, et og legg seg]], [[Flyttar det som blir bede om på den delen av dagen; MORN og EVE òg det som blir bede om utan klokkeslett.]])
* insert Ours
* insert On(CarePlan)
* extension contains when 1..1 and time 1..*
* . ^short = "When this person gets up, eats and goes to bed"
* extension ^slicing.rules = #closed
* insert Part(when, code, "A code of Timing.repeat.when")
* insert PartSaid(when, [[En kode fra Timing.repeat.when]], [[Ein kode frå Timing.repeat.when]])
* insert Part(time, time, [["When that is for this person"]])
* insert PartSaid(time, [[Når det er for denne personen]], [[Når det er for denne personen]])

Extension: EventAbout
Id: event-about
Title: "What the event is about"
Description: "On the Basic of an event with a name, or of what was read of a patient's data; versioned where it is a version."
* insert Norwegian([[Hva hendelsen gjelder]], [[På Basic for en hendelse med navn, eller for det som ble lest av en pasients data; med versjon der det er en versjon.]], [[Kva hendinga gjeld]], [[På Basic for ei hending med namn, eller for det som vart lese av data om ein pasient; med versjon der det er ein versjon.]])
* insert Ours
* insert On(Basic)
* . ^short = "What the event is about"
* value[x] only Reference
* value[x] 1..1

Extension: EventCarePlan
Id: event-care-plan
Title: "The one CarePlan that shall hear of it"
Description: "Unsaid: every CarePlan of the patient hears of the event."
* insert Norwegian([[Den ene CarePlan som skal høre om det]], [[Når det ikke er sagt: hver CarePlan pasienten har, hører om hendelsen.]], [[Den eine CarePlan som skal høyre om det]], [[Når det ikkje er sagt: kvar CarePlan pasienten har, høyrer om hendinga.]])
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
* insert Norwegian([[Når det skulle skje]], [[På Basic for en forekomst: når den skal skje, eller når resultatet kom som ingen hadde bedt om.]], [[Når det skulle skje]], [[På Basic for ein førekomst: når han skal skje, eller når resultatet kom som ingen hadde bede om.]])
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
* insert Norwegian([[Når pasienten får se det]], [[På merket for senere frigiving i meta.security: fra dette tidspunktet ser pasienten og familien det også. Uten det må noen frigi det.]], [[Når pasienten får sjå det]], [[På merket for seinare frigiving i meta.security: frå dette tidspunktet ser pasienten og familien det òg. Utan det må nokon frigi det.]])
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
* insert Norwegian([[I hvilken rolle, hvor og hvordan pålogget]], [[Det det norske tillitsrammeverket vil skal stå ved hver tilgang: rollene og enheten til personen, virksomheten, og hvordan de var pålogget.]], [[I kva rolle, kvar og korleis pålogga]], [[Det det norske tillitsrammeverket vil skal stå ved kvar tilgang: rollene og eininga til personen, verksemda, og korleis dei var pålogga.]])
* insert Ours
* insert On(AuditEvent.agent)
* . ^short = "In which role, where and how signed in"
* extension contains practitionerRole 0..* and pointOfCare 0..1 and legalEntity 0..1
* insert Part(practitionerRole, Reference, "A role that was held")
* insert PartSaid(practitionerRole, [[En rolle noen hadde]], [[Ei rolle nokon hadde]])
* insert Part(pointOfCare, Reference, "The unit")
* insert PartSaid(pointOfCare, [[Enheten]], [[Eininga]])
* insert Part(legalEntity, Reference, "The organisation before the law")
* insert PartSaid(legalEntity, [[Den juridiske enheten]], [[Den juridiske eininga]])
// Beside these, what the sign-in said: login-acr, login-amr and others, each a string.
