Instance: line
InstanceOf: FylgjePatient
Usage: #example
* identifier[fnr].system = $FNR
* identifier[fnr].value = "13116900216"
* identifier[fnr].use = #official
* name.use = #official
* name.family = "Danser"
* name.given = "Line"
* name.extension.url = "http://hl7.no/fhir/StructureDefinition/no-basis-middlename"
* name.extension.valueString = "Skogen"
* gender = #female
* birthDate = "1969-11-13"
* address.line = "Strandgata 1"
* address.postalCode = "3111"
* address.city = "Tønsberg"
* address.district = "Tønsberg"
* address.country = "NO"

Instance: without-number
InstanceOf: FylgjePatient
Usage: #example
* identifier[hnr].system = "HNR"
* identifier[hnr].value = "17467100076"
* identifier[hnr].assigner.display = "Fjordvik sykehus"
* name.text = "Ukjent mann"

Instance: nurse
InstanceOf: FylgjePractitioner
Usage: #example
* identifier[hpr].system = $HPR
* identifier[hpr].value = "431001110"
* name.family = "Nordlys"
* name.given = "Kari"
* qualification.code = $VOLVEN9060#SP "Sykepleier"

Instance: nurse-at-work
InstanceOf: FylgjePractitionerRole
Usage: #example
* active = true
* practitioner = Reference(Practitioner/nurse)
* organization = Reference(Organization/response-centre)
* code = $ROLE#response-nurse
* period.start = "2026-01-01"

Instance: response-centre
InstanceOf: FylgjeOrganization
Usage: #example
* identifier[enh].system = $ENH
* identifier[enh].value = "312229544"
* name = "Responssenteret"

Instance: daughter
InstanceOf: FylgjeRelatedPerson
Usage: #example
* patient = Reference(Patient/line)
* relationship = $FAMILY#barn "Barn"
* name.text = "Mari Danser"
