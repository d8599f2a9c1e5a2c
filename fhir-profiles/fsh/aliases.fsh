Alias: $LNC = http://loinc.org
Alias: $SCT = http://snomed.info/sct
// Norsk laboratoriekodeverk
Alias: $NLK = urn:oid:2.16.578.1.12.4.1.1.7280
Alias: $UCUM = http://unitsofmeasure.org
Alias: $CATEGORY = http://terminology.hl7.org/CodeSystem/observation-category
Alias: $SCOPE = http://terminology.hl7.org/CodeSystem/consentscope
Alias: $CONSENT = http://terminology.hl7.org/CodeSystem/consentcategorycodes
Alias: $PARTICIPATION = http://terminology.hl7.org/CodeSystem/v3-ParticipationType
Alias: $FNR = urn:oid:2.16.578.1.12.4.1.4.1
Alias: $DNR = urn:oid:2.16.578.1.12.4.1.4.2
Alias: $FHN = urn:oid:2.16.578.1.12.4.1.4.3
Alias: $HPR = urn:oid:2.16.578.1.12.4.1.4.4
Alias: $DUF = urn:oid:2.16.578.1.12.4.1.4.5
Alias: $ENH = urn:oid:2.16.578.1.12.4.1.4.101
Alias: $RESH = urn:oid:2.16.578.1.12.4.1.4.102
// Kategori helsepersonell
Alias: $VOLVEN9060 = urn:oid:2.16.578.1.12.4.1.1.9060
// Type identifikator for person
Alias: $VOLVEN8327 = urn:oid:2.16.578.1.12.4.1.1.8327
// Dokumenttype
Alias: $VOLVEN9602 = urn:oid:2.16.578.1.12.4.1.1.9602
Alias: $FAMILY = http://hl7.no/fhir/CodeSystem/no-basis-family-relation
Alias: $CIVIL = http://hl7.no/fhir/CodeSystem/no-basis-marital-status
Alias: $PARENTAL = http://hl7.no/fhir/CodeSystem/no-basis-parental-responsibility
Alias: $KOMMUNE = https://register.geonorge.no/subregister/sosi-kodelister/kartverket/kommunenummer-alle
Alias: $TRIAGE = http://fylgje.no/fhir/CodeSystem/triage-colour
Alias: $TASK = http://fylgje.no/fhir/CodeSystem/task-code
Alias: $OUTCOME = http://fylgje.no/fhir/CodeSystem/task-outcome
Alias: $ROLE = http://fylgje.no/fhir/CodeSystem/team-role
Alias: $ASSESSMENT = http://fylgje.no/fhir/CodeSystem/assessment-kind

RuleSet: Ours
* ^experimental = false
* ^date = "2026-11-22"
* ^publisher = "Fylgje"

// What a profile is called and what it is for, in bokmål and nynorsk.
RuleSet: Norwegian(titleNb, textNb, titleNn, textNn)
* ^title.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* ^title.extension[0].extension[0].url = "lang"
* ^title.extension[0].extension[0].valueCode = #nb
* ^title.extension[0].extension[1].url = "content"
* ^title.extension[0].extension[1].valueString = "{titleNb}"
* ^title.extension[1].url = "http://hl7.org/fhir/StructureDefinition/translation"
* ^title.extension[1].extension[0].url = "lang"
* ^title.extension[1].extension[0].valueCode = #nn
* ^title.extension[1].extension[1].url = "content"
* ^title.extension[1].extension[1].valueString = "{titleNn}"
* ^description.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* ^description.extension[0].extension[0].url = "lang"
* ^description.extension[0].extension[0].valueCode = #nb
* ^description.extension[0].extension[1].url = "content"
* ^description.extension[0].extension[1].valueMarkdown = "{textNb}"
* ^description.extension[1].url = "http://hl7.org/fhir/StructureDefinition/translation"
* ^description.extension[1].extension[0].url = "lang"
* ^description.extension[1].extension[0].valueCode = #nn
* ^description.extension[1].extension[1].url = "content"
* ^description.extension[1].extension[1].valueMarkdown = "{textNn}"

// The same of what has its title in bokmål, as codes have: the title in nynorsk and English, what it is for in bokmål and nynorsk.
RuleSet: Worded(titleNn, titleEn, textNb, textNn)
* ^title.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* ^title.extension[0].extension[0].url = "lang"
* ^title.extension[0].extension[0].valueCode = #nn
* ^title.extension[0].extension[1].url = "content"
* ^title.extension[0].extension[1].valueString = "{titleNn}"
* ^title.extension[1].url = "http://hl7.org/fhir/StructureDefinition/translation"
* ^title.extension[1].extension[0].url = "lang"
* ^title.extension[1].extension[0].valueCode = #en
* ^title.extension[1].extension[1].url = "content"
* ^title.extension[1].extension[1].valueString = "{titleEn}"
* ^description.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* ^description.extension[0].extension[0].url = "lang"
* ^description.extension[0].extension[0].valueCode = #nb
* ^description.extension[0].extension[1].url = "content"
* ^description.extension[0].extension[1].valueMarkdown = "{textNb}"
* ^description.extension[1].url = "http://hl7.org/fhir/StructureDefinition/translation"
* ^description.extension[1].extension[0].url = "lang"
* ^description.extension[1].extension[0].valueCode = #nn
* ^description.extension[1].extension[1].url = "content"
* ^description.extension[1].extension[1].valueMarkdown = "{textNn}"

