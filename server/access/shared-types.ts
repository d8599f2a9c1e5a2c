/**
 * Types that describe the health service and its knowledge, and hold nothing about a patient. A `patient/` scope may read
 * all of them, because a plan or an answer cannot be shown without the questionnaire, the organisation or the code behind it.
 * A list of what may be read, not of what may not: a type that is in no Patient compartment may still be about patients
 * (in R4 Task, Device, Binary and Bundle are), and one that is forgotten here is hidden, not leaked.
 * https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
export const SHARED_TYPES: ReadonlySet<string> = new Set([
  ...['Practitioner', 'PractitionerRole', 'Organization', 'OrganizationAffiliation', 'Location', 'HealthcareService'],
  ...['Endpoint', 'Medication', 'MedicationKnowledge', 'Substance', 'DeviceDefinition'],
  ...['PlanDefinition', 'ActivityDefinition', 'Questionnaire', 'Library', 'Measure', 'EventDefinition'],
  ...['ValueSet', 'CodeSystem', 'ConceptMap', 'NamingSystem', 'ObservationDefinition', 'SpecimenDefinition'],
  ...['StructureDefinition', 'StructureMap', 'SearchParameter', 'OperationDefinition', 'CompartmentDefinition'],
  ...['CapabilityStatement', 'GraphDefinition', 'ImplementationGuide', 'MessageDefinition', 'TerminologyCapabilities'],
])
