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
* insert Described([[Identifiserer oppgaven for ett funn: planens url, handlingens id, pasienten og den første hendelsen, skilt med |. Samme funn har aldri to åpne oppgaver.]], [[Identifiserer oppgåva for eitt funn: url til planen, id til handlinga, pasienten og den første hendinga, skilde med |. Same funn har aldri to opne oppgåver.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/finding")

Instance: triage
InstanceOf: NamingSystem
Usage: #definition
* name = "Triage"
* description = "Identifies the ClinicalImpression that triages one measurement or answer: plan url, CarePlan and what is triaged, joined by |. There is one for each; judged anew it gets a new version."
* insert Described([[Identifiserer ClinicalImpression for triagen av én måling eller ett svar: planens url, CarePlan og det som triageres, skilt med |. Det er én for hver; vurdert på nytt får den en ny versjon.]], [[Identifiserer ClinicalImpression for triagen av éi måling eller eitt svar: url til planen, CarePlan og det som blir triagert, skilde med |. Det er éin for kvar; vurdert på nytt får han ein ny versjon.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/triage")

Instance: workload-forecast
InstanceOf: NamingSystem
Usage: #definition
* name = "WorkloadForecast"
* description = "Identifies the MeasureReport of what one team has to expect of one plan in one week: plan url, team and the beginning of the week, joined by |. There is one for each."
* insert Described([[Identifiserer MeasureReport for hva ett team har å vente av én plan i én uke: planens url, teamet og begynnelsen av uken, skilt med |. Det er én for hver.]], [[Identifiserer MeasureReport for kva eitt team har å vente av éin plan i éi veke: url til planen, teamet og starten på veka, skilde med |. Det er éin for kvar.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/workload-forecast")

Instance: news2-of-a-moment
InstanceOf: NamingSystem
Usage: #definition
* name = "News2OfAMoment"
* description = "Identifies the NEWS2 that the server has worked out for one person and moment: reference and instant, joined by |. There is one for each; after a correction it gets a new version."
* insert Described([[Identifiserer den NEWS2 serveren har regnet ut for én person og ett tidspunkt: referanse og tidspunkt, skilt med |. Det er én for hvert; etter en rettelse får den en ny versjon.]], [[Identifiserer den NEWS2 serveren har rekna ut for éin person og eitt tidspunkt: referanse og tidspunkt, skilde med |. Det er éin for kvart; etter ei retting får han ein ny versjon.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/news2")

Instance: act
InstanceOf: NamingSystem
Usage: #definition
* name = "Act"
* description = "Identifies what somebody did about a Task in an app, by a key of the app's own. Sent twice it is kept once."
* insert Described([[Identifiserer det noen gjorde med en oppgave i en app, med en nøkkel fra appen. Sendt to ganger lagres det én gang.]], [[Identifiserer det nokon gjorde med ei oppgåve i ein app, med ein nøkkel frå appen. Sendt to gonger blir det lagra éin gong.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/act")

Instance: closing
InstanceOf: NamingSystem
Usage: #definition
* name = "Closing"
* description = "Identifies the summary with which an enrolment ends: the reference to its CarePlan. There is one for each."
* insert Described([[Identifiserer oppsummeringen som en oppfølging slutter med: referansen til dens CarePlan. Det er én for hver.]], [[Identifiserer oppsummeringa som ei oppfølging sluttar med: referansen til CarePlan for henne. Det er éi for kvar.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/closing")

Instance: device
InstanceOf: NamingSystem
Usage: #definition
* name = "Device"
* description = "Identifies a part of the server that acts by itself, such as the engine or the worker that closes plans."
* insert Described([[Identifiserer en del av serveren som handler av seg selv, som motoren eller den som avslutter planer.]], [[Identifiserer ein del av serveren som handlar av seg sjølv, som motoren eller den som avsluttar planar.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/device")

Instance: enrolment-key
InstanceOf: NamingSystem
Usage: #definition
* name = "EnrolmentKey"
* description = "Identifies an enrolment by the caller's own key. Asked for twice it is made once."
* insert Described([[Identifiserer en innmelding med en nøkkel fra den som ber om den. Bedt om to ganger blir den gjort én gang.]], [[Identifiserer ei innmelding med ein nøkkel frå den som ber om henne. Beden om to gonger blir ho gjord éin gong.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/enrolment-key")

Instance: event-key
InstanceOf: NamingSystem
Usage: #definition
* name = "EventKey"
* description = "Identifies an event with a name by the sender's own key. Told twice it happens once."
* insert Described([[Identifiserer en hendelse med navn med avsenderens egen nøkkel. Fortalt to ganger skjer den én gang.]], [[Identifiserer ei hending med namn med nøkkelen til avsendaren. Fortald to gonger skjer ho éin gong.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/event-key")

Instance: notice
InstanceOf: NamingSystem
Usage: #definition
* name = "Notice"
* description = "Identifies a notice about a Task: the reference to it, the moment and which of that moment's notices, joined by |; or what the notice asks for. There is one for each."
* insert Described([[Identifiserer et varsel om en oppgave: referansen til den, tidspunktet og hvilket av varslene det da var, skilt med |; eller det varselet ber om. Det er ett for hvert.]], [[Identifiserer eit varsel om ei oppgåve: referansen til henne, tidspunktet og kva for eit av varsla det då var, skilde med |; eller det varselet ber om. Det er eitt for kvart.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/notice")

Instance: invitation
InstanceOf: NamingSystem
Usage: #definition
* name = "Invitation"
* description = "Identifies the Task of one invitation to the patient app: the SHA-256 of the code in its link, in hex. Whoever reads the Task cannot make the link of it."
* insert Described([[Identifiserer oppgaven for én invitasjon til pasientappen: SHA-256 av koden i lenken, heksadesimalt. Den som leser oppgaven, kan ikke lage lenken av den.]], [[Identifiserer oppgåva for éin invitasjon til pasientappen: SHA-256 av koden i lenkja, heksadesimalt. Den som les oppgåva, kan ikkje lage lenkja av henne.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/invitation")
