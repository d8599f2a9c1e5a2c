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
* subjectCodeableConcept.text = "PlanDefinition"
