Profile: HomeMeasurement
Parent: Observation
Id: home-measurement
Title: "Measurement at home"
Description: "What every measurement at home says of itself: of whom, when, by whom, with which device, how and how well. A value, or the reason why there is none. Codes as VkpObservation has them: LOINC always, SNOMED CT and NLK where they are known."
* insert Norwegian([[Måling hjemme]], [[Det enhver måling hjemme sier om seg selv: av hvem, når, utført av hvem, med hvilket utstyr, hvordan og hvor godt. En verdi, eller grunnen til at det ikke er noen. Koder slik VkpObservation har dem: LOINC alltid, SNOMED CT og NLK der de er kjent.]], [[Måling heime]], [[Det kvar måling heime seier om seg sjølv: av kven, når, utført av kven, med kva utstyr, korleis og kor godt. Ein verdi, eller grunnen til at det ikkje er nokon. Kodar slik VkpObservation har dei: LOINC alltid, SNOMED CT og NLK der dei er kjende.]])
* insert Ours
* identifier and status and category and code and subject and effective[x] and performer and value[x] and dataAbsentReason and note and method and device and component and derivedFrom MS
* obeys value-or-reason
* extension contains MeasurementQuality named quality 0..1
* category 1..*
* subject 1..1
* subject only Reference(Patient)
* effective[x] 1..1
* effective[x] only dateTime or Period
* performer only Reference(Patient or RelatedPerson or Practitioner or PractitionerRole or CareTeam or Organization)
* device only Reference(Device)
* method from MeasuringMethods (extensible)

Invariant: value-or-reason
Description: "There is a value, in the Observation or its components, or the reason why there is none, and not both for one thing."
Severity: #error
Expression: "(value.exists() or component.value.exists()) != dataAbsentReason.exists()"
* insert Said([[Det er en verdi, i målingen eller i delene av den, eller grunnen til at det ikke er noen, og ikke begge deler om det samme.]], [[Det er ein verdi, i målinga eller i delane av henne, eller grunnen til at det ikkje er nokon, og ikkje begge delar om det same.]])

Extension: MeasurementQuality
Id: measurement-quality
Title: "How well it was measured"
Description: "What whoever or whatever measured says of the quality. Doubtful values are shown, and raise no alarm of themselves but a red one."
* insert Norwegian([[Hvor godt det ble målt]], [[Det den eller det som målte, sier om kvaliteten. Tvilsomme verdier vises, og gir ingen annen alarm enn en rød.]], [[Kor godt det vart målt]], [[Det den eller det som målte, seier om kvaliteten. Tvilsame verdiar blir viste, og gir ingen annan alarm enn ein raud.]])
* insert Ours
* insert On(Observation)
* value[x] only CodeableConcept
* value[x] 1..1
* valueCodeableConcept from MeasurementQualities (required)

