RuleSet: OfLine(at)
* status = #final
* subject = Reference(Patient/demo-line)
* effectiveDateTime = {at}
* performer = Reference(Patient/demo-line)

Instance: spo2
InstanceOf: HomeSpo2
Usage: #example
* insert OfLine("2026-11-10T08:00:00+01:00")
* code = $SCT#431314004
* code.coding[loinc] = $LNC#59408-5
* code.coding[vitalSign] = $LNC#2708-6
* code.coding[snomed] = $SCT#431314004
* valueQuantity = 92 '%' "%"
* device = Reference(Device/demo-line-oximeter)
* method = MeasuringMethodCodes#device
* extension[quality].valueCodeableConcept = MeasurementQualityCodes#good

Instance: spo2-without-value
InstanceOf: HomeSpo2
Usage: #example
* insert OfLine("2026-11-10T08:00:00+01:00")
* code.coding[loinc] = $LNC#59408-5
* dataAbsentReason = http://terminology.hl7.org/CodeSystem/data-absent-reason#error
* device = Reference(Device/demo-line-oximeter)
* method = MeasuringMethodCodes#device
* extension[quality].valueCodeableConcept = MeasurementQualityCodes#disturbed

Instance: pulse
InstanceOf: HomePulse
Usage: #example
* insert OfLine("2026-11-10T08:00:00+01:00")
* code.coding[loinc] = $LNC#8867-4
* code.coding[snomed] = $SCT#364075005
* valueQuantity = 78 '/min' "slag/min"
* device = Reference(Device/demo-line-oximeter)
* method = MeasuringMethodCodes#device
* extension[quality].valueCodeableConcept = MeasurementQualityCodes#good

Instance: blood-pressure
InstanceOf: HomeBloodPressure
Usage: #example
* insert OfLine("2026-11-10T08:05:00+01:00")
* code.coding[loinc] = $LNC#85354-9
* code.coding[snomed] = $SCT#75367002
* component[systolic].code.coding[snomed] = $SCT#271649006
* component[diastolic].code.coding[snomed] = $SCT#271650006
* component[systolic].valueQuantity = 134 'mm[Hg]' "mmHg"
* component[diastolic].valueQuantity = 82 'mm[Hg]' "mmHg"
* device = Reference(Device/demo-line-cuff)
* method = MeasuringMethodCodes#device
* extension[quality].valueCodeableConcept = MeasurementQualityCodes#good

Instance: weight
InstanceOf: HomeWeight
Usage: #example
* insert OfLine("2026-11-10T07:10:00+01:00")
* code.coding[loinc] = $LNC#29463-7
* valueQuantity = 71.4 'kg' "kg"
* method = MeasuringMethodCodes#read-and-typed
* device = Reference(Device/demo-line-scale)
* extension[quality].valueCodeableConcept = MeasurementQualityCodes#good

Instance: temperature
InstanceOf: HomeTemperature
Usage: #example
* insert OfLine("2026-11-10T07:10:00+01:00")
* code.coding[loinc] = $LNC#8310-5
* valueQuantity = 37.2 'Cel' "°C"
* device = Reference(Device/demo-line-thermometer)
* method = MeasuringMethodCodes#read-and-typed
* extension[quality].valueCodeableConcept = MeasurementQualityCodes#good

Instance: respiratory-rate
InstanceOf: HomeRespiratoryRate
Usage: #example
* insert OfLine("2026-11-10T08:05:00+01:00")
* code.coding[loinc] = $LNC#9279-1
* valueQuantity = 18 '/min' "/min"
* performer = Reference(Practitioner/demo-nurse)
* method = MeasuringMethodCodes#professional

Instance: glucose
InstanceOf: HomeGlucose
Usage: #example
* insert OfLine("2026-11-10T07:00:00+01:00")
* category = $CATEGORY#laboratory
* code.coding[loinc] = $LNC#15074-8
* code.coding[nlk] = $NLK#NPU02187
* valueQuantity = 6.1 'mmol/L' "mmol/L"
* device = Reference(Device/demo-line-glucose-meter)
* method = MeasuringMethodCodes#device
* extension[quality].valueCodeableConcept = MeasurementQualityCodes#good

Instance: peak-flow
InstanceOf: HomePeakFlow
Usage: #example
* insert OfLine("2026-11-10T07:00:00+01:00")
* category = $CATEGORY#exam
* code.coding[loinc] = $LNC#19935-6
* valueQuantity = 410 'L/min' "L/min"
* device = Reference(Device/demo-line-peak-flow-meter)
* method = MeasuringMethodCodes#read-and-typed
* extension[quality].valueCodeableConcept = MeasurementQualityCodes#unsure

Instance: steps
InstanceOf: HomeSteps
Usage: #example
* insert OfLine("2026-11-10")
* code.coding[loinc] = $LNC#41950-7
* valueQuantity = 3120 '/d' "skritt"
* device = Reference(Device/demo-line-watch)
* method = MeasuringMethodCodes#device

Instance: pain
InstanceOf: HomePain
Usage: #example
* insert OfLine("2026-11-10T08:00:00+01:00")
* code.coding[loinc] = $LNC#72514-3
* valueQuantity = 4 '{score}' "av 10"
* method = MeasuringMethodCodes#estimated

Instance: score
InstanceOf: SymptomScore
Usage: #example
* insert OfLine("2026-11-10T08:00:00+01:00")
* code.coding[loinc] = $LNC#74465-6
* valueQuantity = 12 '{score}'
* derivedFrom = Reference(QuestionnaireResponse/demo-line-answers)
* method = MeasuringMethodCodes#derived

Instance: news2-total
InstanceOf: News2
Usage: #example
* insert OfLine("2026-11-10T08:10:00+01:00")
* code.coding[snomed] = $SCT#1104051000000101
* method = MeasuringMethodCodes#derived
* valueQuantity = 6 '{score}'
* component[respiratoryRate].valueQuantity = 2 '{score}'
* component[spo2].code = $SCT#1104311000000102
* component[spo2].valueQuantity = 2 '{score}'
* component[airOrOxygen].valueQuantity = 0 '{score}'
* component[systolic].valueQuantity = 1 '{score}'
* component[pulse].valueQuantity = 1 '{score}'
* component[consciousness].valueQuantity = 0 '{score}'
* component[temperature].valueQuantity = 0 '{score}'

Instance: news2-without-total
InstanceOf: News2
Usage: #example
* insert OfLine("2026-11-10T08:10:00+01:00")
* code.coding[snomed] = $SCT#1104051000000101
* component[respiratoryRate].valueQuantity = 2 '{score}'
* component[temperature].dataAbsentReason = http://terminology.hl7.org/CodeSystem/data-absent-reason#not-performed
* method = MeasuringMethodCodes#derived

Instance: activity
InstanceOf: HomeActivity
Usage: #example
* insert OfLine("2026-11-10")
* code.coding[loinc] = $LNC#55411-3
* valueQuantity = 25 'min' "minutter"
* device = Reference(Device/demo-line-watch)
* method = MeasuringMethodCodes#device

Instance: oximeter
InstanceOf: MeasuringDevice
Usage: #example
* identifier.system = "https://gateway.example.org/device"
* identifier.value = "OX-2231"
* status = #active
* manufacturer = "Nordisk Oksymetri"
* deviceName.name = "Oks 2"
* deviceName.type = #user-friendly-name
* type = $SCT#448703006 "Pulse oximeter"
* patient = Reference(Patient/line)
