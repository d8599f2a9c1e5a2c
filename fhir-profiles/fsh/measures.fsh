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
