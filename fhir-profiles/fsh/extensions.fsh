Extension: Advice
Id: advice
Title: "What the patient is told to do by themselves"
Description: "By which two plans of one patient are held against each other."
* insert Norwegian([[Det pasienten får beskjed om å gjøre selv]], [[Det to planer for samme pasient blir holdt opp mot hverandre etter.]], [[Det pasienten får beskjed om å gjere sjølv]], [[Det to planar for same pasient blir haldne opp mot kvarandre etter.]])
* insert Ours
* insert On(PlanDefinition.action)
* insert On(ActivityDefinition)
* extension contains topic 1..1 and direction 1..1
* . ^short = "What the patient is told to do by themselves"
* extension ^slicing.rules = #closed
* insert Part(topic, CodeableConcept, [["Of what: drinking, a medicine"]])
* insert PartSaid(topic, [[Om hva: drikke, en medisin]], [[Om kva: drikke, ein medisin]])
* insert Part(direction, code, "more | less | start | stop | do | avoid")
* insert PartSaid(direction, [[mer, mindre, begynne, slutte, gjøre, unngå]], [[meir, mindre, byrje, slutte, gjere, unngå]])

Extension: AlarmBudget
Id: alarm-budget
Title: "What the alarms may cost"
Description: "How many Tasks the plan may make, and how many of them should lead to something. Beyond it, the plan comes into force only with a reason."
* insert Norwegian([[Hva alarmene får koste]], [[Hvor mange oppgaver planen kan lage, og hvor mange av dem som bør føre til noe. Går den over, trer planen bare i kraft med en begrunnelse.]], [[Kva alarmane får koste]], [[Kor mange oppgåver planen kan lage, og kor mange av dei som bør føre til noko. Går han over, trer planen berre i kraft med ei grunngiving.]])
* insert Ours
* insert On(PlanDefinition)
* extension contains tasksPer100PatientDays 0..1 and actedOnPercent 0..1
* . ^short = "What the alarms may cost"
* . 0..1
* extension ^slicing.rules = #closed
* insert Part(tasksPer100PatientDays, decimal, "At most so many Tasks per 100 days of a patient")
* insert PartSaid(tasksPer100PatientDays, [[Høyst så mange oppgaver per 100 pasientdager]], [[Høgst så mange oppgåver per 100 pasientdagar]])
* insert Part(actedOnPercent, decimal, "At least so many percent of them acted on")
* insert PartSaid(actedOnPercent, [[Minst så mange prosent av dem førte til handling]], [[Minst så mange prosent av dei førte til handling]])

Extension: Burden
Id: burden
Title: "What it takes the patient each time"
Description: "How long the patient needs for it, each time."
* insert Norwegian([[Hva det krever av pasienten hver gang]], [[Hvor lang tid pasienten trenger på det, hver gang.]], [[Kva det krev av pasienten kvar gong]], [[Kor lang tid pasienten treng på det, kvar gong.]])
* insert Ours
* insert On(ActivityDefinition)
* insert On(ServiceRequest)
* insert On(Task)
* insert On(CarePlan.activity.detail)
* . ^short = "What it takes the patient each time"
* value[x] only Duration
* value[x] 1..1

// Its name is that of a type of R4, which would be taken for it here.
Extension: CareTeamOfService
Id: care-team
Title: "The CareTeam whose hours and people these are"
Description: "On a HealthcareService."
* insert Norwegian([[Teamet som har disse åpningstidene og folkene]], [[På en HealthcareService.]], [[Teamet som har desse opningstidene og folka]], [[På ein HealthcareService.]])
* insert Ours
* ^name = "CareTeam"
* insert On(HealthcareService)
* . ^short = "The CareTeam whose hours and people these are"
* value[x] only Reference
* value[x] 1..1

Extension: DailyBurden
Id: daily-burden
Title: "Minutes a day"
Description: "How many minutes of the patient’s day a proposed plan asks for, over four weeks."
* insert Norwegian([[Minutter om dagen]], [[Hvor mange minutter av pasientens dag en foreslått plan ber om, over fire uker.]], [[Minutt om dagen]], [[Kor mange minutt av dagen til pasienten ein føreslått plan ber om, over fire veker.]])
* insert Ours
* insert On(CarePlan)
* insert On(RequestGroup)
* . ^short = "Minutes a day"
* value[x] only decimal
* value[x] 1..1

Extension: EligibilityQuestions
Id: eligibility-questions
Title: "What is asked before a referral is answered"
Description: "A form that somebody answers before a referral to the plan is accepted or rejected. It becomes a Task that is part of the referral."
* insert Norwegian([[Det det spørres om før en henvisning får svar]], [[Et skjema som noen svarer på før en henvisning til planen blir godtatt eller avvist. Det blir en oppgave som er en del av henvisningen.]], [[Det det blir spurt om før ei tilvising får svar]], [[Eit skjema som nokon svarer på før ei tilvising til planen blir godteken eller avvist. Det blir ei oppgåve som er ein del av tilvisinga.]])
* insert Ours
* insert On(PlanDefinition)
* extension contains questionnaire 1..1 and to 0..1 and within 0..1
* . ^short = "What is asked before a referral is answered"
* extension ^slicing.rules = #closed
* insert Part(questionnaire, canonical, "The form")
* insert PartSaid(questionnaire, [[Skjemaet]], [[Skjemaet]])
* insert Part(to, code, "referrer | patient | team: the referrer when left out")
* insert PartSaid(to, [[Den som henviser, pasienten eller teamet: den som henviser når det ikke er sagt]], [[Den som viser til, pasienten eller teamet: den som viser til når det ikkje er sagt]])
* insert Part(within, Duration, "How long there is to answer; two days when left out")
* insert PartSaid(within, [[Hvor lang svarfristen er; to dager når det ikke er sagt]], [[Kor lang svarfristen er; to dagar når det ikkje er sagt]])

