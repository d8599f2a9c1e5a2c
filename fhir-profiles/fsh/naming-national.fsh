// The national numbers as HL7 Norway and the Directorate of Health name them: who gives them out, and by which names they are known. Their
// own URIs hold; these are told so that whoever meets one here can look it up. What a number can be stands in server/national-numbers/.
RuleSet: National(oid, responsible)
* status = #active
* kind = #identifier
* date = "2026-11-23"
* publisher = "Fylgje"
* responsible = {responsible}
* jurisdiction = urn:iso:std:iso:3166#NO
* uniqueId[+].type = #oid
* uniqueId[=].value = {oid}
* uniqueId[=].preferred = true

// HL7 Norway has published it under this URI too: understood, and never written.
RuleSet: AlsoKnownAs(uri)
* uniqueId[+].type = #uri
* uniqueId[=].value = {uri}
* uniqueId[=].preferred = false

Instance: fodselsnummer
InstanceOf: NamingSystem
Usage: #definition
* name = "Fodselsnummer"
* description = "Fødselsnummer: eleven digits of whoever is registered as resident in Norway. Those that are given out from 2032 say neither sex nor century, and their first check digit follows another rule; both rules count here. Birth date and sex are never read from it."
* insert Described([[Fødselsnummer: elleve siffer for alle som er registrert bosatt i Norge. De som deles ut fra 2032, sier verken kjønn eller århundre, og det første kontrollsifferet følger en annen regel; begge regler gjelder her. Fødselsdato og kjønn leses aldri ut av det.]], [[Fødselsnummer: elleve siffer for alle som er registrerte busette i Noreg. Dei som blir delte ut frå 2032, seier verken kjønn eller hundreår, og det første kontrollsifferet følgjer ein annan regel; begge reglar gjeld her. Fødselsdato og kjønn blir aldri lesne ut av det.]])
* usage = "Patient, Practitioner, RelatedPerson. Never in a URL: search by POST _search."
* insert National("2.16.578.1.12.4.1.4.1", "Skatteetaten\, Folkeregisteret")
* insert AlsoKnownAs("http://hl7.no/fhir/NamingSystem/FNR")

Instance: d-nummer
InstanceOf: NamingSystem
Usage: #definition
* name = "DNummer"
* description = "D-nummer: eleven digits of who is not registered as resident; as a fødselsnummer with 4 added to the first digit."
* insert Described([[D-nummer: elleve siffer for den som ikke er registrert bosatt; som et fødselsnummer med 4 lagt til det første sifferet.]], [[D-nummer: elleve siffer for den som ikkje er registrert busett; som eit fødselsnummer med 4 lagt til det første sifferet.]])
* usage = "Patient, Practitioner, RelatedPerson. Who gets a fødselsnummer later has both, each with its period."
* insert National("2.16.578.1.12.4.1.4.2", "Skatteetaten\, Folkeregisteret")
* insert AlsoKnownAs("http://hl7.no/fhir/NamingSystem/DNR")

Instance: felles-hjelpenummer
InstanceOf: NamingSystem
Usage: #definition
* name = "FellesHjelpenummer"
* description = "Felles hjelpenummer: eleven digits that begin with 8 or 9, for who has no other number, or none that is known. Says neither birth date nor sex."
* insert Described([[Felles hjelpenummer: elleve siffer som begynner på 8 eller 9, for den som ikke har noe annet nummer, eller ikke noe kjent. Sier verken fødselsdato eller kjønn.]], [[Felles hjelpenummer: elleve siffer som byrjar på 8 eller 9, for den som ikkje har noko anna nummer, eller ikkje noko kjent. Seier verken fødselsdato eller kjønn.]])
* usage = "Patient."
* insert National("2.16.578.1.12.4.1.4.3", "Norsk helsenett")
* insert AlsoKnownAs("http://hl7.no/fhir/NamingSystem/FHNR")

Instance: h-nummer
InstanceOf: NamingSystem
Usage: #definition
* name = "HNummer"
* description = "H-nummer (local hjelpenummer): eleven digits that one organisation gives a patient whose number is not known, with 4 added to the third digit. Unique in that organisation alone, which the identifier names as its assigner."
* insert Described([[H-nummer (lokalt hjelpenummer): elleve siffer som én virksomhet gir en pasient med ukjent nummer, med 4 lagt til det tredje sifferet. Entydig bare i den virksomheten, som identifikatoren nevner som utsteder.]], [[H-nummer (lokalt hjelpenummer): elleve siffer som éi verksemd gir ein pasient med ukjent nummer, med 4 lagt til det tredje sifferet. Eintydig berre i den verksemda, som identifikatoren nemner som utferdar.]])
* usage = "Patient, with assigner. no-basis gives it no URI, only this word."
* status = #active
* kind = #identifier
* date = "2026-11-23"
* publisher = "Fylgje"
* jurisdiction = urn:iso:std:iso:3166#NO
* uniqueId[+].type = #other
* uniqueId[=].value = "HNR"
* uniqueId[=].preferred = true

