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

Instance: act
InstanceOf: NamingSystem
Usage: #definition
* name = "Act"
* description = "Identifies what somebody did about a Task in an app, by a key of the app's own. Sent twice it is kept once."
* insert Named("http://fylgje.no/fhir/NamingSystem/act")

Instance: closing
InstanceOf: NamingSystem
Usage: #definition
* name = "Closing"
* description = "Identifies the summary with which an enrolment ends: the reference to its CarePlan. There is one for each."
* insert Named("http://fylgje.no/fhir/NamingSystem/closing")

Instance: device
InstanceOf: NamingSystem
Usage: #definition
* name = "Device"
* description = "Identifies a part of the server that acts by itself, such as the engine or the worker that closes plans."
* insert Named("http://fylgje.no/fhir/NamingSystem/device")

Instance: enrolment-key
InstanceOf: NamingSystem
Usage: #definition
* name = "EnrolmentKey"
* description = "Identifies an enrolment by the caller's own key. Asked for twice it is made once."
* insert Named("http://fylgje.no/fhir/NamingSystem/enrolment-key")

Instance: event-key
InstanceOf: NamingSystem
Usage: #definition
* name = "EventKey"
* description = "Identifies an event with a name by the sender's own key. Told twice it happens once."
* insert Named("http://fylgje.no/fhir/NamingSystem/event-key")

Instance: notice
InstanceOf: NamingSystem
Usage: #definition
* name = "Notice"
* description = "Identifies a notice about a Task: the reference to it, the moment and which of that moment's notices, joined by |; or what the notice asks for. There is one for each."
* insert Named("http://fylgje.no/fhir/NamingSystem/notice")