Extension: EligibleWhen
Id: eligible-when
Title: "Whom the plan is for"
Description: "A FHIRPath expression over %answers (the QuestionnaireResponses) and %referral (the Task): true proposes to accept a referral, false to reject it."
* insert Norwegian([[Hvem planen er for]], [[Et FHIRPath-uttrykk over %answers (svarene, QuestionnaireResponse) og %referral (oppgaven): true foreslår å godta en henvisning, false å avvise den.]], [[Kven planen er for]], [[Eit FHIRPath-uttrykk over %answers (svara, QuestionnaireResponse) og %referral (oppgåva): true føreslår å godta ei tilvising, false å avvise henne.]])
* insert Ours
* insert On(PlanDefinition)
* . ^short = "Whom the plan is for"
* . 0..1
* value[x] only Expression
* value[x] 1..1

Extension: EndsWhen
Id: ends-when
Title: "When an enrolment ends by itself"
Description: "A FHIRPath expression over %careplan, %goals and %subject: once it is true, the CarePlan is completed."
* insert Norwegian([[Når en oppfølging slutter av seg selv]], [[Et FHIRPath-uttrykk over %careplan, %goals og %subject: når det er sant, blir CarePlan fullført.]], [[Når ei oppfølging sluttar av seg sjølv]], [[Eit FHIRPath-uttrykk over %careplan, %goals og %subject: når det er sant, blir CarePlan fullførd.]])
* insert Ours
* insert On(PlanDefinition)
* . ^short = "When an enrolment ends by itself"
* . 0..1
* value[x] only Expression
* value[x] 1..1

Extension: LegalBasisRequired
Id: legal-basis-required
Title: "A legal basis that is demanded"
Description: "Nobody is followed by the plan without this legal basis: one of the policies, or a Consent of one of the categories. Several of these are needed all."
* insert Norwegian([[Et behandlingsgrunnlag som kreves]], [[Ingen blir fulgt etter planen uten dette grunnlaget: ett av regelverkene, eller et samtykke (Consent) av en av kategoriene. Står det flere slike, trengs alle.]], [[Eit behandlingsgrunnlag som blir kravd]], [[Ingen blir følgd etter planen utan dette grunnlaget: eitt av regelverka, eller eit samtykke (Consent) av ein av kategoriane. Står det fleire slike, trengst alle.]])
* insert Ours
* insert On(PlanDefinition)
* extension contains title 0..1 and policy 0..* and consent 0..*
* . ^short = "A legal basis that is demanded"
* extension ^slicing.rules = #closed
* insert Part(title, string, "What people call it")
* insert PartSaid(title, [[Hva folk kaller det]], [[Kva folk kallar det]])
* insert Part(policy, uri, [["A law, a regulation, an agreement, by its uri"]])
* insert PartSaid(policy, [[En lov, en forskrift, en avtale, ved uri]], [[Ei lov, ei forskrift, ein avtale, ved uri]])
* insert Part(consent, Coding, "Category of a Consent of the patient’s")
* insert PartSaid(consent, [[Kategorien til et samtykke fra pasienten]], [[Kategorien til eit samtykke frå pasienten]])

Extension: HandoverBasisRequired
Id: handover-basis-required
Title: "A legal basis that a handover needs"
Description: "Nobody else takes the plan's patients over without it: one of the policies, or a Consent of one of the categories. Several of these are needed all."
* insert Norwegian([[Et grunnlag som en overføring krever]], [[Ingen andre overtar pasientene i planen uten det: ett av regelverkene, eller et samtykke (Consent) av en av kategoriene. Står det flere slike, trengs alle.]], [[Eit grunnlag som ei overføring krev]], [[Ingen andre tek over pasientane i planen utan det: eitt av regelverka, eller eit samtykke (Consent) av ein av kategoriane. Står det fleire slike, trengst alle.]])
* insert Ours
* insert On(PlanDefinition)
* extension contains title 0..1 and policy 0..* and consent 0..* and between 0..1 and without 0..1
* . ^short = "A legal basis that a handover needs"
* extension ^slicing.rules = #closed
* insert Part(title, string, "What people call it")
* insert PartSaid(title, [[Hva folk kaller det]], [[Kva folk kallar det]])
* insert Part(policy, uri, [["A law, a regulation, an agreement, by its uri"]])
* insert PartSaid(policy, [[En lov, en forskrift, en avtale, ved uri]], [[Ei lov, ei forskrift, ein avtale, ved uri]])
* insert Part(consent, Coding, "Category of a Consent of the patient’s")
* insert PartSaid(consent, [[Kategorien til et samtykke fra pasienten]], [[Kategorien til eit samtykke frå pasienten]])
* insert Part(between, code, "organizations | teams: organizations when left out")
* insert PartSaid(between, [[organizations eller teams: organizations når det ikke er sagt]], [[organizations eller teams: organizations når det ikkje er sagt]])
* insert Part(without, code, "refuse | hold: refused when left out; held until the Consent is there")
* insert PartSaid(without, [[refuse eller hold: avvises når det ikke er sagt; holdes til samtykket er der]], [[refuse eller hold: blir avvist når det ikkje er sagt; blir halde til samtykket er der]])

Extension: LegalBasis
Id: legal-basis
Title: "By what right the patient is followed"
Description: "What the enrolment rests on: a policy, or a Consent of the patient’s. Who said so stands in its Provenance."
* insert Norwegian([[Med hvilken rett pasienten følges]], [[Det oppfølgingen bygger på: et regelverk, eller et samtykke fra pasienten. Hvem som sa det, står i Provenance.]], [[Med kva rett pasienten blir følgd]], [[Det oppfølginga byggjer på: eit regelverk, eller eit samtykke frå pasienten. Kven som sa det, står i Provenance.]])
* insert Ours
* insert On(CarePlan)
* insert On(Task)
* extension contains policy 0..1 and consent 0..1
* . ^short = "By what right the patient is followed"
* extension ^slicing.rules = #closed
* insert Part(policy, uri, [["A law, a regulation, an agreement, by its uri"]])
* insert PartSaid(policy, [[En lov, en forskrift, en avtale, ved uri]], [[Ei lov, ei forskrift, ein avtale, ved uri]])
* insert Part(consent, Reference, "The Consent")
* insert PartSaid(consent, [[Samtykket]], [[Samtykket]])

