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
* identifier[hnr].type = $VOLVEN8327#HNR "H-nummer"
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

// Everything that the Norwegian base profile of a patient has a place for.
Instance: gry
InstanceOf: FylgjePatient
Usage: #example
* extension.url = "http://hl7.org/fhir/StructureDefinition/patient-citizenship"
* extension.extension.url = "code"
* extension.extension.valueCodeableConcept = urn:iso:std:iso:3166#NO "Norge"
* identifier[fnr].use = #official
* identifier[fnr].system = $FNR
* identifier[fnr].value = "12057900499"
* identifier[fnr].period.start = "2019-03-01"
// Until somebody has a fødselsnummer they have another.
* identifier[dnr].use = #old
* identifier[dnr].system = $DNR
* identifier[dnr].value = "57847100062"
* identifier[dnr].period.start = "2017-08-14"
* identifier[dnr].period.end = "2019-02-28"
* identifier[duf].system = $DUF
* identifier[duf].value = "201700001209"
* name.use = #official
* name.family = "Telokk"
* name.given[0] = "Gry"
* name.given[1] = "Anne"
* gender = #female
* birthDate = "1979-05-12"
* address[0].extension[0].url = "http://hl7.no/fhir/StructureDefinition/no-basis-address-official"
* address[0].extension[0].valueBoolean = true
* address[0].extension[1].url = "http://hl7.no/fhir/StructureDefinition/no-basis-urban-district"
* address[0].extension[1].valueCoding = urn:oid:2.16.578.1.12.4.1.1.3403#030101 "Gamle Oslo"
* address[0].extension[2].url = "http://hl7.no/fhir/StructureDefinition/no-basis-propertyinformation"
* address[0].extension[2].extension[0].url = "cadastralUnitNumber"
* address[0].extension[2].extension[0].valueInteger = 230
* address[0].extension[2].extension[1].url = "propertyUnitNumber"
* address[0].extension[2].extension[1].valueInteger = 17
* address[0].extension[2].extension[2].url = "municipality"
* address[0].extension[2].extension[2].valueCoding = urn:oid:2.16.578.1.12.4.1.1.3402#0301 "Oslo"
* address[0].use = #home
* address[0].type = #physical
* address[0].line = "Eksempelveien 2"
* address[0].postalCode = "0192"
* address[0].city = "OSLO"
* address[0].district = "Oslo"
* address[0].district.extension.url = "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode"
* address[0].district.extension.valueCoding = $KOMMUNE#0301 "Oslo"
* address[0].state = "Oslo"
* address[0].country = "NO"
* address[1].extension.url = "http://hl7.no/fhir/StructureDefinition/no-basis-address-official"
* address[1].extension.valueBoolean = false
* address[1].use = #temp
* address[1].line = "Storgatan 1"
* address[1].postalCode = "111 22"
* address[1].city = "Stockholm"
* address[1].country = "SE"
* contact.name.family = "Telokk"
* contact.name.given = "Per"
* contact.address.postalCode = "3111"
* generalPractitioner = Reference(Practitioner/nurse)
* managingOrganization = Reference(Organization/response-centre)

Instance: with-common-number
InstanceOf: FylgjePatient
Usage: #example
* identifier[fhn].system = $FHN
* identifier[fhn].value = "89000000281"
* name.family = "Ukjent"

Instance: hospital-ward
InstanceOf: FylgjeOrganization
Usage: #example
* identifier[resh].system = $RESH
* identifier[resh].value = "4204917"
* name = "Lungemedisinsk sengepost"
* partOf = Reference(Organization/response-centre)
* address.postalCode = "3103"
* address.city = "TØNSBERG"

Instance: husband
InstanceOf: FylgjeRelatedPerson
Usage: #example
* identifier[fnr].system = $FNR
* identifier[fnr].value = "05073500186"
* patient = Reference(Patient/gry)
* relationship[0] = $FAMILY#ektefelleEllerPartner "Ektefelle eller partner"
* relationship[1] = $CIVIL#gift "Gift"
* name.family = "Sørgård"
* name.given = "Ærlend"

// Whoever has the parental responsibility of a child is told from who the parents are.
Instance: mother
InstanceOf: FylgjeRelatedPerson
Usage: #example
* identifier[dnr].system = $DNR
* identifier[dnr].value = "57717100044"
* patient = Reference(Patient/with-common-number)
* relationship[0] = $FAMILY#mor "Mor"
* relationship[1] = $PARENTAL#felles "Felles"
* name.family = "Ukjent"
