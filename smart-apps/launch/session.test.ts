import { expect, test } from '@jest/globals'
import { goingOn, hindranceOf, keepSession, type Session } from './session.ts'

const NURSE: Session = {
  ...{ iss: 'https://ehr.example.no/fhir', tokenEndpoint: 'https://ehr.example.no/token', clientId: 'fylgje' },
  ...{ accessToken: 'a', expiresAt: 0, scope: 'openid', fhirUser: 'Practitioner/7', patient: '1', isDemo: false },
  ...{ encounter: '3', intent: 'plan', needPatientBanner: false },
}
const { patient: _patient, encounter: _encounter, intent: _intent, fhirUser: _user, ...NOBODY } = NURSE
const AGAIN: Session = { ...NOBODY, accessToken: 'b', fhirUser: 'Practitioner/7', needPatientBanner: true }

test.each<[string, Session, Session, string | undefined]>([
  ['the same person', NURSE, AGAIN, undefined],
  ['the same person for the same patient', NURSE, { ...AGAIN, patient: '1' }, undefined],
  ['the same person for another patient', NURSE, { ...AGAIN, patient: '2' }, 'otherPatient'],
  ['somebody else', NURSE, { ...AGAIN, fhirUser: 'Practitioner/8' }, 'otherUser'],
  ['somebody of whom the server does not tell who it is', NOBODY, NOBODY, 'otherUser'],
])('%s signs in again', (_, before, next, hindrance) => expect(hindranceOf(before, next)).toBe(hindrance))

test('who goes on does so with a new token, in the context of the launch', () => {
  expect(goingOn(NURSE, AGAIN)).toEqual({ ...NURSE, accessToken: 'b' })
})

test('what is over is hidden too when nobody is there any more; whoever signs in is shown it again', () => {
  const session = keepSession()
  session.end(true)
  expect(session.current()).toBeUndefined()
  void session.begin(NURSE)
  session.end()
  expect(session.current()).toMatchObject({ isOver: true, isIdle: false })
  session.end(true)
  expect(session.current()).toMatchObject({ isOver: true, isIdle: true })
  session.end()
  expect(session.current()).toMatchObject({ isOver: true, isIdle: true })
  void session.begin(AGAIN)
  expect(session.current()).toEqual({ session: AGAIN, isOver: false })
})
