CodeSystem: AccessRole
Id: access-role
Title: "Hva noen kan gjøre her"
Description: "Roles of the access policy. A PractitionerRole says them beside what the profession says."
* insert Worded([[Kva nokon kan gjere her]], [[What somebody can do here]], [[Rollene i tilgangspolitikken. En PractitionerRole sier dem ved siden av det yrket sier.]], [[Rollene i tilgangspolitikken. Ein PractitionerRole seier dei ved sida av det yrket seier.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #nurse "Sykepleier" "Treats patients of the own unit as a nurse."
* #nurse insert Designated("Sjukepleiar", "Nurse")
* #doctor "Lege" "Treats patients of the own unit as a doctor."
* #doctor insert Designated("Lege", "Doctor")
* #responder "Medarbeider i responssenter" "Works on the Tasks of a response centre."
* #responder insert Designated("Medarbeidar i responssenter", "Response centre worker")
* #plan-author "Planforfatter" "Writes, tries and puts plans into force."
* #plan-author insert Designated("Planforfattar", "Plan author")
* #administrator "Administrator" "Runs the service: clients, keys, subscriptions that fail, and what the policy is."
* #administrator insert Designated("Administrator", "Administrator")
* #privacy-officer "Personvernombud" "Reads and takes out the audit."
* #privacy-officer insert Designated("Personvernombod", "Data protection officer")