Extension: Limit
Id: limit
Title: "Limit of a zone"
Description: "Makes a Goal target a limit: which zone it opens, on which side, and whether it is counted from the person's own baseline or on the course over a time, and when it counts. The value stands in the target's detail."
* insert Norwegian([[Grense for en sone]], [[Gjør et mål i Goal til en grense: hvilken sone den åpner, på hvilken side, om den regnes fra personens egen grunnverdi eller av utviklingen over en tid, og når den gjelder. Verdien står i detail.]], [[Grense for ei sone]], [[Gjer eit mål i Goal til ei grense: kva sone ho opnar, på kva side, om ho blir rekna frå grunnverdien til personen eller av utviklinga over ei tid, og når ho gjeld. Verdien står i detail.]])
* insert Ours
* ^version = "1.2.0"
* insert On(Goal.target)
* insert On(PlanDefinition.goal.target)
* extension contains zone 1..1 and side 0..1 and relativeTo 0..1 and trend 0..1 and window 0..1 and countMin 0..1 and from 0..1 and to 0..1 and period 0..1 and source 0..*
* . ^short = "Limit of a zone"
* . 0..1
* extension ^slicing.rules = #closed
* insert Part(zone, code, "red | yellow | plausible | baseline")
* insert PartSaid(zone, [[rød, gul, mulig eller vanlig verdi]], [[raud, gul, mogleg eller vanleg verdi]])
* insert Part(side, code, "low | high: the side on which the zone lies; low when left out")
* insert PartSaid(side, [[low eller high: siden sonen ligger på; low når det ikke er sagt]], [[low eller high: sida sona ligg på; low når det ikkje er sagt]])
* insert Part(relativeTo, code, [["baseline | baseline-percent: the difference from the person's own baseline is compared, in its unit or in percent of it"]])
* insert PartSaid(relativeTo, [[baseline eller baseline-percent: forskjellen fra personens egen grunnverdi sammenlignes, i samme enhet eller i prosent av den]], [[baseline eller baseline-percent: skilnaden frå grunnverdien til personen blir samanlikna, i same eining eller i prosent av han]])
* insert Part(trend, code, [["slope | change: least squares a day through the window, or last minus first of it"]])
* insert PartSaid(trend, [[slope eller change: minste kvadraters stigning om dagen gjennom vinduet, eller siste minus første i det]], [[slope eller change: stiging om dagen ved minste kvadrat gjennom vindauget, eller siste minus første i det]])
* insert Part(window, Duration, [["The time that the trend is looked at over: h, d or wk"]])
* insert PartSaid(window, [[Tiden utviklingen ses over: h, d eller wk]], [[Tida utviklinga blir sett over: h, d eller wk]])
* insert Part(countMin, integer, [["How many measurements a trend needs; 3 for slope, 2 for change when left out"]])
* insert PartSaid(countMin, [[Hvor mange målinger en utvikling trenger; 3 for slope, 2 for change når det ikke er sagt]], [[Kor mange målingar ei utvikling treng; 3 for slope, 2 for change når det ikkje er sagt]])
* insert Part(from, time, [["Counts from this time of the day, by Norwegian clocks"]])
* insert PartSaid(from, [[Gjelder fra dette klokkeslettet, norsk tid]], [[Gjeld frå dette klokkeslettet, norsk tid]])
* insert Part(to, time, "Counts to just before this time of the day; over midnight where it is not after from")
* insert PartSaid(to, [[Gjelder til like før dette klokkeslettet; over midnatt når det ikke er etter from]], [[Gjeld til like før dette klokkeslettet; over midnatt når det ikkje er etter from]])
* insert Part(period, Period, [["Counts within this period, such as an exacerbation"]])
* insert PartSaid(period, [[Gjelder i denne perioden, for eksempel en forverring]], [[Gjeld i denne perioden, til dømes ei forverring]])
* insert Part(source, RelatedArtifact, [["Where this limit is from: type documentation, label G (guideline), S (study), N (Norwegian practice) or P (proposal without a source)"]])
* insert PartSaid(source, [[Hvor grensen er fra: type documentation, label G (retningslinje), S (studie), N (norsk praksis) eller P (forslag uten kilde)]], [[Kvar grensa er frå: type documentation, label G (retningslinje), S (studie), N (norsk praksis) eller P (forslag utan kjelde)]])

Extension: LimitsReview
Id: limits-review
Title: "When limits are looked at"
Description: "After the trial the engine proposes limits from the patient’s own measurements; then it looks again and again whether what is usual has moved."
* insert Norwegian([[Når grensene blir sett på]], [[Etter innkjøringen foreslår motoren grenser ut fra pasientens egne målinger. Siden ser den på nytt, igjen og igjen, om det vanlige har flyttet seg.]], [[Når grensene blir sett på]], [[Etter innkøyringa føreslår motoren grenser ut frå målingane til pasienten sjølv. Sidan ser han på nytt, om att og om att, om det vanlege har flytta seg.]])
* insert Ours
* insert On(PlanDefinition)
* extension contains trial 1..1 and every 0..1
* . ^short = "When limits are looked at"
* extension ^slicing.rules = #closed
* insert Part(trial, Duration, "After how long limits are first proposed")
* insert PartSaid(trial, [[Hvor lang tid det går før grenser foreslås første gang]], [[Kor lang tid det går før grenser blir føreslåtte første gong]])
* insert Part(every, Duration, "How often they are looked at then; a week when left out")
* insert PartSaid(every, [[Hvor ofte de ses på etterpå; hver uke når det ikke er sagt]], [[Kor ofte dei blir sette på etterpå; kvar veke når det ikkje er sagt]])

Extension: Queue
Id: queue
Title: "The queue that a Task was taken from"
Description: "It goes back there when it is given back."
* insert Norwegian([[Køen en oppgave ble tatt fra]], [[Dit går den tilbake når den leveres tilbake.]], [[Køen ei oppgåve vart teken frå]], [[Dit går ho tilbake når ho blir levert tilbake.]])
* insert Ours
* insert On(Task)
* . ^short = "The queue that a Task was taken from"
* value[x] only Reference
* value[x] 1..1

