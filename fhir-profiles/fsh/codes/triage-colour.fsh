CodeSystem: TriageColour
Id: triage-colour
Title: "Triagefarge"
Description: "How soon a clinician must look at something. Shown as colour, shape and word together; never as colour alone."
* insert Worded([[Triagefarge]], [[Triage colour]], [[Hvor raskt en kliniker må se på noe. Vises som farge, form og ord sammen, aldri bare som farge.]], [[Kor raskt ein klinikar må sjå på noko. Blir vist som farge, form og ord saman, aldri berre som farge.]])
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
