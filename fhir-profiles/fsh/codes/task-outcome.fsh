CodeSystem: TaskOutcome
Id: task-outcome
Title: "Utfall av oppgaven"
Description: "How a Task about a patient ended, as Task.statusReason of one that is completed."
* insert Worded([[Utfall av oppgåva]], [[Outcome of a task]], [[Hvordan en oppgave om en pasient endte, som Task.statusReason på en som er fullført.]], [[Korleis ei oppgåve om ein pasient enda, som Task.statusReason på ei som er fullførd.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #no-action "Vurdert, ingen tiltak" "Somebody has looked at it, and it needed nothing."
* #no-action insert Designated([["Vurdert, ingen tiltak"]], [["Assessed, no action"]])
* #advised "Råd gitt" "The patient, or who helps them, was advised."
* #advised insert Designated("Råd gitt", "Advice given")
* #treated "Behandling etter egenbehandlingsplan" "The patient was treated by what was agreed for it."
* #treated insert Designated("Behandling etter eigenbehandlingsplan", "Treated by the self-treatment plan")
* #doctor "Avklart med lege" "A doctor was asked, and it is settled."
* #doctor insert Designated("Avklart med lege", "Settled with a doctor")
* #referred "Sendt til legevakt eller sykehus" "The patient was sent to casualty or hospital."
* #referred insert Designated("Send til legevakt eller sjukehus", "Sent to casualty or hospital")
* #artefact "Feil måling" "What it was about was no true reading."
* #artefact insert Designated("Feil måling", "Faulty reading")

ValueSet: TaskOutcomes
Id: task-outcomes
Title: "Utfall av oppgaver"
Description: "How Tasks about patients end."
* insert Worded([[Utfall av oppgåver]], [[Outcomes of tasks]], [[Hvordan oppgaver om pasienter ender.]], [[Korleis oppgåver om pasientar endar.]])
* insert Ours
* include codes from system $OUTCOME