Extension: Repetition
Id: repetition
Title: "How often a finding has come"
Description: "While its Task is open: how many times, and what it was the last time."
* insert Norwegian([[Hvor ofte et funn er kommet]], [[Mens oppgaven er åpen: hvor mange ganger, og hva det var sist.]], [[Kor ofte eit funn har kome]], [[Medan oppgåva er open: kor mange gonger, og kva det var sist.]])
* insert Ours
* insert On(Task)
* extension contains count 1..1 and latest-at 1..1 and latest 1..1 and latest-value 0..1 and suppressed 0..1
* . ^short = "How often a finding has come"
* insert Part(count, positiveInt, "how many times")
* insert PartSaid(count, [[hvor mange ganger]], [[kor mange gonger]])
* insert Part(latest-at, dateTime, "when it was measured the last time")
* insert PartSaid(latest-at, [[når det sist ble målt]], [[når det sist vart målt]])
* insert Part(latest, string, "in words")
* insert PartSaid(latest, [[med ord]], [[med ord]])
* insert Part(latest-value, Quantity, "the latest value")
* insert PartSaid(latest-value, [[siste verdi]], [[siste verdi]])
* insert Part(suppressed, unsignedInt, "how many of them while the Task was put aside")
* insert PartSaid(suppressed, [[hvor mange av dem mens oppgaven var lagt til side]], [[kor mange av dei medan oppgåva var lagd til side]])

Extension: RestBefore
Id: rest-before
Title: "How long to rest before measuring again"
Description: "On an action or activity that asks for a new measurement, or on the plan for all of them: how long the person rests first. Nothing (0 min) where there is nothing to rest from; five minutes when left out."
* insert Norwegian([[Hvor lenge man hviler før ny måling]], [[På en handling eller aktivitet som ber om ny måling, eller på planen for alle: hvor lenge personen hviler først. Ingenting (0 min) der det ikke er noe å hvile fra; fem minutter når det ikke er sagt.]], [[Kor lenge ein kviler før ny måling]], [[På ei handling eller ein aktivitet som ber om ny måling, eller på planen for alle: kor lenge personen kviler først. Ingenting (0 min) der det ikkje er noko å kvile frå; fem minutt når det ikkje er sagt.]])
* insert Ours
* insert On(PlanDefinition)
* insert On(PlanDefinition.action)
* insert On(ActivityDefinition)
* . ^short = "How long to rest before measuring again"
* . 0..1
* value[x] only Duration
* value[x] 1..1

Extension: Routing
Id: routing
Title: "Where the Tasks of an action go"
Description: "The queue, another while that is closed, the skills that whoever does it must have, and whether one person is chosen."
* insert Norwegian([[Hvor oppgavene til en handling går]], [[Køen, en annen mens den er stengt, hva den som gjør det må kunne, og om én person blir valgt.]], [[Kvar oppgåvene til ei handling går]], [[Køen, ein annan medan han er stengd, kva den som gjer det må kunne, og om éin person blir vald.]])
* insert Ours
* insert On(PlanDefinition.action)
* insert On(ActivityDefinition)
* extension contains queue 0..1 and when-closed 0..1 and skill 0..* and assign 0..1
* . ^short = "Where the Tasks of an action go"
* insert Part(queue, Reference, [["CareTeam, HealthcareService or Organization"]])
* insert PartSaid(queue, [[CareTeam, HealthcareService eller Organization]], [[CareTeam, HealthcareService eller Organization]])
* insert Part(when-closed, Reference, "another queue while that is closed")
* insert PartSaid(when-closed, [[en annen kø mens den er stengt]], [[ein annan kø medan han er stengd]])
* insert Part(skill, CodeableConcept, "of PractitionerRole.code or specialty")
* insert PartSaid(skill, [[fra PractitionerRole.code eller specialty]], [[frå PractitionerRole.code eller specialty]])
* insert Part(assign, code, "queue or person")
* insert PartSaid(assign, [[kø eller person]], [[kø eller person]])

Extension: ServiceLevel
Id: service-level
Title: "Goal, deadline and escalation of the Tasks of an action"
Description: "By when a Task should be done and must be done, on which calendar, how often it is called late after that, and who is told or given it at each mark."
* insert Norwegian([[Mål, frist og eskalering for oppgavene til en handling]], [[Når en oppgave bør og må være gjort, etter hvilken kalender, hvor ofte den meldes som forsinket etterpå, og hvem som varsles eller får den ved hvert merke.]], [[Mål, frist og eskalering for oppgåvene til ei handling]], [[Når ei oppgåve bør og må vere gjord, etter kva kalender, kor ofte ho blir meld som forseinka etterpå, og kven som blir varsla eller får henne ved kvart merke.]])
* insert Ours
* insert On(PlanDefinition.action)
* insert On(ActivityDefinition)
* extension contains goal 0..1 and deadline 0..1 and repeat 0..1 and repeat-count 0..1 and calendar 0..1 and escalation 0..*
* . ^short = "Goal, deadline and escalation of the Tasks of an action"
* insert Part(goal, Duration, "when it should be done")
* insert PartSaid(goal, [[når det bør være gjort]], [[når det bør vere gjort]])
* insert Part(deadline, Duration, "when it must be done")
* insert PartSaid(deadline, [[når det må være gjort]], [[når det må vere gjort]])
* insert Part(repeat, Duration, "how often it is late again")
* insert PartSaid(repeat, [[hvor ofte den er forsinket på nytt]], [[kor ofte ho er forseinka på nytt]])
* insert Part(repeat-count, positiveInt, "how many times")
* insert PartSaid(repeat-count, [[hvor mange ganger]], [[kor mange gonger]])
* insert Part(calendar, code, "clock or opening-hours")
* insert PartSaid(calendar, [[klokken eller åpningstidene]], [[klokka eller opningstidene]])
* extension[escalation] ^short = "at: goal, deadline, passed-deadline; act: notify, raise, reassign, queue; to: whom (Reference), or which role of the Task's queue (CodeableConcept)"
* insert PartSaid(escalation, [[at: goal, deadline, passed-deadline; act: notify, raise, reassign, queue; to: hvem (Reference), eller hvilken rolle i oppgavens kø (CodeableConcept)]], [[at: goal, deadline, passed-deadline; act: notify, raise, reassign, queue; to: kven (Reference), eller kva rolle i køen til oppgåva (CodeableConcept)]])

