// A NamingSystem has no version, and is what tells whoever meets an identifier of ours what it identifies.
RuleSet: Named(uri)
* status = #active
* kind = #identifier
* date = "2026-11-22"
* publisher = "Fylgje"
* uniqueId.type = #uri
* uniqueId.value = {uri}
* uniqueId.preferred = true

Instance: finding
InstanceOf: NamingSystem
Usage: #definition
* name = "Finding"
* description = "Identifies the Task of one finding: plan url, action id, subject and first event, joined by |. The same finding never has two open Tasks."
* insert Named("http://fylgje.no/fhir/NamingSystem/finding")

Instance: triage
InstanceOf: NamingSystem
Usage: #definition
* name = "Triage"
* description = "Identifies the ClinicalImpression that triages one measurement or answer: plan url, CarePlan and what is triaged, joined by |. There is one for each; judged anew it gets a new version."
* insert Named("http://fylgje.no/fhir/NamingSystem/triage")

Instance: workload-forecast
InstanceOf: NamingSystem
Usage: #definition
* name = "WorkloadForecast"
* description = "Identifies the MeasureReport of what one team has to expect of one plan in one week: plan url, team and the beginning of the week, joined by |. There is one for each."
* insert Named("http://fylgje.no/fhir/NamingSystem/workload-forecast")

Instance: news2-of-a-moment
InstanceOf: NamingSystem
Usage: #definition
* name = "News2OfAMoment"
* description = "Identifies the NEWS2 that the server has worked out for one person and moment: reference and instant, joined by |. There is one for each; after a correction it gets a new version."
* insert Named("http://fylgje.no/fhir/NamingSystem/news2")
