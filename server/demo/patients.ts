import type { Condition, Device, Patient } from '@medplum/fhirtypes'
import { FNR } from '../national-numbers/systems.ts'
import { organizationReference } from './organizations.ts'
import { type DemoPatient, subjectOf } from './roster.ts'

const PLACES = {
  fjordvik: { city: 'Fjordvik', district: 'Fjordvik', postalCode: '9998', gp: 'demo-gp' },
  granli: { city: 'Granli', district: 'Granli', postalCode: '9999', gp: 'demo-gp-2' },
}

/** By which whoever lends devices out knows each; none of these numbers is a manufacturer's. */
const DEVICE_SYSTEM = 'http://fylgje.no/fhir/sid/lent-device'

const DEVICES = {
  oximeter: { snomed: '448703006', display: 'Pulse oximeter', name: 'Pulsoksymeter' },
  scale: { snomed: '19892000', display: 'Scale', name: 'Badevekt' },
  thermometer: { snomed: '86184003', display: 'Electronic thermometer', name: 'Termometer' },
}

/** The person, what they live with, and what the municipality lent them. */
export function demoPatientResources(patient: DemoPatient): (Patient | Condition | Device)[] {
  return [toPatient(patient), toCondition(patient), ...toDevices(patient)]
}

function toPatient({ slug, given, family, sex, birthDate, fnr, municipality }: DemoPatient): Patient {
  const { city, district, postalCode, gp } = PLACES[municipality]
  return {
    resourceType: 'Patient',
    id: `demo-${slug}`,
    identifier: [{ use: 'official', system: FNR, value: fnr }],
    active: true,
    name: [{ use: 'official', family, given: [given] }],
    gender: sex,
    birthDate,
    address: [{ use: 'home', city, district, postalCode, country: 'NO' }],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'nb-NO' }] }, preferred: true }],
    generalPractitioner: [{ reference: `Practitioner/${gp}` }],
    managingOrganization: organizationReference(municipality),
  }
}

function toCondition(patient: DemoPatient): Condition {
  return {
    resourceType: 'Condition',
    id: `demo-${patient.slug}-kols`,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    code: {
      coding: [
        { system: 'http://snomed.info/sct', code: '13645005', display: 'Chronic obstructive lung disease' },
        { system: 'urn:oid:2.16.578.1.12.4.1.1.7110', code: 'J44', display: 'Annen kronisk obstruktiv lungesykdom' },
      ],
      text: 'KOLS',
    },
    subject: subjectOf(patient),
  }
}

function toDevices({ slug }: DemoPatient): Device[] {
  return Object.entries(DEVICES).map(([kind, { snomed, display, name }]) => ({
    resourceType: 'Device',
    id: `demo-${slug}-${kind}`,
    identifier: [{ system: DEVICE_SYSTEM, value: `${slug}-${kind}` }],
    status: 'active',
    type: { coding: [{ system: 'http://snomed.info/sct', code: snomed, display }], text: name },
    deviceName: [{ name, type: 'user-friendly-name' }],
    patient: { reference: `Patient/demo-${slug}` },
  }))
}
