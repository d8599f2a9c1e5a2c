CodeSystem: PatientApp
Id: patient-app
Title: "Pasientappen"
Description: "What the app of patients is about: Tasks that begin its use, and what patients write to the team from it."
* insert Worded([[Pasientappen]], [[The patient app]], [[Hva pasientappen handler om: oppgaver som begynner bruken av den, og det pasienter skriver til teamet fra den.]], [[Kva pasientappen handlar om: oppgåver som byrjar bruken av han, og det pasientar skriv til teamet frå han.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #start-app "Kom i gang i appen" "The patient was invited to the app; done when they have signed in by the link."
* #start-app insert Designated("Kom i gang i appen", "Get started with the app")
* #appointment-wish "Ønske om avtale" "The patient asks for an appointment."
* #appointment-wish insert Designated("Ønske om avtale", "Wish for an appointment")
* #feedback "Tilbakemelding" "What the patient thinks of the app or of the follow-up."
* #feedback insert Designated("Tilbakemelding", "Feedback")
* #medication-review "Forberedelse til legemiddelgjennomgang" "What the patient has noted before a medication review."
* #medication-review insert Designated("Førebuing til legemiddelgjennomgang", "Preparation for a medication review")
