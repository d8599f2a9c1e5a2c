CodeSystem: NamedEvent
Id: named-event
Title: "Hendelser med navn"
Description: "Basic.code of an event that somebody has told a patient's plans: the name by which a trigger listens to it. The names are those of the plans."
* insert Worded([[Hendingar med namn]], [[Named events]], [[Basic.code for en hendelse noen har fortalt planene til en pasient om: navnet en utløser lytter etter. Navnene er planenes egne.]], [[Basic.code for ei hending nokon har fortalt planane til ein pasient om: namnet ein utløysar lyttar etter. Namna er dei planane har sjølve.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* ^content = #not-present
