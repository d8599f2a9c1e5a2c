// What people look for and R4 has no parameter for. Each is indexed with every resource of its type, so there are few.

RuleSet: Searched(id, code, base, type, expression)
* url = "http://fylgje.no/fhir/SearchParameter/{id}"
* version = "1.0.0"
* status = #active
* experimental = false
* date = "2026-11-23"
* publisher = "Fylgje"
* code = #{code}
* base = #{base}
* type = #{type}
* expression = {expression}
* xpathUsage = #normal

Instance: task-urgency
InstanceOf: SearchParameter
Usage: #definition
* name = "TaskUrgency"
* description = "By urgency, 0 to 100, which grows as marks pass: a worklist is _sort=-urgency."
* insert Described([[Etter hastegrad, 0 til 100, som vokser når merker passeres: en arbeidsliste er _sort=-urgency.]], [[Etter hastegrad, 0 til 100, som veks når merke blir passerte: ei arbeidsliste er _sort=-urgency.]])
* insert Searched(task-urgency, urgency, Task, number, "Task.extension.where(url='http://fylgje.no/fhir/StructureDefinition/urgency'\).value")

Instance: careplan-stage
InstanceOf: SearchParameter
Usage: #definition
* name = "CarePlanStage"
* description = "By the id of a stage in which the patient is, or was."
* insert Described([[Etter id-en til en fase pasienten er i, eller har vært i.]], [[Etter id-en til ein fase pasienten er i, eller har vore i.]])
* insert Searched(careplan-stage, stage, CarePlan, token, "CarePlan.extension.where(url='http://fylgje.no/fhir/StructureDefinition/care-plan-stage'\).extension.where(url='stage'\).value")
