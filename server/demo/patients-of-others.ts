import type { Patient } from '@medplum/fhirtypes'
import { FNR } from '../national-numbers/systems.ts'
import { syntheticFnr } from './fnr.ts'

const PEOPLE = [
  { slug: 'ukjent-myrull', given: 'Torbjørg', family: 'Myrull', sex: 'female', birthDate: '1951-03-08' },
  { slug: 'ukjent-einer', given: 'Aslak', family: 'Einer', sex: 'male', birthDate: '1948-09-30' },
] as const

/** Behind the numbers that the others' are made of. */
const FNR_INDEX = 400

/** People whom the response centre does not follow: their GP sees them, the demo's nurse does not, unless she breaks the glass. */
export const patientsOfOthers = (): Patient[] =>
  PEOPLE.map(({ slug, given, family, sex, birthDate }, i) => ({
    resourceType: 'Patient',
    id: `demo-${slug}`,
    identifier: [{ use: 'official', system: FNR, value: syntheticFnr(birthDate, sex, FNR_INDEX + i) }],
    active: true,
    name: [{ use: 'official', family, given: [given] }],
    gender: sex,
    birthDate,
    generalPractitioner: [{ reference: 'Practitioner/demo-gp-2' }],
  }))
