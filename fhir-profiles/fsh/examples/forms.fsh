Instance: breathing-form
InstanceOf: PatientForm
Usage: #example
* url = "http://fylgje.no/fhir/Questionnaire/breathing"
* version = "1.0.0"
* title = "Pusten i dag"
* status = #active
* subjectType = #Patient
* item[0].linkId = "today"
* item[=].type = #group
* item[=].item[0].linkId = "breath"
* item[=].item[=].type = #choice
* item[=].item[=].text = "Hvordan er pusten din i dag?"
* item[=].item[=].answerOption[0].valueString = "Som vanlig"
* item[=].item[=].answerOption[+].valueString = "Verre"

Instance: licensed-form
InstanceOf: PatientForm
Usage: #example
* url = "http://fylgje.no/fhir/Questionnaire/licensed-example"
* version = "1.0.0"
* title = "Et skjema som krever lisens (tomt skall)"
* status = #draft
* subjectType = #Patient
* copyright = "Copyright of its publisher; its items are not part of this content."
* item.linkId = "licence"
* item.type = #display
* item.text = "Spørsmålene er beskyttet av opphavsrett. Den som har lisens, setter dem inn her."
