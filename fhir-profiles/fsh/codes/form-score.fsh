CodeSystem: FormScore
Id: form-score
Title: "Poeng i skjemaer"
Description: "What a form counts, where no LOINC code for it has been verified. The limits of a plan name it."
* insert Worded([[Poeng i skjema]], [[Scores of forms]], [[Det et skjema teller, der ingen LOINC-kode for det er bekreftet. Grensene i en plan bruker navnet.]], [[Det eit skjema tel, der ingen LOINC-kode for det er stadfesta. Grensene i ein plan bruker namnet.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #esas-r-item "Én plage i ESAS-r" "The number from 0 to 10 that is given for one symptom of the Edmonton Symptom Assessment System, revised."
* #esas-r-item insert Designated("Éi plage i ESAS-r", "One symptom of ESAS-r")
* #seizures-4-weeks "Anfall på fire uker" "How many epileptic seizures a person has had in the last four weeks."
* #seizures-4-weeks insert Designated("Anfall på fire veker", "Seizures in four weeks")
* #cat-total "CAT-sum" "The sum from 0 to 40 of the COPD Assessment Test. The questions are licensed; the score may be sent by who has a licence."
* #cat-total insert Designated("CAT-sum", "CAT total")