// And of what is written as an instance.
RuleSet: Described(textNb, textNn)
* description.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* description.extension[0].extension[0].url = "lang"
* description.extension[0].extension[0].valueCode = #nb
* description.extension[0].extension[1].url = "content"
* description.extension[0].extension[1].valueMarkdown = "{textNb}"
* description.extension[1].url = "http://hl7.org/fhir/StructureDefinition/translation"
* description.extension[1].extension[0].url = "lang"
* description.extension[1].extension[0].valueCode = #nn
* description.extension[1].extension[1].url = "content"
* description.extension[1].extension[1].valueMarkdown = "{textNn}"

RuleSet: Titled(titleNb, titleNn)
* title.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* title.extension[0].extension[0].url = "lang"
* title.extension[0].extension[0].valueCode = #nb
* title.extension[0].extension[1].url = "content"
* title.extension[0].extension[1].valueString = "{titleNb}"
* title.extension[1].url = "http://hl7.org/fhir/StructureDefinition/translation"
* title.extension[1].extension[0].url = "lang"
* title.extension[1].extension[0].valueCode = #nn
* title.extension[1].extension[1].url = "content"
* title.extension[1].extension[1].valueString = "{titleNn}"

// What an invariant says, in bokmål and nynorsk.
RuleSet: Said(textNb, textNn)
* human.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* human.extension[0].extension[0].url = "lang"
* human.extension[0].extension[0].valueCode = #nb
* human.extension[0].extension[1].url = "content"
* human.extension[0].extension[1].valueString = "{textNb}"
* human.extension[1].url = "http://hl7.org/fhir/StructureDefinition/translation"
* human.extension[1].extension[0].url = "lang"
* human.extension[1].extension[0].valueCode = #nn
* human.extension[1].extension[1].url = "content"
* human.extension[1].extension[1].valueString = "{textNn}"

// One coding among others: a code that must, or may, be there.
RuleSet: Coded(slice, card, code)
* code.coding contains {slice} {card}
* code.coding[{slice}] = {code}

RuleSet: CodedBySlices
* code.coding 1..*
* code.coding ^slicing.discriminator.type = #pattern
* code.coding ^slicing.discriminator.path = "$this"
* code.coding ^slicing.rules = #open

RuleSet: Measured(unit)
* value[x] only Quantity
* valueQuantity = $UCUM#{unit}
* valueQuantity.value 1..1

RuleSet: Numbered(slice, system, short)
* identifier contains {slice} 0..*
* identifier[{slice}] ^short = {short}
* identifier[{slice}].system 1..1
* identifier[{slice}].system = {system} (exactly)
* identifier[{slice}].value 1..1

RuleSet: NumberedBySlices
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open

// Where an extension may stand.
RuleSet: On(element)
* ^context[+].type = #element
* ^context[=].expression = "{element}"

// A part of an extension that is made of parts: it has a value of this type.
RuleSet: Part(name, type, short)
* extension[{name}] ^short = {short}
* extension[{name}].value[x] only {type}
* extension[{name}].value[x] 1..1

// What a part of an extension holds, in bokmål and nynorsk.
RuleSet: PartSaid(name, nb, nn)
* extension[{name}] ^short.extension[0].url = "http://hl7.org/fhir/StructureDefinition/translation"
* extension[{name}] ^short.extension[0].extension[0].url = "lang"
* extension[{name}] ^short.extension[0].extension[0].valueCode = #nb
* extension[{name}] ^short.extension[0].extension[1].url = "content"
* extension[{name}] ^short.extension[0].extension[1].valueString = "{nb}"
* extension[{name}] ^short.extension[1].url = "http://hl7.org/fhir/StructureDefinition/translation"
* extension[{name}] ^short.extension[1].extension[0].url = "lang"
* extension[{name}] ^short.extension[1].extension[0].valueCode = #nn
* extension[{name}] ^short.extension[1].extension[1].url = "content"
* extension[{name}] ^short.extension[1].extension[1].valueString = "{nn}"

RuleSet: Designated(nn, en)
* ^designation[0].language = #nn
* ^designation[=].value = {nn}
* ^designation[+].language = #en
* ^designation[=].value = {en}
