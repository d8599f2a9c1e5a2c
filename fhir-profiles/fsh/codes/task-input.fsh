CodeSystem: TaskInput
Id: task-input
Title: "Oppgavegrunnlag"
Description: "What a Task.input of the process engine is."
* insert Worded([[Oppgåvegrunnlag]], [[What a task rests on]], [[Hva en Task.input fra prosessmotoren er.]], [[Kva ein Task.input frå prosessmotoren er.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #evidence "Grunnlag" "A measurement or answer that raised the Task or joined it, with its version."
* #evidence insert Designated("Grunnlag", "Evidence")
* #worsened-from "Forverret fra" "The milder Task that this one grew from."
* #worsened-from insert Designated("Forverra frå", "Worsened from")
* #moment "Tidspunkt som gikk" "The moment at which something was expected, and did not come."
* #moment insert Designated("Tidspunkt som gjekk", "Moment that passed")
* #finding "Funn" "Hva ett av flere funn sier."
* #finding insert Designated("Funn", "Finding")
* #handover-from "Fra" "Den som har ansvaret."
* #handover-from insert Designated("Frå", "From")
* #handover-to "Til" "Den som blir spurt om å overta ansvaret."
* #handover-to insert Designated("Til", "To")
* #artefact "Mulig målefeil" "Hvorfor målingen kan være feil, på et rødt funn som meldes likevel."
* #artefact insert Designated("Mogleg målefeil", "Possible artefact")
* #proposed-limits "Foreslåtte grenser" "The contained Goal that is proposed."
* #proposed-limits insert Designated("Føreslåtte grenser", "Proposed limits")
* #short-shift "For få på vakt" "A shift on which fewer people are rostered than its work needs; its text says how many."
* #short-shift insert Designated([["For få på vakt"]], "Too few on this shift")
* #trial-period "Prøvd på" "The days that a quieter version of a plan was tried on."
* #trial-period insert Designated("Prøvd på", "Tried on")
* #trial-tried "Prøvd" "One thing that was tried, the plan as it is first, and what came of it."
* #trial-tried insert Designated("Prøvd", "Tried")
* #trial-outcome "Utfall" "Why no version is proposed."
* #trial-outcome insert Designated("Utfall", "Outcome")
* #trial-draft "Utkast til ny versjon" "The draft that makes fewer Tasks and misses no red one."
* #trial-draft insert Designated("Utkast til ny versjon", "Draft of the next version")
* #trial-change "Endret i utkastet" "What the draft changes."
* #trial-change insert Designated("Endra i utkastet", "Changed in the draft")
* #trial-tasks-before "Oppgaver per 100 pasientdager med planen slik den er" "Tasks per 100 patient-days, played with the plan as it is."
* #trial-tasks-before insert Designated("Oppgåver per 100 pasientdagar med planen slik han er", "Tasks per 100 patient-days with the plan as it is")
* #trial-tasks-after "Oppgaver per 100 pasientdager med utkastet" "Tasks per 100 patient-days, played with the draft."
* #trial-tasks-after insert Designated("Oppgåver per 100 pasientdagar med utkastet", "Tasks per 100 patient-days with the draft")
* #trial-acted-on-before "Andel som førte til noe med planen slik den er" "Percent of the closed Tasks that led to something, with the plan as it is."
* #trial-acted-on-before insert Designated("Del som førte til noko med planen slik han er", "Share acted on with the plan as it is")
* #trial-acted-on-after "Andel som førte til noe med utkastet" "Percent of the closed Tasks that led to something, with the draft."
* #trial-acted-on-after insert Designated("Del som førte til noko med utkastet", "Share acted on with the draft")
* #trial-reds-missed "Røde oppgaver som ville blitt borte" "Red Tasks that were made and the draft would not have made; always 0 for what is proposed."
* #trial-reds-missed insert Designated("Raude oppgåver som ville blitt borte", "Red Tasks that would not have been made")
* #trial-acted-on-missed "Oppgaver som førte til noe og ville blitt borte" "Tasks that led to something and the draft would not have made."
* #trial-acted-on-missed insert Designated("Oppgåver som førte til noko og ville blitt borte", "Tasks that led to something and would not have been made")
* #trial-cases-failing "Eksempler i planen som må ses på på nytt" "Cases of the plan that expect what the draft does not do."
* #trial-cases-failing insert Designated("Døme i planen som må sjåast på på nytt", "Cases of the plan that must be looked at again")
* #questionnaire "Skjema" "The form that is to be answered."
* #questionnaire insert Designated("Skjema", "Form")
