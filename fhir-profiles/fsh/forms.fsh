Profile: PatientForm
Parent: Questionnaire
Id: patient-form
Title: "Form for a patient"
Description: "What a patient is asked. Its answers name this version, so it has one; every question has words. A form that is licensed stands here as a shell: without its questions, and with whose it is."
* insert Norwegian([[Skjema til pasient]], [[Det en pasient blir spurt om. Svarene nevner denne versjonen, så det har en; hvert spørsmål har ord. Et skjema som er lisensiert, står her som et skall: uten spørsmålene, og med hvem som eier det.]], [[Skjema til pasient]], [[Det ein pasient blir spurd om. Svara nemner denne versjonen, så det har ein; kvart spørsmål har ord. Eit skjema som er lisensiert, står her som eit skal: utan spørsmåla, og med kven som eig det.]])
* insert Ours
* url and version and title and status and subjectType and copyright and item MS
* url 1..1
* version 1..1
* title 1..1
* subjectType 1..*
* item 1..*
* obeys asks-in-words and shell-says-whose

Invariant: asks-in-words
Description: "What is asked or told has a text, in groups too."
Severity: #error
Expression: "repeat(item).where(type != 'group').all(text.exists())"
* insert Said([[Det som blir spurt om eller fortalt, har en tekst, også i grupper.]], [[Det som blir spurt om eller fortalt, har ein tekst, også i grupper.]])

Invariant: shell-says-whose
Description: "A form that asks nothing is a shell of one that is licensed, and its copyright says whose."
Severity: #error
Expression: "repeat(item).exists(type != 'group' and type != 'display') or copyright.exists()"
* insert Said([[Et skjema som ikke spør om noe, er et tomt skall for et som andre eier, og copyright sier hvem.]], [[Eit skjema som ikkje spør om noko, er eit tomt skal for eit som andre eig, og copyright seier kven.]])

Profile: PatientAnswers
Parent: QuestionnaireResponse
Id: patient-answers
Title: "Answers of a patient"
Description: "To which version of which form, of whom, when, by whom."
* insert Norwegian([[Pasientens svar]], [[På hvilken versjon av hvilket skjema, om hvem, når, fra hvem.]], [[Svara til pasienten]], [[På kva versjon av kva skjema, om kven, når, frå kven.]])
* insert Ours
* status and questionnaire and subject and authored and source and item MS
* questionnaire 1..1
* questionnaire obeys names-a-version
* subject 1..1
* subject only Reference(Patient)
* authored 1..1
* source 1..1

Invariant: names-a-version
Description: "The form is named with its version, for answers mean what that version asked."
Severity: #error
Expression: "$this.contains('|')"
* insert Said([[Skjemaet er navngitt med versjon, for svarene betyr det den versjonen spurte om.]], [[Skjemaet er namngitt med versjon, for svara tyder det den versjonen spurde om.]])