Instance: duf-nummer
InstanceOf: NamingSystem
Usage: #definition
* name = "DufNummer"
* description = "DUF-nummer: twelve digits of who applies for residence. The rule of its control is not public: a number that breaks the one that is presumed is warned of and not refused."
* insert Described([[DUF-nummer: tolv siffer for den som søker opphold. Regelen for kontrollen er ikke offentlig: et nummer som bryter den antatte regelen, gir et varsel og blir ikke avvist.]], [[DUF-nummer: tolv siffer for den som søkjer opphald. Regelen for kontrollen er ikkje offentleg: eit nummer som bryt den tenkte regelen, gir eit varsel og blir ikkje avvist.]])
* usage = "Patient."
* insert National("2.16.578.1.12.4.1.4.5", "Utlendingsdirektoratet")
* insert AlsoKnownAs("http://hl7.no/fhir/NamingSystem/DUFN")

Instance: hpr-nummer
InstanceOf: NamingSystem
Usage: #definition
* name = "HprNummer"
* description = "HPR-nummer: up to nine digits of who has an authorisation or licence as health personnel. It has no check digit."
* insert Described([[HPR-nummer: opptil ni siffer for den som har autorisasjon eller lisens som helsepersonell. Det har ikke noe kontrollsiffer.]], [[HPR-nummer: opptil ni siffer for den som har autorisasjon eller lisens som helsepersonell. Det har ikkje noko kontrollsiffer.]])
* usage = "Practitioner."
* insert National("2.16.578.1.12.4.1.4.4", "Helsedirektoratet\, Helsepersonellregisteret")
* insert AlsoKnownAs("http://hl7.no/fhir/NamingSystem/HPR")

Instance: her-id
InstanceOf: NamingSystem
Usage: #definition
* name = "HerId"
* description = "HER-id: an address in Adresseregisteret to which messages are sent. It says where to, never who: no Practitioner, Organization or Location is identified by it."
* insert Described([[HER-id: en adresse i Adresseregisteret som meldinger sendes til. Den sier hvor, aldri hvem: ingen Practitioner, Organization eller Location identifiseres med den.]], [[HER-id: ei adresse i Adresseregisteret som meldingar blir sende til. Ho seier kvar, aldri kven: ingen Practitioner, Organization eller Location blir identifisert med henne.]])
* usage = "Addressing of messages alone."
* insert National("2.16.578.1.12.4.1.2", "Norsk helsenett\, Adresseregisteret")
* insert AlsoKnownAs("http://hl7.no/fhir/NamingSystem/HERid")

Instance: organisasjonsnummer
InstanceOf: NamingSystem
Usage: #definition
* name = "Organisasjonsnummer"
* description = "Organisasjonsnummer: nine digits with a check digit, of every unit in Enhetsregisteret."
* insert Described([[Organisasjonsnummer: ni siffer med kontrollsiffer, for hver enhet i Enhetsregisteret.]], [[Organisasjonsnummer: ni siffer med kontrollsiffer, for kvar eining i Einingsregisteret.]])
* usage = "Organization."
* insert National("2.16.578.1.12.4.1.4.101", "Brønnøysundregistrene\, Enhetsregisteret")

Instance: resh-id
InstanceOf: NamingSystem
Usage: #definition
* name = "ReshId"
* description = "RESH-id: a whole number of a unit in the specialist health service."
* insert Described([[RESH-id: et helt tall for en enhet i spesialisthelsetjenesten.]], [[RESH-id: eit heilt tal for ei eining i spesialisthelsetenesta.]])
* usage = "Organization below a hospital trust. The trust itself is known by its organisasjonsnummer."
* insert National("2.16.578.1.12.4.1.4.102", "Norsk helsenett\, Register for enheter i spesialisthelsetjenesten")
* insert AlsoKnownAs("http://hl7.no/fhir/NamingSystem/RESHid")

Instance: apotekkonsesjon
InstanceOf: NamingSystem
Usage: #definition
* name = "Apotekkonsesjon"
* description = "The number of a pharmacy’s licence."
* insert Described([[Nummeret på konsesjonen til et apotek.]], [[Nummeret på konsesjonen til eit apotek.]])
* usage = "Organization that is a pharmacy."
* insert National("2.16.578.1.12.4.1.4.107", "Direktoratet for medisinske produkter")

Instance: kommunenummer
InstanceOf: NamingSystem
Usage: #definition
* name = "Kommunenummer"
* description = "Kommunenummer: four digits, the leading zero among them."
* insert Described([[Kommunenummer: fire siffer, med nullen foran.]], [[Kommunenummer: fire siffer, med nullen framfor.]])
* usage = "Address, in the extension of no-basis for the municipality; Location."
* status = #active
* kind = #identifier
* date = "2026-11-23"
* publisher = "Fylgje"
* responsible = "Statistisk sentralbyrå"
* jurisdiction = urn:iso:std:iso:3166#NO
* uniqueId[+].type = #uri
* uniqueId[=].value = "https://register.geonorge.no/subregister/sosi-kodelister/kartverket/kommunenummer-alle"
* uniqueId[=].preferred = true
* insert AlsoKnownAs("http://hl7.no/fhir/NamingSystem/kommunenummer")
