CodeSystem: TaskInput
Id: task-input
Title: "Oppgavegrunnlag"
Description: "What a Task.input of the process engine is."
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #evidence "Grunnlag" "A measurement or answer that raised the Task or joined it, with its version."
* #evidence insert Designated("Grunnlag", "Evidence")
* #worsened-from "Forverret fra" "The milder Task that this one grew from."
* #worsened-from insert Designated("Forverra frå", "Worsened from")
* #moment "Tidspunkt som gikk" "The moment at which something was expected, and did not come."
* #moment insert Designated("Tidspunkt som gikk", "Moment that passed")
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
