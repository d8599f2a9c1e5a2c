CodeSystem: EligibilityCriterion
Id: eligibility-criterion
Title: "Vilkår for oppfølging"
Description: "What is made sure of before somebody is followed at home."
* insert Worded([[Vilkår for oppfølging]], [[Criterion for being followed]], [[Det som sikres før noen følges hjemme.]], [[Det som blir sikra før nokon blir følgd heime.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #can-measure "Kan måle" "The patient can measure and answer, alone or with help."
* #can-measure insert Designated("Kan måle", "Can measure")
* #informed "Er informert" "The patient has been told what it means to be followed, and wants it."
* #informed insert Designated("Er informert", "Is informed")
* #knows-hours "Vet når målingene følges" "The patient knows that nobody watches outside of the hours, and whom to call then."
* #knows-hours insert Designated([["Veit når målingane blir følgde"]], "Knows the hours")
