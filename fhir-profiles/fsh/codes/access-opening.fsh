CodeSystem: AccessOpening
Id: access-opening
Title: "Åpning av en journal"
Description: "How a record, or what is closed in it, was opened beyond the care relation. On the Task by which the opening is known and reviewed."
* insert Worded([[Opning av ein journal]], [[Opening of a record]], [[Hvordan en journal, eller det som er sperret i den, ble åpnet utenfor behandlingsrelasjonen. På oppgaven som åpningen blir kjent og gått gjennom ved.]], [[Korleis ein journal, eller det som er sperra i han, vart opna utanfor behandlingsrelasjonen. På oppgåva som opninga blir kjend og gått gjennom ved.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #break-glass "Nødrettstilgang" "A record was opened by somebody without a care relation, with a reason and for a time."
* #break-glass insert Designated("Naudrettstilgang", "Emergency access")
* #open-restricted "Åpning av sperrede opplysninger" "What the patient has closed was opened, with a reason and for a time."
* #open-restricted insert Designated("Opning av sperra opplysningar", "Opening of restricted information")
