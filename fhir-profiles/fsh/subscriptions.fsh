CodeSystem: MadeBy
Id: made-by
Title: "Laget av"
Description: "Security labels of resources that are theirs who made them, such as Subscriptions: a hash of the app and the user. Only the server writes them."
* insert Worded([[Laga av]], [[Made by]], [[Sikkerhetsmerker på ressurser som tilhører den som laget dem, som abonnementer: en hash av appen og brukeren. Bare serveren skriver dem.]], [[Tryggleiksmerke på ressursar som høyrer til den som laga dei, som abonnement: ein hash av appen og brukaren. Berre serveren skriv dei.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* ^content = #not-present

CodeSystem: SubscriptionBasis
Id: subscription-basis
Title: "Rett til å bli varslet"
Description: "Security labels of Subscriptions: by which access the maker is told. Only the server writes them."
* insert Worded([[Rett til å bli varsla]], [[Right to be told]], [[Sikkerhetsmerker på abonnementer: med hvilken tilgang den som laget det, varsles. Bare serveren skriver dem.]], [[Tryggleiksmerke på abonnement: med kva tilgang den som laga det, blir varsla. Berre serveren skriv dei.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* ^content = #not-present

CodeSystem: MessageEvent
Id: message-event
Title: "Meldingshendelser"
Description: "MessageHeader.event of the messages that this server sends."
* insert Worded([[Meldingshendingar]], [[Events of messages]], [[MessageHeader.event i meldingene denne serveren sender.]], [[MessageHeader.event i meldingane denne serveren sender.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #subscription-notification "Varsel fra et abonnement" "A notice of a Subscription, as the backport of R5 has it, is what the message is about."
* #subscription-notification insert Designated("Varsel frå eit abonnement", "Notice of a Subscription")

CodeSystem: OperationTask
Id: operation-task
Title: "Driftsoppgaver"
Description: "What whoever runs the server has to do: of no patient."
* insert Worded([[Driftsoppgåver]], [[Tasks of operation]], [[Det den som drifter serveren må gjøre; gjelder ingen pasient.]], [[Det den som driftar serveren må gjere; gjeld ingen pasient.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #subscription-failed "En mottaker får ikke varsler" "A subscriber could not be told so often that nothing is sent any more."
* #subscription-failed insert Designated("Ein mottakar får ikkje varsel", "A subscriber is not told")

Instance: subscription-failure
InstanceOf: NamingSystem
Usage: #definition
* name = "SubscriptionFailure"
* description = "Identifies the Task about a Subscription that cannot be sent by the id of it. There is one open Task for each."
* insert Described([[Identifiserer oppgaven om et abonnement som ikke lar seg sende, med id-en til abonnementet. Det er én åpen oppgave for hvert.]], [[Identifiserer oppgåva om eit abonnement som ikkje lèt seg sende, med id-en til abonnementet. Det er éi open oppgåve for kvart.]])
* insert Named("http://fylgje.no/fhir/NamingSystem/subscription-failure")