Extension: SilenceClock
Id: silence-clock
Title: "Whose a Task is that nobody opens or decides"
Description: "Set by the process engine from silence-owner of the plan; other systems may put it on Tasks of their own."
* insert Norwegian([[Hvem som har ansvar for en oppgave som ingen åpner eller avgjør]], [[Settes av motoren ut fra silence-owner i planen. Andre systemer kan sette det på sine egne oppgaver.]], [[Kven som har ansvar for ei oppgåve som ingen opnar eller avgjer]], [[Blir sett av motoren ut frå silence-owner i planen. Andre system kan setje det på oppgåvene sine.]])
* insert Ours
* insert On(Task)
* extension contains silence 1..1 and owner 1..1 and after 1..1 and calendar 0..1
* . ^short = "Whose a Task is that nobody opens or decides"
* extension ^slicing.rules = #closed
* insert Part(silence, code, "not-opened | not-decided")
* insert PartSaid(silence, [[ikke åpnet eller ikke avgjort]], [[ikkje opna eller ikkje avgjord]])
* insert Part(owner, CodeableConcept or Reference, "The role or the team that is told")
* insert PartSaid(owner, [[Rollen eller teamet som får vite det]], [[Rolla eller teamet som får vite det]])
* insert Part(after, Duration, "How long it may last")
* insert PartSaid(after, [[Hvor lenge det kan vare]], [[Kor lenge det kan vare]])
* insert Part(calendar, code, "clock | opening-hours: which hours count")
* insert PartSaid(calendar, [[clock eller opening-hours: hvilke timer som teller]], [[clock eller opening-hours: kva timar som tel]])

Extension: SilenceOwner
Id: silence-owner
Title: "Who owns a silence"
Description: "Whom one kind of silence belongs to, and after how long it is told. A plan comes into force only when each kind has its owner."
* insert Norwegian([[Hvem som eier en stillhet]], [[Hvem ett slag stillhet hører til, og etter hvor lang tid det blir sagt fra. En plan trer først i kraft når hvert slag har sin eier.]], [[Kven som eig ei stille]], [[Kven eitt slag stille høyrer til, og etter kor lang tid det blir sagt frå. Ein plan trer først i kraft når kvart slag har sin eigar.]])
* insert Ours
* insert On(PlanDefinition)
* extension contains silence 1..1 and owner 1..1 and after 1..1 and calendar 0..1
* . ^short = "Who owns a silence"
* extension ^slicing.rules = #closed
* insert Part(silence, code, "not-measured | not-sent | not-evaluated | not-opened | not-decided")
* insert PartSaid(silence, [[ikke målt, ikke sendt, ikke vurdert, ikke åpnet eller ikke avgjort]], [[ikkje målt, ikkje sendt, ikkje vurdert, ikkje opna eller ikkje avgjord]])
* insert Part(owner, CodeableConcept or Reference, "The role or the team that is told")
* insert PartSaid(owner, [[Rollen eller teamet som får vite det]], [[Rolla eller teamet som får vite det]])
* insert Part(after, Duration, "How long it may last")
* insert PartSaid(after, [[Hvor lenge det kan vare]], [[Kor lenge det kan vare]])
* insert Part(calendar, code, "clock | opening-hours: which hours count")
* insert PartSaid(calendar, [[clock eller opening-hours: hvilke timer som teller]], [[clock eller opening-hours: kva timar som tel]])

Extension: Skill
Id: skill
Title: "What whoever does the Task must be able to do"
Description: "Compared with PractitionerRole.code and specialty."
* insert Norwegian([[Hva den som gjør oppgaven må kunne]], [[Sammenlignes med PractitionerRole.code og specialty.]], [[Kva den som gjer oppgåva må kunne]], [[Blir samanlikna med PractitionerRole.code og specialty.]])
* insert Ours
* insert On(Task)
* . ^short = "What whoever does the Task must be able to do"
* value[x] only CodeableConcept
* value[x] 1..1

Extension: Snooze
Id: snooze
Title: "A Task that is put aside"
Description: "Known and accepted until a moment; what comes of the same finding meanwhile is counted."
* insert Norwegian([[En oppgave som er lagt til side]], [[Kjent og godtatt til et tidspunkt. Det som kommer av samme funn i mellomtiden, telles.]], [[Ei oppgåve som er lagd til side]], [[Kjend og godteken til eit tidspunkt. Det som kjem av same funn i mellomtida, blir talt.]])
* insert Ours
* insert On(Task)
* extension contains reason 1..1 and since 1..1 and until 1..1 and by 1..1 and from 1..1 and suppressed 1..1
* . ^short = "A Task that is put aside"
* insert Part(reason, string, "why")
* insert PartSaid(reason, [[hvorfor]], [[kvifor]])
* insert Part(since, dateTime, "from when")
* insert PartSaid(since, [[fra når]], [[frå når]])
* insert Part(until, dateTime, "until when")
* insert PartSaid(until, [[til når]], [[til når]])
* insert Part(by, Reference, "by whom")
* insert PartSaid(by, [[av hvem]], [[av kven]])
* insert Part(from, code, "the status that it goes back to")
* insert PartSaid(from, [[statusen den går tilbake til]], [[statusen ho går tilbake til]])
* insert Part(suppressed, unsignedInt, "how often the finding came meanwhile")
* insert PartSaid(suppressed, [[hvor ofte funnet kom i mellomtiden]], [[kor ofte funnet kom i mellomtida]])

Extension: StagedStart
Id: staged-start
Title: "Share of the patients"
Description: "For how many percent of the patients this version is in force; for the others the version before. Set by $activate, $stage and $roll-back alone."
* insert Norwegian([[Andelen av pasientene]], [[For hvor mange prosent av pasientene denne versjonen gjelder; for de andre gjelder den forrige. Settes bare av $activate, $stage og $roll-back.]], [[Delen av pasientane]], [[For kor mange prosent av pasientane denne versjonen gjeld; for dei andre gjeld den førre. Blir berre sett av $activate, $stage og $roll-back.]])
* insert Ours
* insert On(PlanDefinition)
* . ^short = "Share of the patients"
* . 0..1
* value[x] only integer
* value[x] 1..1

