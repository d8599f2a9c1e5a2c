// The same rules as the Norwegian base profiles (no-basis 2.2, HL7 Norway and the Directorate of Health, CC0), said anew for what is
// followed here; where no-basis leaves something open that home monitoring needs, it is closed. https://github.com/HL7Norway/basisprofiler-r4-fsh

Profile: FylgjePatient
Parent: Patient
Id: patient
Title: "Patient"
Description: "After no-basis-Patient: a number of the national registers, or a hjelpenummer with who gave it; a name; addresses as they are written in Norway. Whether a number can be one is asked of every resource."
* insert Norwegian([[Pasient]], [[Etter no-basis-Patient: et nummer fra de nasjonale registrene, eller et hjelpenummer med hvem som ga det; et navn; adresser slik de skrives i Norge. Om et nummer kan være gyldig, blir spurt av hver ressurs.]], [[Pasient]], [[Etter no-basis-Patient: eit nummer frå dei nasjonale registra, eller eit hjelpenummer med kven som gav det; eit namn; adresser slik dei blir skrivne i Noreg. Om eit nummer kan vere gyldig, blir spurt av kvar ressurs.]])
* insert Ours
* identifier and name and telecom and gender and birthDate and address and contact and generalPractitioner MS
* identifier 1..*
* insert NumberedBySlices
* insert Numbered(fnr, $FNR, "Fødselsnummer")
* insert Numbered(dnr, $DNR, "D-nummer")
* insert Numbered(fhn, $FHN, "Felles hjelpenummer")
* insert Numbered(duf, $DUF, "DUF-nummer")
* insert Numbered(hnr, "HNR", "Hjelpenummer of one organisation")
* identifier[hnr].assigner 1..1
* obeys one-official-number and hnr-of-8327
* name 1..*
* name only NorwegianName
* address only NorwegianAddress
* contact.name only NorwegianName
* contact.address only NorwegianAddress

Invariant: one-official-number
Description: "Of several national numbers one at most is official."
Severity: #error
Expression: "identifier.where(system.startsWith('urn:oid:2.16.578.1.12.4.1.4.') and use = 'official').count() <= 1"
* insert Said([[Av flere nasjonale numre er høyst ett offisielt.]], [[Av fleire nasjonale nummer er høgst eitt offisielt.]])

Invariant: hnr-of-8327
Description: "The type of an H-number, where it says one, is HNR of Volven 8327, as no-basis asks."
Severity: #error
Expression: "identifier.where(system = 'HNR').type.coding.all(system = 'urn:oid:2.16.578.1.12.4.1.1.8327' and code = 'HNR')"
* insert Said([[Typen til et H-nummer er HNR i Volven 8327 der den er oppgitt, slik no-basis krever.]], [[Typen til eit H-nummer er HNR i Volven 8327 der han er oppgitt, slik no-basis krev.]])

Profile: NorwegianName
Parent: HumanName
Id: norwegian-name
Title: "Norwegian name"
Description: "After no-basis-HumanName: a middle name stands in its extension and not among the given names; names have neither prefix nor suffix."
* insert Norwegian([[Norsk navn]], [[Etter no-basis-HumanName: et mellomnavn står i sin utvidelse og ikke blant fornavnene; navn har verken prefix eller suffix.]], [[Norsk namn]], [[Etter no-basis-HumanName: eit mellomnamn står i si utviding og ikkje blant førenamna; namn har verken prefix eller suffix.]])
* insert Ours
* obeys no-title

Invariant: no-title
Description: "Norwegian names have neither prefix nor suffix."
Severity: #warning
Expression: "prefix.empty() and suffix.empty()"
* insert Said([[Norske navn har verken prefix eller suffix.]], [[Norske namn har verken prefix eller suffix.]])

Profile: NorwegianAddress
Parent: Address
Id: norwegian-address
Title: "Norwegian address"
Description: "After no-basis-Address: postcode of four digits, poststed in city, kommune in district, fylke in state."
* insert Norwegian([[Norsk adresse]], [[Etter no-basis-Address: postnummer med fire sifre, poststed i city, kommune i district, fylke i state.]], [[Norsk adresse]], [[Etter no-basis-Address: postnummer med fire siffer, poststad i city, kommune i district, fylke i state.]])
* insert Ours
* obeys four-digits and kommune-by-number

Invariant: four-digits
Description: "A Norwegian postcode has four digits."
Severity: #error
Expression: "(country.empty() or country = 'NO' or country = 'NOR' or country = 'Norge') and postalCode.exists() implies postalCode.matches('^[0-9]{4}$')"
* insert Said([[Et norsk postnummer har fire sifre.]], [[Eit norsk postnummer har fire siffer.]])

Invariant: kommune-by-number
Description: "A kommune as a code is of Kartverket's list, with four digits."
Severity: #error
Expression: "district.extension('http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode').value.all(system = 'https://register.geonorge.no/subregister/sosi-kodelister/kartverket/kommunenummer-alle' and code.matches('^[0-9]{4}$'))"
* insert Said([[En kommune som kode er fra Kartverkets liste, med fire sifre.]], [[Ein kommune som kode er frå lista til Kartverket, med fire siffer.]])

