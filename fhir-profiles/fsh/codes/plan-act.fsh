CodeSystem: PlanAct
Id: plan-act
Title: "Handling med en plan"
Description: "What was done with a version of a plan, or with the enrolments in it."
* insert Worded([[Handling med ein plan]], [[Act with a plan]], [[Det som ble gjort med en versjon av en plan, eller med dem som følges etter den.]], [[Det som vart gjort med ein versjon av ein plan, eller med dei som blir følgde etter han.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #submit "Sendt til godkjenning" "Its author holds it ready."
* #submit insert Designated("Send til godkjenning", "Submitted")
* #approve "Godkjent" "A second person has said yes to exactly this content."
* #approve insert Designated("Godkjend", "Approved")
* #schedule "Satt til å tre i kraft" "It will come into force at a time."
* #schedule insert Designated("Sett til å tre i kraft", "Scheduled")
* #activate "Trådt i kraft" "It is in force."
* #activate insert Designated("Tredd i kraft", "Activated")
* #stage "Andel endret" "It is in force for another share of the patients."
* #stage insert Designated("Del endra", "Staged")
* #roll-back "Trukket tilbake" "It is out of force, and the version before is back in it."
* #roll-back insert Designated("Trekt tilbake", "Rolled back")
* #retire "Utgått" "It is out of force."
* #retire insert Designated("Utgått", "Retired")
* #migrate "Pasienter flyttet" "Patients were moved to it."
* #migrate insert Designated("Pasientar flytta", "Migrated")
* #undo-migration "Flytting angret" "Patients were moved back."
* #undo-migration insert Designated("Flytting angra", "Migration undone")
* #shadow "Løper i skyggen" "It decides beside the version in force, and makes nothing."
* #shadow insert Designated("Løper i skuggen", "Runs in shadow")
* #end-shadow "Løper ikke lenger i skyggen" "It does so no longer."
* #end-shadow insert Designated("Løper ikkje lenger i skuggen", "Runs in shadow no longer")
* #enrol "Innmelding i plan" "A patient was put in it."
* #enrol insert Designated("Innmelding i plan", "Enrolled")