Extension: StepDown
Id: step-down
Title: "Less often when all is stable"
Description: "After so long without a red or yellow finding the patient measures by another timing; with one, as before."
* insert Norwegian([[Sjeldnere når alt er stabilt]], [[Etter så lang tid uten røde eller gule funn måler pasienten etter en annen tidsplan; kommer det et funn, som før.]], [[Sjeldnare når alt er stabilt]], [[Etter så lang tid utan raude eller gule funn måler pasienten etter ein annan tidsplan; kjem det eit funn, som før.]])
* insert Ours
* insert On(ActivityDefinition)
* insert On(ServiceRequest)
* extension contains after 1..1 and timing 1..1
* . ^short = "Less often when all is stable"
* extension ^slicing.rules = #closed
* insert Part(after, Duration, "So long nothing red or yellow was found")
* insert PartSaid(after, [[Så lenge er ikke noe rødt eller gult funnet]], [[Så lenge er ikkje noko raudt eller gult funne]])
* insert Part(timing, Timing, "How often then")
* insert PartSaid(timing, [[Hvor ofte da]], [[Kor ofte då]])

Extension: SteppedDown
Id: stepped-down
Title: "It is asked for less often now"
Description: "Since when, and the timing that it goes back to."
* insert Norwegian([[Det bes om sjeldnere nå]], [[Siden når, og tidsplanen det går tilbake til.]], [[Det blir bede om sjeldnare no]], [[Sidan når, og tidsplanen det går tilbake til.]])
* insert Ours
* insert On(ServiceRequest)
* extension contains since 1..1 and timing 0..1
* . ^short = "It is asked for less often now"
* extension ^slicing.rules = #closed
* insert Part(since, dateTime, "Since when")
* insert PartSaid(since, [[Siden når]], [[Sidan når]])
* insert Part(timing, Timing, "As it was before")
* insert PartSaid(timing, [[Slik det var før]], [[Slik det var før]])

Extension: SummaryWindow
Id: summary-window
Title: "Findings that are gathered in one Task"
Description: "Those that come within this Duration of each other, red excepted."
* insert Norwegian([[Funn som samles i én oppgave]], [[De som kommer innen denne tiden etter hverandre, unntatt røde.]], [[Funn som blir samla i éi oppgåve]], [[Dei som kjem innan denne tida etter kvarandre, unnateke raude.]])
* insert Ours
* insert On(PlanDefinition)
* . ^short = "Findings that are gathered in one Task"
* value[x] only Duration
* value[x] 1..1

Extension: SyncStatus
Id: sync-status
Title: "What a device has sent and not sent"
Description: "On a Basic of the code sync-status: what a phone, a hub or a gateway tells of itself. One Basic a device, updated in place."
* insert Norwegian([[Hva en enhet har sendt og ikke sendt]], [[På en Basic med koden sync-status: det en telefon, hub eller gateway forteller om seg selv. Én Basic per enhet, oppdatert på stedet.]], [[Kva ei eining har sendt og ikkje sendt]], [[På ein Basic med koden sync-status: det ein telefon, hub eller gateway fortel om seg sjølv. Éin Basic per eining, oppdatert på staden.]])
* insert Ours
* insert On(Basic)
* extension contains last-sync 0..1 and unsent 1..1 and oldest-unsent 0..1
* . ^short = "What a device has sent and not sent"
* extension ^slicing.rules = #closed
* insert Part(last-sync, dateTime, "When it last sent something")
* insert PartSaid(last-sync, [[Når det sist sendte noe]], [[Når det sist sende noko]])
* insert Part(unsent, unsignedInt, "How many results it holds that it has not sent")
* insert PartSaid(unsent, [[Hvor mange resultater det har som ikke er sendt]], [[Kor mange resultat det har som ikkje er sende]])
* insert Part(oldest-unsent, dateTime, "When the first of them was measured")
* insert PartSaid(oldest-unsent, [[Når det første av dem ble målt]], [[Når det første av dei vart målt]])

Extension: TaskMark
Id: task-mark
Title: "A mark of a Task"
Description: "goal, deadline or passed-deadline: when it is, when it was noticed, and what is done then."
* insert Norwegian([[Et merke på en oppgave]], [[goal, deadline eller passed-deadline: når det er, når det ble oppdaget, og hva som gjøres da.]], [[Eit merke på ei oppgåve]], [[goal, deadline eller passed-deadline: når det er, når det vart oppdaga, og kva som blir gjort då.]])
* insert Ours
* insert On(Task)
* extension contains kind 1..1 and at 1..1 and passed 0..1 and step 0..*
* . ^short = "A mark of a Task"
* insert Part(kind, code, [["goal, deadline or passed-deadline"]])
* insert PartSaid(kind, [[goal, deadline eller passed-deadline]], [[goal, deadline eller passed-deadline]])
* insert Part(at, dateTime, "when it is")
* insert PartSaid(at, [[når det er]], [[når det er]])
* insert Part(passed, dateTime, "when it was noticed")
* insert PartSaid(passed, [[når det ble oppdaget]], [[når det vart oppdaga]])
* extension[step] ^short = "act and to"
* insert PartSaid(step, [[act og to]], [[act og to]])

Extension: TimerSince
Id: timer-since
Title: "What a clock counts from"
Description: "On a periodic trigger: the id of the action's input whose newest resource the time is counted from. So a clock is moved by each measurement."
* insert Norwegian([[Hva en klokke teller fra]], [[På en periodisk utløser: id-en til den input på handlingen hvis nyeste ressurs tiden telles fra. Slik flyttes klokken av hver måling.]], [[Kva ei klokke tel frå]], [[På ein periodisk utløysar: id-en til den input på handlinga der tida blir talt frå den nyaste ressursen. Slik blir klokka flytta av kvar måling.]])
* insert Ours
* insert On(TriggerDefinition)
* . ^short = "What a clock counts from"
* . 0..1
* value[x] only id
* value[x] 1..1

Extension: Urgency
Id: urgency
Title: "What a worklist is ordered by"
Description: "0 to 100: the priority, and within it the marks that have passed."
* insert Norwegian([[Det en arbeidsliste sorteres etter]], [[0 til 100: prioriteten, og innenfor den merkene som er passert.]], [[Det ei arbeidsliste blir sortert etter]], [[0 til 100: prioriteten, og innanfor han merka som er passerte.]])
* insert Ours
* insert On(Task)
* . ^short = "What a worklist is ordered by"
* value[x] only integer
* value[x] 1..1

