// Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017. Codes of the UK edition of SNOMED CT, as VkpObservation has them; all
// eight of the parts are those of the sub-scores in the NEWS2 guide of NHS England (CareConnect-NEWS2).

RuleSet: News2Part(slice, code)
* component contains {slice} 0..1
* component[{slice}].code = $SCT#{code}
* component[{slice}].value[x] only Quantity
* component[{slice}].valueQuantity = $UCUM#{score}

Profile: News2
Parent: HomeMeasurement
Id: news2
Title: "NEWS2"
Description: "The total with its seven parts, each 0 to 3. With a part missing there is no total, and the reason says so. For adults, not in pregnancy, and with a health professional present. © Royal College of Physicians 2017, reproduced with attribution."
* insert Norwegian([[NEWS2]], [[Summen med de sju delene, hver fra 0 til 3. Mangler en del, er det ingen sum, og grunnen sier det. For voksne, ikke i svangerskap, og med helsepersonell til stede. © Royal College of Physicians 2017, gjengitt med kreditering.]], [[NEWS2]], [[Summen med dei sju delane, kvar frå 0 til 3. Manglar ein del, er det ingen sum, og grunnen seier det. For vaksne, ikkje i svangerskap, og med helsepersonell til stades. © Royal College of Physicians 2017, attgjeven med kreditering.]])
* insert Score
* insert Coded(snomed, 1..1, $SCT#1104051000000101)
* derivedFrom only Reference(Observation)
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* insert News2Part(respiratoryRate, 1104301000000104)
* component contains spo2 0..1
* component[spo2].code from News2Spo2Scales (required)
* component[spo2].value[x] only Quantity
* component[spo2].valueQuantity = $UCUM#{score}
* insert News2Part(airOrOxygen, 1104331000000105)
* insert News2Part(systolic, 1104341000000101)
* insert News2Part(pulse, 1104351000000103)
* insert News2Part(consciousness, 1104361000000100)
* insert News2Part(temperature, 1104371000000107)
* obeys news2-parts and news2-sum

ValueSet: News2Spo2Scales
Id: news2-spo2-scales
Title: "NEWS2: skalaer for oksygenmetning"
Description: "Scale 1, and scale 2 for who has a target of 88–92 %."
* insert Worded([[NEWS2: skalaer for oksygenmetting]], [[NEWS2: scales for oxygen saturation]], [[Skala 1, og skala 2 for den som har et mål på 88–92 %.]], [[Skala 1, og skala 2 for den som har eit mål på 88–92 %.]])
* insert Ours
* $SCT#1104311000000102
* $SCT#1104321000000108

Invariant: news2-parts
Description: "Each part is 0, 1, 2 or 3."
Severity: #error
Expression: "component.value.value.all($this = 0 or $this = 1 or $this = 2 or $this = 3)"
* insert Said([[Hver del er 0, 1, 2 eller 3.]], [[Kvar del er 0, 1, 2 eller 3.]])

Invariant: news2-sum
Description: "A total is the sum of all seven parts; with a part missing there is none."
Severity: #error
Expression: "value.exists() implies (component.value.count() = 7 and component.value.value.sum() = value.value)"
* insert Said([[En sum er summen av alle de sju delene; mangler en del, er det ingen sum.]], [[Ein sum er summen av alle dei sju delane; manglar ein del, er det ingen sum.]])
