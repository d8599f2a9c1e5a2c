CodeSystem: TaskCode
Id: task-code
Title: "Oppgavetype"
Description: "What a Task that the process engine made asks a person to do."
* insert Worded([[Oppgåvetype]], [[Kind of task]], [[Hva en oppgave som prosessmotoren har laget, ber noen om å gjøre.]], [[Kva ei oppgåve som prosessmotoren har laga, ber nokon om å gjere.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #assess-measurement "Vurder måling" "A measurement or an answer lies outside a limit: assess the patient."
* #assess-measurement insert Designated("Vurder måling", "Assess measurement")
* #measure-again "Be om ny måling" "A measurement is unlikely, or cannot be assessed: ask for another."
* #measure-again insert Designated("Be om ny måling", "Ask to measure again")
* #missing-measurement "Finn ut hvorfor måling mangler" "What was expected has not come: find out why."
* #missing-measurement insert Designated("Finn ut kvifor måling manglar", "Find out why nothing came")
* #rule-unevaluable "Regel kunne ikke vurderes" "A rule could not be evaluated for this patient: look at the patient, and at the rule."
* #rule-unevaluable insert Designated("Regelen kunne ikkje vurderast", "Rule could not be evaluated")
* #plan-not-activated "Plan trådte ikke i kraft" "A version of a plan should have come into force at a time, and something stood against it."
* #plan-not-activated insert Designated("Plan tredde ikkje i kraft", "Plan did not come into force")
* #alarm-budget-exceeded "Varslene er over budsjettet" "The Tasks of a plan cost more, or led to less, than its alarm budget promises; the loudest rules are its inputs."
* #alarm-budget-exceeded insert Designated("Varsla er over budsjettet", "Alarms are beyond the budget")
* #shift-understaffed "For få på vakt" "By the weekly forecast of a plan, its team has fewer people on some shifts than the work needs; the shifts are its inputs."
* #shift-understaffed insert Designated([["For få på vakt"]], "Too few people on shift")
* #week-not-forecast "Uken kunne ikke forutses" "The simulation by which a week of a plan is forecast, or by which what it brought is told, failed."
* #week-not-forecast insert Designated("Veka kunne ikkje forutseiast", "Week could not be forecast")
* #migrate-plan "Flytt pasienter til ny versjon" "Patients are moved from one version of a plan to another; the Task tells how far it is."
* #migrate-plan insert Designated("Flytt pasientar til ny versjon", "Move patients to another version")
* #summary "Flere funn" "Funn som kom tett på hverandre er samlet i én oppgave."
* #summary insert Designated("Fleire funn", "Several findings")
* #handover "Overføring av ansvar" "Et team spør et annet om å overta ansvaret."
* #handover insert Designated("Overføring av ansvar", "Handover of responsibility")
* #silence-not-sent "Målt, men ikke sendt" "Results lie on the phone, or were announced, and have not come."
* #silence-not-sent insert Designated([["Målt, men ikkje sendt"]], "Measured but not sent")
* #silence-not-evaluated "Sendt, men ikke vurdert" "Results have come and the engine has not evaluated them."
* #silence-not-evaluated insert Designated([["Sendt, men ikkje vurdert"]], "Sent but not evaluated")
* #silence-not-opened "Oppgaven er ikke åpnet" "A Task has waited for too long for somebody to open it."
* #silence-not-opened insert Designated("Oppgåva er ikkje opna", "The task has not been opened")
* #silence-not-decided "Åpnet, men ikke avgjort" "A Task was opened and has waited for too long for a decision."
* #silence-not-decided insert Designated([["Opna, men ikkje avgjord"]], "Opened but not decided")
* #review-limits "Vurder pasientens grenser" "Limits are proposed, what is usual has moved, or a limit has ended."
* #review-limits insert Designated("Vurder grensene til pasienten", "Review the patient’s limits")
* #conflicting-advice "To planer gir motstridende råd" "Two plans of one patient say the opposite of one thing: a doctor decides."
* #conflicting-advice insert Designated("To planar gjev motstridande råd", "Two plans give conflicting advice")
* #legal-basis-missing "Rettslig grunnlag mangler" "The follow-up no longer rests on what its plan demands, such as a consent that was withdrawn: find another basis, or end it."
* #legal-basis-missing insert Designated("Rettsleg grunnlag manglar", "Legal basis is missing")
* #stage-late "Fase over fristen" "A stage of the plan should have been over: move the patient on, or decide why not."
* #stage-late insert Designated("Fase over fristen", "Stage past its deadline")
* #answer-questionnaire "Svar på skjema" "A form is to be answered, by the patient as a rule."
* #answer-questionnaire insert Designated("Svar på skjema", "Answer the form")
* #referral "Henvisning til oppfølging" "A unit is asked to take the patient into a plan; it accepts or rejects. What the plan wants to know first are Tasks that are parts of it."
* #referral insert Designated("Tilvising til oppfølging", "Referral to be followed")
* #carry-out "Utfør tiltak" "An action of the plan that is only words is to be carried out."
* #carry-out insert Designated("Utfør tiltak", "Carry out")
* #sending-failed "Melding kom ikke fram" "A message to another system could not be sent, or was not taken: mend what is wrong, and send it again by $resend."
* #sending-failed insert Designated("Melding kom ikkje fram", "Message did not arrive")
