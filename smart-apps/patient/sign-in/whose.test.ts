import { expect, test } from '@jest/globals'
import { type Entry, toEntries } from '../sending/entry.ts'
import { asksForSignIn, isSomebodyElses } from './whose.ts'

const ISS = 'https://ehr.example.no/fhir'
const LINE = { iss: ISS, patient: '1', fhirUser: 'Patient/1' }
const MAJA = { iss: ISS, patient: '1', fhirUser: 'RelatedPerson/7' }
const OLA = { iss: ISS, patient: '2', fhirUser: 'Patient/2' }
const madeBy = (patient: string): Entry[] =>
  toEntries(
    [
      {
        id: crypto.randomUUID(),
        resource: {
          ...{ resourceType: 'Observation', status: 'final', code: {} },
          subject: { reference: `Patient/${patient}` },
        },
      },
    ],
    new Date(),
  )

test.each([
  ['who signs in again before any record has been read', { session: LINE, entries: madeBy('1') }, LINE, false],
  ['who made what waits, with the session gone', { entries: madeBy('1') }, LINE, false],
  ['somebody else, before any record has been read', { session: LINE, entries: [] }, OLA, true],
  ['somebody else, by the record', { patient: '1', entries: [] }, OLA, true],
  ['somebody else, by what waits', { entries: madeBy('1') }, OLA, true],
  ['the next of kin of the same patient', { session: LINE, entries: [] }, MAJA, true],
  ['the same id at another server', { session: LINE, entries: [] }, { ...LINE, iss: 'https://x.no/fhir' }, true],
  ['the first on a new phone', { entries: [] }, LINE, false],
])('%s', (_, kept, next, isOther) => expect(isSomebodyElses(kept, next)).toBe(isOther))

test.each([
  ['?state=s&code=c', true],
  [`?iss=${ISS}&launch=l`, true],
  ['?iss=https://x.no/fhir', true],
  [`?iss=${ISS}/`, false],
  ['?form=f', false],
])('%s asks for a sign-in: %s', (search, asks) => expect(asksForSignIn(new URLSearchParams(search), LINE)).toBe(asks))
