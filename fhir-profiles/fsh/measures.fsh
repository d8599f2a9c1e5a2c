Instance: rule-rates
InstanceOf: Measure
Usage: #definition
* url = "http://fylgje.no/fhir/Measure/rule-rates"
* version = "1.0.0"
* name = "RuleRates"
* title = "What the rules of a plan have led to"
* status = #active
* experimental = false
* date = "2026-11-22"
* publisher = "Fylgje"
* description = "Of each rule of a plan: Tasks, findings, those that were suppressed, closed and acted on; the score is Tasks per 100 patient-days. Worked out by PlanDefinition/$rule-rates."
* insert Titled([[Hva reglene i en plan har ført til]], [[Kva reglane i ein plan har ført til]])
* insert Described([[For hver regel i en plan: oppgaver, funn, de som ble holdt tilbake, lukket og handlet på; poenget er oppgaver per 100 pasientdøgn. Regnes ut av PlanDefinition/$rule-rates.]], [[For kvar regel i ein plan: oppgåver, funn, dei som vart haldne tilbake, lukka og handla på; poenget er oppgåver per 100 pasientdøgn. Blir rekna ut av PlanDefinition/$rule-rates.]])
* subjectCodeableConcept.text = "PlanDefinition"

Instance: fylgje-workload-forecast
InstanceOf: Measure
Usage: #definition
* url = "http://fylgje.no/fhir/Measure/workload-forecast"
* version = "1.0.0"
* name = "WorkloadForecast"
* title = "What a team has to expect in a week"
* status = #active
* experimental = false
* date = "2026-11-23"
* publisher = "Fylgje"
* description = "Of each kind of shift of a team: the Tasks of one such shift (the score), how many at most in 19 of 20, people needed and rostered; when the week is over, what came. Worked out each Monday from the four weeks before, for as many patients as there are."
* insert Titled([[Hva et team har å vente i en uke]], [[Kva eit team har å vente i ei veke]])
* insert Described([[For hvert slag vakt i et team: oppgavene på én slik vakt (poenget), hvor mange på det meste i 19 av 20, folk som trengs og er satt opp; når uken er over, det som kom. Regnes ut hver mandag av de fire ukene før, for like mange pasienter som det er.]], [[For kvart slag vakt i eit team: oppgåvene på éi slik vakt (poenget), kor mange på det meste i 19 av 20, folk som trengst og er sette opp; når veka er over, det som kom. Blir rekna ut kvar måndag av dei fire vekene før, for like mange pasientar som det er.]])
* subjectCodeableConcept.text = "PlanDefinition"
