CodeSystem: MadeBy
Id: made-by
Title: "Laget av"
Description: "Security labels of resources that are theirs who made them, such as Subscriptions: a hash of the app and the user. Only the server writes them."
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* ^content = #not-present

CodeSystem: SubscriptionBasis
Id: subscription-basis
Title: "Rett til å bli varslet"
Description: "Security labels of Subscriptions: by which access the maker is told. Only the server writes them."
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* ^content = #not-present

CodeSystem: MessageEvent
Id: message-event
Title: "Meldingshendelser"
Description: "MessageHeader.event of the messages that this server sends."
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #subscription-notification "Varsel fra et abonnement" "A notice of a Subscription, as the backport of R5 has it, is what the message is about."
* #subscription-notification insert Designated("Varsel frå eit abonnement", "Notice of a Subscription")

CodeSystem: OperationTask
Id: operation-task
Title: "Driftsoppgaver"
Description: "What whoever runs the server has to do: of no patient."
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
* insert Named("http://fylgje.no/fhir/NamingSystem/subscription-failure")
