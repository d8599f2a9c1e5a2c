CodeSystem: Workload
Id: fylgje-workload
Title: "Arbeidsmengde"
Description: "Figures for one shift of one kind: what is expected, and what came."
* insert Worded([[Arbeidsmengd]], [[Workload]], [[Tall for én vakt av ett slag: hva som er ventet, og hva som kom.]], [[Tal for éi vakt av eitt slag: kva som er venta, og kva som kom.]])
* insert Ours
* ^url = "http://fylgje.no/fhir/CodeSystem/workload"
* ^language = #nb
* ^caseSensitive = true
* #patients "Pasienter" "Hvor mange som ble fulgt etter planen da prognosen ble laget."
* #patients insert Designated("Pasientar", "Patients")
* #expected-p95 "Ventet på det meste" "Så mange oppgaver eller færre i 19 av 20 slike vakter."
* #expected-p95 insert Designated("Venta på det meste", "Expected at most")
* #people-needed "Personer som trengs" "Så mange at de rekker det som kommer i 19 av 20 slike vakter."
* #people-needed insert Designated("Personar som trengst", "People needed")
* #people-rostered "Personer på vakt" "Så mange som har vakten, i snitt."
* #people-rostered insert Designated("Personar på vakt", "People rostered")
* #shifts "Vakter" "Hvor mange slike vakter uken hadde."
* #shifts insert Designated("Vakter", "Shifts")
* #came-mean "Kom i snitt" "Oppgaver som kom i en slik vakt, i snitt."
* #came-mean insert Designated("Kom i snitt", "Came on average")
* #came-p95 "Kom på det meste i 19 av 20" "Oppgaver som kom i en slik vakt, eller færre, i 19 av 20."
* #came-p95 insert Designated("Kom på det meste i 19 av 20", "Came in 19 of 20 at most")
* #came-max "Kom i den verste" "Oppgaver som kom i den verste av dem."
* #came-max insert Designated("Kom i den verste", "Came in the worst")
* #difference "Avvik" "Det som kom i snitt, minus det som var ventet."
* #difference insert Designated("Avvik", "Difference")
