/**
 * R4's own extension by which a ServiceRequest asks for answers to a Questionnaire.
 * @see http://hl7.org/fhir/R4/extension-servicerequest-questionnairerequest.html
 */
export const QUESTIONNAIRE_REQUEST = 'http://hl7.org/fhir/StructureDefinition/servicerequest-questionnaireRequest'