CodeSystem: MeasurementQualityCodes
Id: measurement-quality
Title: "Målekvalitet"
Description: "How well something was measured."
* insert Worded([[Målekvalitet]], [[Quality of a measurement]], [[Hvor godt noe ble målt.]], [[Kor godt noko vart målt.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #good "God" "As instructed, and nothing speaks against it."
* #good insert Designated("God", "Good")
* #unsure "Usikker" "The person was unsure, or did it otherwise than instructed."
* #unsure insert Designated("Usikker", "Unsure")
* #disturbed "Forstyrret" "The device has found a disturbance: movement, a weak signal, an irregular pulse."
* #disturbed insert Designated("Forstyrra", "Disturbed")

ValueSet: MeasurementQualities
Id: measurement-qualities
Title: "Målekvaliteter"
Description: "How well something was measured."
* insert Worded([[Målekvalitetar]], [[Qualities of measurements]], [[Hvor godt noe ble målt.]], [[Kor godt noko vart målt.]])
* insert Ours
* include codes from system MeasurementQualityCodes

CodeSystem: MeasuringMethodCodes
Id: measuring-method
Title: "Målemåte"
Description: "How a value came from the body into the record."
* insert Worded([[Målemåte]], [[Method of measuring]], [[Hvordan en verdi kom fra kroppen til journalen.]], [[Korleis ein verdi kom frå kroppen til journalen.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #device "Sendt av utstyret" "The device sent what it measured; nobody typed it."
* #device insert Designated("Send av utstyret", "Sent by the device")
* #read-and-typed "Lest av og tastet inn" "The patient, or who helps, read it from the device and typed it."
* #read-and-typed insert Designated("Lese av og tasta inn", "Read and typed")
* #professional "Målt av helsepersonell" "A health professional who was present measured it."
* #professional insert Designated("Målt av helsepersonell", "Measured by a health professional")
* #estimated "Anslått" "Felt or estimated, without a device."
* #estimated insert Designated("Anslått", "Estimated")
* #derived "Regnet ut" "Worked out from other observations."
* #derived insert Designated("Rekna ut", "Derived")

ValueSet: MeasuringMethods
Id: measuring-methods
Title: "Målemåter"
Description: "How a value came from the body into the record."
* insert Worded([[Målemåtar]], [[Methods of measuring]], [[Hvordan en verdi kom fra kroppen til journalen.]], [[Korleis ein verdi kom frå kroppen til journalen.]])
* insert Ours
* include codes from system MeasuringMethodCodes

RuleSet: VitalSign
* insert Ours
* category = $CATEGORY#vital-signs
* insert CodedBySlices

Profile: HomeSpo2
Parent: HomeMeasurement
Id: home-spo2
Title: "Oxygen saturation at home"
Description: "Measured with a pulse oximeter at rest, on usual oxygen."
* insert Norwegian([[Oksygenmetning hjemme]], [[Målt med pulsoksymeter i hvile, på vanlig oksygen.]], [[Oksygenmetting heime]], [[Målt med pulsoksymeter i kvile, på vanleg oksygen.]])
* insert VitalSign
* insert Coded(loinc, 1..1, $LNC#59408-5)
* insert Coded(vitalSign, 0..1, $LNC#2708-6)
* insert Coded(snomed, 0..1, $SCT#431314004)
* insert Measured(%)

Profile: HomePulse
Parent: HomeMeasurement
Id: home-pulse
Title: "Pulse at home"
Description: "At rest."
* insert Norwegian([[Puls hjemme]], [[I hvile.]], [[Puls heime]], [[I kvile.]])
* insert VitalSign
* insert Coded(loinc, 1..1, $LNC#8867-4)
* insert Coded(snomed, 0..1, $SCT#364075005)
* insert Measured(/min)

Profile: HomeBloodPressure
Parent: HomeMeasurement
Id: home-blood-pressure
Title: "Blood pressure at home"
Description: "Systolic and diastolic in one; sitting, after five minutes of rest."
* insert Norwegian([[Blodtrykk hjemme]], [[Overtrykk og undertrykk i ett; sittende, etter fem minutters hvile.]], [[Blodtrykk heime]], [[Overtrykk og undertrykk i eitt; sitjande, etter fem minutt kvile.]])
* insert VitalSign
* insert Coded(loinc, 1..1, $LNC#85354-9)
* insert Coded(snomed, 0..1, $SCT#75367002)
* value[x] 0..0
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* component contains systolic 0..1 and diastolic 0..1
* component[systolic].code = $LNC#8480-6
* insert PartCoded(systolic, $SCT#271649006)
* component[systolic].value[x] only Quantity
* component[systolic].valueQuantity = $UCUM#mm[Hg]
* component[diastolic].code = $LNC#8462-4
* insert PartCoded(diastolic, $SCT#271650006)
* component[diastolic].value[x] only Quantity
* component[diastolic].valueQuantity = $UCUM#mm[Hg]
* obeys both-pressures

// What a part of a measurement is called beside its LOINC code, where whoever sends it knows that.
RuleSet: PartCoded(part, snomed)
* component[{part}].code.coding ^slicing.discriminator.type = #pattern
* component[{part}].code.coding ^slicing.discriminator.path = "$this"
* component[{part}].code.coding ^slicing.rules = #open
* component[{part}].code.coding contains snomed 0..1
* component[{part}].code.coding[snomed] = {snomed}

Invariant: both-pressures
Description: "Systolic and diastolic come together, and the systolic is the higher."
Severity: #error
Expression: "component.value.exists() implies (component.where(code.coding.exists(code = '8480-6')).value.exists() and component.where(code.coding.exists(code = '8462-4')).value.exists() and component.where(code.coding.exists(code = '8480-6')).value.value > component.where(code.coding.exists(code = '8462-4')).value.value)"
* insert Said([[Overtrykk og undertrykk kommer sammen, og overtrykket er høyest.]], [[Overtrykk og undertrykk kjem saman, og overtrykket er høgast.]])

Profile: HomeWeight
Parent: HomeMeasurement
Id: home-weight
Title: "Weight at home"
Description: "In the morning, after the toilet and before breakfast."
* insert Norwegian([[Vekt hjemme]], [[Om morgenen, etter toalettbesøk og før frokost.]], [[Vekt heime]], [[Om morgonen, etter toalettbesøk og før frukost.]])
* insert VitalSign
* insert Coded(loinc, 1..1, $LNC#29463-7)
* insert Coded(snomed, 0..1, $SCT#27113001)
* insert Measured(kg)

Profile: HomeTemperature
Parent: HomeMeasurement
Id: home-temperature
Title: "Body temperature at home"
Description: "In degrees Celsius; where on the body it was measured is in bodySite."
* insert Norwegian([[Kroppstemperatur hjemme]], [[I grader celsius; hvor på kroppen den ble målt, står i bodySite.]], [[Kroppstemperatur heime]], [[I grader celsius; kvar på kroppen han vart målt, står i bodySite.]])
* insert VitalSign
* insert Coded(loinc, 1..1, $LNC#8310-5)
* insert Coded(snomed, 0..1, $SCT#386725007)
* insert Measured(Cel)

Profile: HomeRespiratoryRate
Parent: HomeMeasurement
Id: home-respiratory-rate
Title: "Respiratory rate at home"
Description: "Counted over a minute at rest, by somebody else than the patient."
* insert Norwegian([[Respirasjonsfrekvens hjemme]], [[Talt over ett minutt i hvile, av en annen enn pasienten.]], [[Respirasjonsfrekvens heime]], [[Talt over eitt minutt i kvile, av ein annan enn pasienten.]])
* insert VitalSign
* insert Coded(loinc, 1..1, $LNC#9279-1)
* insert Coded(snomed, 0..1, $SCT#86290005)
* insert Measured(/min)

Profile: HomeGlucose
Parent: HomeMeasurement
Id: home-glucose
Title: "Blood glucose at home"
Description: "Of capillary blood, in millimoles per litre. Whether before or after a meal is in a component or the ServiceRequest."
* insert Norwegian([[Blodsukker hjemme]], [[I kapillærblod, i millimol per liter. Om det var før eller etter et måltid, står i en komponent eller i ServiceRequest.]], [[Blodsukker heime]], [[I kapillærblod, i millimol per liter. Om det var før eller etter eit måltid, står i ein komponent eller i ServiceRequest.]])
* insert Ours
* insert CodedBySlices
* insert Coded(loinc, 1..1, $LNC#15074-8)
* insert Coded(snomed, 0..1, $SCT#434912009)
* insert Coded(nlk, 0..1, $NLK#NPU02187)
* insert Measured(mmol/L)

Profile: HomePeakFlow
Parent: HomeMeasurement
Id: home-peak-flow
Title: "Peak expiratory flow at home"
Description: "The best of three, standing."
* insert Norwegian([[PEF hjemme]], [[Den beste av tre, stående.]], [[PEF heime]], [[Den beste av tre, ståande.]])
* insert Ours
* insert CodedBySlices
* insert Coded(loinc, 1..1, $LNC#19935-6)
* insert Measured(L/min)

Profile: HomeSteps
Parent: HomeMeasurement
Id: home-steps
Title: "Steps in a day"
Description: "What a pedometer or a watch counted over the day that effectivePeriod is, or effectiveDateTime names."
* insert Norwegian([[Skritt på en dag]], [[Det en skritteller eller en klokke talte den dagen som effectivePeriod er, eller som effectiveDateTime nevner.]], [[Steg på ein dag]], [[Det ein stegteljar eller ei klokke talde den dagen som effectivePeriod er, eller som effectiveDateTime nemner.]])
* insert Ours
* category = $CATEGORY#activity
* insert CodedBySlices
* insert Coded(loinc, 1..1, $LNC#41950-7)
* insert Measured(/d)

RuleSet: Score
* insert Ours
* category = $CATEGORY#survey
* insert CodedBySlices
* value[x] only Quantity
* valueQuantity.value 1..1
* valueQuantity = $UCUM#{score}

Profile: HomePain
Parent: HomeMeasurement
Id: home-pain
Title: "Pain, 0 to 10"
Description: "Said by the patient: 0 is no pain, 10 the worst that they can think of."
* insert Norwegian([[Smerte, 0 til 10]], [[Slik pasienten sier det: 0 er ingen smerte, 10 den verste de kan tenke seg.]], [[Smerte, 0 til 10]], [[Slik pasienten seier det: 0 er inga smerte, 10 den verste dei kan tenkje seg.]])
* insert Score
* insert Coded(loinc, 1..1, $LNC#72514-3)
* insert Coded(snomed, 0..1, $SCT#225908003)
* obeys zero-to-ten

Invariant: zero-to-ten
Description: "A whole number from 0 to 10."
Severity: #error
Expression: "value.value.exists() implies (value.value >= 0 and value.value <= 10 and value.value.round() = value.value)"
* insert Said([[Et helt tall fra 0 til 10.]], [[Eit heilt tal frå 0 til 10.]])

Profile: SymptomScore
Parent: HomeMeasurement
Id: symptom-score
Title: "Score of a questionnaire"
Description: "Worked out from answers, which it names. Which form it is of is in a coding beside the general one."
* insert Norwegian([[Skår av et skjema]], [[Regnet ut fra svar, som den nevner. Hvilket skjema den er av, står i en kode ved siden av den generelle.]], [[Skår av eit skjema]], [[Rekna ut frå svar, som han nemner. Kva skjema han er av, står i ein kode ved sida av den generelle.]])
* insert Score
* insert Coded(loinc, 1..1, $LNC#74465-6)
* derivedFrom 1..*
* derivedFrom only Reference(QuestionnaireResponse)

Profile: HomeActivity
Parent: HomeMeasurement
Id: home-activity
Title: "Minutes of activity in a day"
Description: "How long somebody exercised over the day that effectivePeriod is, or effectiveDateTime names: told by the patient, or counted by a watch."
* insert Norwegian([[Minutter i aktivitet på en dag]], [[Hvor lenge noen var i aktivitet den dagen som effectivePeriod er, eller som effectiveDateTime nevner: fortalt av pasienten eller talt av en klokke.]], [[Minutt i aktivitet på ein dag]], [[Kor lenge nokon var i aktivitet den dagen som effectivePeriod er, eller som effectiveDateTime nemner: fortalt av pasienten eller talt av ei klokke.]])
* insert Ours
* category = $CATEGORY#activity
* insert CodedBySlices
* insert Coded(loinc, 1..1, $LNC#55411-3)
* insert Measured(min)

Profile: MeasuringDevice
Parent: Device
Id: measuring-device
Title: "Device at home"
Description: "What a patient measures with: which one, what kind, whose. A measurement names it, and a plan may ask for one of a kind or one that is calibrated; its DeviceMetric says whether it is."
* insert Norwegian([[Utstyr hjemme]], [[Det en pasient måler med: hvilket, av hvilket slag, hvem sitt. En måling nevner det, og en plan kan be om ett av et slag eller ett som er kalibrert; om det er det, sier dets DeviceMetric.]], [[Utstyr heime]], [[Det ein pasient måler med: kva for eit, av kva slag, kven sitt. Ei måling nemner det, og ein plan kan be om eit av eit slag eller eit som er kalibrert; om det er det, seier DeviceMetric for det.]])
* insert Ours
* identifier and status and manufacturer and deviceName and modelNumber and type and patient MS
* identifier 1..*
* identifier.system 1..1
* identifier.value 1..1
* type 1..1
* patient 1..1
