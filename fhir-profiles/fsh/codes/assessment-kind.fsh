CodeSystem: AssessmentKind
Id: assessment-kind
Title: "Slag vurdering"
Description: "What kind of assessment a ClinicalImpression is."
* insert Worded([[Slag vurdering]], [[Kind of assessment]], [[Hva slags vurdering en ClinicalImpression er.]], [[Kva slags vurdering ein ClinicalImpression er.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #triage "Triage" "The colour that the rules of a plan gave a measurement or an answer."
* #triage insert Designated("Triage", "Triage")
