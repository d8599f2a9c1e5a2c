CodeSystem: NamedEvent
Id: named-event
Title: "Hendelser med navn"
Description: "Basic.code of an event that somebody has told a patient's plans: the name by which a trigger listens to it. The names are those of the plans."
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* ^content = #not-present
