CodeSystem: TeamRole
Id: team-role
Title: "Rolle i teamet"
Description: "Who in a team is asked to perform a Task."
* insert Worded([[Rolle i teamet]], [[Role in the team]], [[Hvem i et team som bes om å gjøre en oppgave.]], [[Kven i eit team som blir beden om å gjere ei oppgåve.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #response-nurse "Sykepleier i responssenter" "Nurse who watches the worklist of a response centre."
* #response-nurse insert Designated("Sjukepleiar i responssenter", "Response centre nurse")
* #doctor "Lege" "The doctor who answers for the treatment."
* #doctor insert Designated("Lege", "Doctor")
* #coordinator "Forløpskoordinator" "Who sees to it that a planned course of a hospital goes on, and is the patient's contact."
* #coordinator insert Designated("Forløpskoordinator", "Pathway coordinator")
* #anaesthetist "Anestesilege" "The doctor who answers for the anaesthetic."
* #anaesthetist insert Designated("Anestesilege", "Anaesthetist")
* #therapist "Behandler" "Psychologist, nurse or other therapist who follows a patient through a treatment programme."
* #therapist insert Designated("Behandlar", "Therapist")
* #midwife "Jordmor" "The midwife who follows a pregnancy, and the time after the birth."
* #midwife insert Designated("Jordmor", "Midwife")