Profile: FylgjePractitioner
Parent: Practitioner
Id: practitioner
Title: "Practitioner"
Description: "After no-basis-Practitioner: known by an HPR number, or by a national number where there is none; the category of health personnel in a qualification, by Volven 9060."
* insert Norwegian([[Helsepersonell]], [[Etter no-basis-Practitioner: kjent ved HPR-nummer, eller ved et nasjonalt nummer der det ikke er noe; kategorien helsepersonell i qualification, etter Volven 9060.]], [[Helsepersonell]], [[Etter no-basis-Practitioner: kjend ved HPR-nummer, eller ved eit nasjonalt nummer der det ikkje er noko; kategorien helsepersonell i qualification, etter Volven 9060.]])
* insert Ours
* identifier and name and qualification MS
* identifier 1..*
* insert NumberedBySlices
* insert Numbered(hpr, $HPR, "HPR-nummer")
* insert Numbered(fnr, $FNR, "Fødselsnummer")
* insert Numbered(dnr, $DNR, "D-nummer")
* name 1..*
* name only NorwegianName
* address only NorwegianAddress
* qualification.code obeys volven-has-code

Invariant: volven-has-code
Description: "What is of a list of Volven has its code."
Severity: #error
Expression: "coding.where(system.startsWith('urn:oid:2.16.578.1.12.4.1.1.')).all(code.exists())"
* insert Said([[Det som er fra en kodeliste i Volven, har koden med.]], [[Det som er frå ei kodeliste i Volven, har koden med.]])

Profile: FylgjePractitionerRole
Parent: PractitionerRole
Id: practitioner-role
Title: "Role of a practitioner"
Description: "After no-basis-PractitionerRole: who, for which organisation, as what, from when. Access here follows from it."
* insert Norwegian([[Rolle for helsepersonell]], [[Etter no-basis-PractitionerRole: hvem, for hvilken virksomhet, som hva, fra når. Tilgangen her følger av den.]], [[Rolle for helsepersonell]], [[Etter no-basis-PractitionerRole: kven, for kva verksemd, som kva, frå når. Tilgangen her følgjer av henne.]])
* insert Ours
* active and practitioner and organization and code and period MS
* practitioner 1..1
* organization 1..1
* code 1..*
* code obeys volven-has-code
* specialty obeys volven-has-code
* period 1..1
* period.start 1..1

Profile: FylgjeOrganization
Parent: Organization
Id: organization
Title: "Organisation"
Description: "After no-basis-Organization: an organisation number, or the RESH id of a unit."
* insert Norwegian([[Virksomhet]], [[Etter no-basis-Organization: et organisasjonsnummer, eller RESH-id til en enhet.]], [[Verksemd]], [[Etter no-basis-Organization: eit organisasjonsnummer, eller RESH-id til ei eining.]])
* insert Ours
* identifier and active and name and partOf MS
* identifier 1..*
* insert NumberedBySlices
* insert Numbered(enh, $ENH, "Organisasjonsnummer")
* insert Numbered(resh, $RESH, "RESH-id")
* name 1..1
* address only NorwegianAddress
* contact.address only NorwegianAddress
* type obeys volven-has-code

Profile: FylgjeRelatedPerson
Parent: RelatedPerson
Id: related-person
Title: "Next of kin"
Description: "After no-basis-RelatedPerson: what this person is to the patient, which is the opposite of how Folkeregisteret says it."
* insert Norwegian([[Pårørende]], [[Etter no-basis-RelatedPerson: hva denne personen er for pasienten, som er det motsatte av slik Folkeregisteret sier det.]], [[Pårørande]], [[Etter no-basis-RelatedPerson: kva denne personen er for pasienten, som er det motsette av slik Folkeregisteret seier det.]])
* insert Ours
* active and patient and relationship and name and telecom MS
* insert NumberedBySlices
* insert Numbered(fnr, $FNR, "Fødselsnummer")
* insert Numbered(dnr, $DNR, "D-nummer")
* relationship 1..*
* relationship obeys folkeregisteret-family and folkeregisteret-civil-status and folkeregisteret-responsibility
* name only NorwegianName
* address only NorwegianAddress

Invariant: folkeregisteret-family
Description: "What somebody is in the family of the patient by Folkeregisteret is one of the codes that no-basis has for it."
Severity: #error
Expression: "coding.where(system = 'http://hl7.no/fhir/CodeSystem/no-basis-family-relation').all(code in ('mor' | 'far' | 'medmor' | 'barn' | 'søsken' | 'ektefelleEllerPartner' | 'dødfødtBarn'))"
* insert Said([[Det noen er i familien til pasienten etter Folkeregisteret, er en av kodene som no-basis har for det.]], [[Det nokon er i familien til pasienten etter Folkeregisteret, er ein av kodane som no-basis har for det.]])

Invariant: folkeregisteret-civil-status
Description: "The civil status by Folkeregisteret is one of the codes that no-basis has for it."
Severity: #error
Expression: "coding.where(system = 'http://hl7.no/fhir/CodeSystem/no-basis-marital-status').all(code in ('uoppgitt' | 'ugift' | 'gift' | 'enkeEllerEnkemann' | 'skilt' | 'separert' | 'registrertPartner' | 'separertPartner' | 'skiltPartner' | 'gjenlevende_partner'))"
* insert Said([[Sivilstanden etter Folkeregisteret er en av kodene som no-basis har for den.]], [[Sivilstanden etter Folkeregisteret er ein av kodane som no-basis har for han.]])

Invariant: folkeregisteret-responsibility
Description: "The parental responsibility by Folkeregisteret is one of the codes that no-basis has for it."
Severity: #error
Expression: "coding.where(system = 'http://hl7.no/fhir/CodeSystem/no-basis-parental-responsibility').all(code in ('felles' | 'mor' | 'far' | 'medmor' | 'andre' | 'ukjent'))"
* insert Said([[Foreldreansvaret etter Folkeregisteret er en av kodene som no-basis har for det.]], [[Foreldreansvaret etter Folkeregisteret er ein av kodane som no-basis har for det.]])