Extension: CarePlanStage
Id: care-plan-stage
Title: "A stage in which the patient is, or was"
Description: "One for each time; of the one in which the patient is now the end of the period is not said."
* insert Norwegian([[En fase pasienten er i, eller har vært i]], [[Én for hver gang; for den pasienten er i nå, er slutten på perioden ikke sagt.]], [[Ein fase pasienten er i, eller har vore i]], [[Éin for kvar gong; for den pasienten er i no, er slutten på perioden ikkje sagd.]])
* insert Ours
* insert On(CarePlan)
* extension contains plan 1..1 and stage 1..1 and period 1..1 and goal 0..1 and deadline 0..1 and passed 0..* and begun 0..1 and by 0..1 and rule 0..1 and reason 0..1
* . ^short = "A stage in which the patient is, or was"
* extension ^slicing.rules = #closed
* insert Part(plan, uri, [["Of which plan, by its url"]])
* insert PartSaid(plan, [[Hvilken plan, ved url]], [[Kva plan, ved url]])
* insert Part(stage, id, "id of the stage")
* insert PartSaid(stage, [[id til fasen]], [[id til fasen]])
* insert Part(period, Period, "When the patient was there")
* insert PartSaid(period, [[Når pasienten var der]], [[Når pasienten var der]])
* insert Part(goal, dateTime, "When it should be over")
* insert PartSaid(goal, [[Når den bør være over]], [[Når han bør vere over]])
* insert Part(deadline, dateTime, "When it must be over")
* insert PartSaid(deadline, [[Når den må være over]], [[Når han må vere over]])
* insert Part(passed, code, [["goal, deadline: which of them have passed"]])
* insert PartSaid(passed, [[goal, deadline: hvilke av dem som er passert]], [[goal, deadline: kva for nokre av dei som er passerte]])
* insert Part(begun, boolean, [["What it brings was started, and what the one before had started was ended"]])
* insert PartSaid(begun, [[Det den bringer, er satt i gang, og det den forrige satte i gang, er avsluttet]], [[Det han bringar, er sett i gang, og det den førre sette i gang, er avslutta]])
* insert Part(by, Reference, "Who moved the patient there")
* insert PartSaid(by, [[Hvem som flyttet pasienten dit]], [[Kven som flytta pasienten dit]])
* insert Part(rule, string, "The action of the plan that moved the patient there")
* insert PartSaid(rule, [[Handlingen i planen som flyttet pasienten dit]], [[Handlinga i planen som flytta pasienten dit]])
* insert Part(reason, string, "Why")
* insert PartSaid(reason, [[Hvorfor]], [[Kvifor]])

Extension: QualityRequired
Id: quality-required
Title: "How a measurement must have been made to count"
Description: "On the data of a trigger or input, or on a request: the same measurement may count for one plan and not for another. What a measurement does not say of itself it is not."
* insert Norwegian([[Hvordan en måling må være gjort for å telle]], [[På data i en utløser eller input, eller på en bestilling: samme måling kan telle for én plan og ikke for en annen. Det en måling ikke sier om seg selv, er den ikke.]], [[Korleis ei måling må vere gjord for å telje]], [[På data i ein utløysar eller input, eller på ei bestilling: same måling kan telje for éin plan og ikkje for ein annan. Det ei måling ikkje seier om seg sjølv, er ho ikkje.]])
* insert Ours
* insert On(DataRequirement)
* insert On(ServiceRequest)
* insert On(ActivityDefinition)
* extension contains performer 0..* and method 0..* and quality 0..* and device 0..1 and calibrated 0..1 and age 0..1
* . ^short = "How a measurement must have been made to count"
* extension ^slicing.rules = #closed
* insert Part(performer, code, "patient | staff: by whom; any of these")
* insert PartSaid(performer, [[pasient eller helsepersonell: av hvem; en av disse]], [[pasient eller helsepersonell: av kven; ein av desse]])
* insert Part(method, Coding, "How; any of these")
* insert PartSaid(method, [[Hvordan; en av disse]], [[Korleis; ein av desse]])
* insert Part(quality, Coding, "What the measurement says of its quality by measurement-quality; any of these")
* insert PartSaid(quality, [[Hva målingen sier om kvaliteten i measurement-quality; en av disse]], [[Kva målinga seier om kvaliteten i measurement-quality; ein av desse]])
* insert Part(device, boolean, "With a device that is named")
* insert PartSaid(device, [[Med utstyr som er navngitt]], [[Med utstyr som er namngitt]])
* insert Part(calibrated, boolean, "With one whose DeviceMetric is contained and says that it is calibrated")
* insert PartSaid(calibrated, [[Med utstyr som har DeviceMetric ved seg, som sier at det er kalibrert]], [[Med utstyr som har DeviceMetric ved seg, som seier at det er kalibrert]])
* insert Part(age, Duration, "How old at most when it is looked at")
* insert PartSaid(age, [[Hvor gammel den høyst kan være når den ses på]], [[Kor gammal ho høgst kan vere når ho blir sett på]])

Extension: PlannedChange
Id: planned-change
Title: "What it becomes at a moment to come"
Description: "A pause, going on, an end, or another responsible team; one for each moment. Once the moment has come it says that it was done."
* insert Norwegian([[Hva det blir på et tidspunkt som kommer]], [[En pause, at det fortsetter, en slutt, eller et annet ansvarlig team; én for hvert tidspunkt. Når tidspunktet er kommet, sier den at det er gjort.]], [[Kva det blir på eit tidspunkt som kjem]], [[Ein pause, at det held fram, ein slutt, eller eit anna ansvarleg team; éin for kvart tidspunkt. Når tidspunktet har kome, seier han at det er gjort.]])
* insert Ours
* insert On(CarePlan)
* insert On(ServiceRequest)
* extension contains id 1..1 and at 1..1 and status 0..1 and careTeam 0..1 and reason 1..1 and by 0..1 and done 0..1 and outcome 0..1
* . ^short = "What it becomes at a moment to come"
* extension ^slicing.rules = #closed
* insert Part(id, id, "By which it is called")
* insert PartSaid(id, [[Det den kalles ved]], [[Det han blir kalla ved]])
* insert Part(at, instant, "When")
* insert PartSaid(at, [[Når]], [[Når]])
* insert Part(status, code, [["on-hold, active, completed, revoked"]])
* insert PartSaid(status, [[på vent, aktiv, fullført, tilbakekalt]], [[på vent, aktiv, fullført, tilbakekalla]])
* insert Part(careTeam, Reference, "Which team has the responsibility from then on")
* insert PartSaid(careTeam, [[Hvilket team som har ansvaret fra da av]], [[Kva team som har ansvaret frå då av]])
* insert Part(reason, string, "Why")
* insert PartSaid(reason, [[Hvorfor]], [[Kvifor]])
* insert Part(by, Reference, "Who has planned it")
* insert PartSaid(by, [[Hvem som har planlagt det]], [[Kven som har planlagt det]])
* insert Part(done, instant, "When it was done")
* insert PartSaid(done, [[Når det ble gjort]], [[Når det vart gjort]])
* insert Part(outcome, code, [["changed, not-needed, refused"]])
* insert PartSaid(outcome, [[endret, ikke nødvendig, avvist]], [[endra, ikkje nødvendig, avvist]])

