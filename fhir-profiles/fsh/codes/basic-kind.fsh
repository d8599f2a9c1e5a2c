CodeSystem: BasicKind
Id: basic-kind
Title: "Hva en Basic er"
Description: "What a Basic of ours is, beside the named events."
* insert Worded([[Kva ein Basic er]], [[What a Basic is]], [[Hva en Basic her er, ved siden av hendelsene med navn.]], [[Kva ein Basic her er, ved sida av hendingane med namn.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #sync-status "Hva enheten har sendt og ikke sendt" "How many results a phone, hub or gateway holds that it has not sent yet."
* #sync-status insert Designated("Kva eininga har sendt og ikkje sendt", "What the device has sent and not sent")
* #data-access "Noen har fått opplysninger" "Somebody was given data that some plan waits for the reading of; which, event-about says by version."
* #data-access insert Designated("Nokon har fått opplysningar", "Somebody was given data")
