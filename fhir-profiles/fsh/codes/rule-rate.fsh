CodeSystem: RuleRate
Id: fylgje-rule-rate
Title: "Hva en regel har ført til"
Description: "Figures for each rule of a plan."
* insert Worded([[Kva ein regel har ført til]], [[What a rule has led to]], [[Tall for hver regel i en plan.]], [[Tal for kvar regel i ein plan.]])
* insert Ours
* ^url = "http://fylgje.no/fhir/CodeSystem/rule-rate"
* ^language = #nb
* ^caseSensitive = true
* #tasks "Oppgaver" "Oppgaver som regelen har laget."
* #tasks insert Designated("Oppgåver", "Tasks")
* #findings "Funn" "Hvor ofte regelen slo til, også når funnet føyde seg til en åpen oppgave."
* #findings insert Designated("Funn", "Findings")
* #suppressed "Dempet" "Funn som kom mens oppgaven var utsatt."
* #suppressed insert Designated("Dempa", "Suppressed")
* #closed "Lukket" "Oppgaver som er avsluttet, på hvilken måte det enn er."
* #closed insert Designated("Lukka", "Closed")
* #acted-on "Fulgt opp" "Oppgaver som er utført."
* #acted-on insert Designated("Følgt opp", "Acted on")
* #patient-days "Pasientdøgn" "Døgn som pasienter har vært fulgt etter planen."
* #patient-days insert Designated("Pasientdøgn", "Patient-days")
* #share-acted-on "Andel fulgt opp" "Av de lukkede oppgavene."
* #share-acted-on insert Designated("Del følgt opp", "Share acted on")
* #minutes-to-decision-median "Minutter til avgjørelse" "Median fra oppgaven ble laget til den var utført."
* #minutes-to-decision-median insert Designated("Minutt til avgjerd", "Minutes to decision")