Extension: EnoughWhen
Id: enough-when
Title: "When an adaptive form knows enough"
Description: "A FHIRPath over the response so far: once it is true, nothing more is asked."
* insert Norwegian([[Når et adaptivt skjema vet nok]], [[Et FHIRPath-uttrykk over svarene så langt: når det er sant, spørres det ikke om mer.]], [[Når eit adaptivt skjema veit nok]], [[Eit FHIRPath-uttrykk over svara så langt: når det er sant, blir det ikkje spurt om meir.]])
* insert Ours
* insert On(Questionnaire)
* . ^short = "When an adaptive form knows enough"
* . 0..1
* value[x] only Expression
* value[x] 1..1

Extension: MoveToStage
Id: move-to-stage
Title: "The stage that the action leads to"
Description: "When the action applies, the patient is moved on to the stage of this id."
* insert Norwegian([[Fasen handlingen fører til]], [[Når handlingen gjelder, flyttes pasienten videre til fasen med denne id-en.]], [[Fasen handlinga fører til]], [[Når handlinga gjeld, blir pasienten flytta vidare til fasen med denne id-en.]])
* insert Ours
* insert On(PlanDefinition.action)
* . ^short = "The stage that the action leads to"
* . 0..1
* value[x] only id
* value[x] 1..1

Extension: NextQuestionPlan
Id: next-question-plan
Title: "The plan that asks"
Description: "The PlanDefinition whose actions say which question of the adaptive form is next."
* insert Norwegian([[Planen som spør]], [[PlanDefinition som med handlingene sine sier hvilket spørsmål i det adaptive skjemaet som er det neste.]], [[Planen som spør]], [[PlanDefinition som med handlingane sine seier kva spørsmål i det adaptive skjemaet som er det neste.]])
* insert Ours
* insert On(Questionnaire)
* . ^short = "The plan that asks"
* . 0..1
* value[x] only canonical
* value[x] 1..1

Extension: Stage
Id: stage
Title: "A stage of the plan"
Description: "What stands below this outermost action is in force while the patient is in this stage."
* insert Norwegian([[En fase i planen]], [[Det som står under denne ytterste handlingen, gjelder mens pasienten er i denne fasen.]], [[Ein fase i planen]], [[Det som står under denne ytste handlinga, gjeld medan pasienten er i denne fasen.]])
* insert Ours
* insert On(PlanDefinition.action)
* extension contains kind 0..1 and next 0..* and goal 0..1 and deadline 0..1
* . ^short = "A stage of the plan"
* . 0..1
* extension ^slicing.rules = #closed
* insert Part(kind, code, [["primary, or alternate: an exception beside the way that most go"]])
* insert PartSaid(kind, [[primary, eller alternate: et unntak ved siden av veien de fleste går]], [[primary, eller alternate: eit unntak ved sida av vegen dei fleste går]])
* insert Part(next, id, "id of a stage that may come after it; unsaid: any")
* insert PartSaid(next, [[id til en fase som kan komme etter; usagt: hvilken som helst]], [[id til ein fase som kan kome etter; usagt: kva som helst]])
* insert Part(goal, Duration, [["When it should be over, from its beginning"]])
* insert PartSaid(goal, [[Når den bør være over, regnet fra begynnelsen]], [[Når han bør vere over, rekna frå byrjinga]])
* insert Part(deadline, Duration, [["When it must be over, from its beginning"]])
* insert PartSaid(deadline, [[Når den må være over, regnet fra begynnelsen]], [[Når han må vere over, rekna frå byrjinga]])

Extension: MinutesPerTask
Id: minutes-per-task
Title: "What a Task takes"
Description: "How many minutes somebody needs for a Task of the plan, on average, so that the weekly forecast tells how many people are needed."
* insert Norwegian([[Hva en oppgave tar]], [[Hvor mange minutter noen i snitt trenger på en oppgave i planen, så ukens varsel kan si hvor mange folk som trengs.]], [[Kva ei oppgåve tek]], [[Kor mange minutt nokon i snitt treng på ei oppgåve i planen, så varselet for veka kan seie kor mange folk som trengst.]])
* insert Ours
* insert On(PlanDefinition)
* . ^short = "What a Task takes"
* . 0..1
* value[x] only positiveInt
* value[x] 1..1

Extension: Eligibility
Id: eligibility
Title: "What was made sure of before the patient was followed"
Description: "One for each criterion: which, in the words in which it was asked, and whether it was met. Who said so and when stands in the Provenance of the enrolment."
* insert Norwegian([[Det som ble sikret før pasienten ble fulgt]], [[Én for hvert vilkår: hvilket, med ordene det ble spurt med, og om det var oppfylt. Hvem som sa det og når, står i Provenance for innmeldingen.]], [[Det som vart sikra før pasienten vart følgd]], [[Éin for kvart vilkår: kva for eit, med orda det vart spurt med, og om det var oppfylt. Kven som sa det og når, står i Provenance for innmeldinga.]])
* insert Ours
* insert On(CarePlan)
* extension contains criterion 1..1 and met 1..1
* . ^short = "What was made sure of before the patient was followed"
* extension ^slicing.rules = #closed
* insert Part(criterion, CodeableConcept, [["Which criterion, as it was asked"]])
* insert PartSaid(criterion, [[Hvilket kriterium, slik det ble spurt om]], [[Kva kriterium, slik det vart spurt om]])
* insert Part(met, boolean, "Whether it was met")
* insert PartSaid(met, [[Om det var oppfylt]], [[Om det var oppfylt]])
