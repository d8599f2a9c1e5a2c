import { expect, test } from '@jest/globals'
import { issuersOf } from './app-settings.ts'

const ISS = 'https://ehr.example.no/fhir'

test('each app is at a server as the client that it is there; one that is for all apps is for each', () => {
  const issuers = [
    { iss: ISS, clientId: 'for-clinicians', apps: ['clinician'] },
    { iss: ISS, clientId: 'for-patients', apps: ['patient'], scope: 'launch/patient' },
    { iss: 'https://other.example.no/fhir', clientId: 'one-for-both' },
  ]
  const idsFor = (app: string) => issuersOf(app, issuers).map(({ clientId }) => clientId)
  expect(idsFor('clinician')).toEqual(['for-clinicians', 'one-for-both'])
  expect(idsFor('patient')).toEqual(['for-patients', 'one-for-both'])
  expect(issuersOf('patient', issuers)[0]).toEqual({ iss: ISS, clientId: 'for-patients', scope: 'launch/patient' })
})
