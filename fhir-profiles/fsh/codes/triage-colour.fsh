CodeSystem: TriageColour
Id: triage-colour
Title: "Triagefarge"
Description: "How soon a clinician must look at something. Shown as colour, shape and word together; never as colour alone."
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #red "Rød" "Act now."
* #red insert Designated("Raud", "Red")
* #yellow "Gul" "Look at it today."
* #yellow insert Designated("Gul", "Yellow")
* #grey "Grå" "Missing, or cannot be assessed."
* #grey insert Designated("Grå", "Grey")
* #green "Grønn" "As expected; no work."
* #green insert Designated("Grøn", "Green")
