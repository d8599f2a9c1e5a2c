import { againstSession } from './against-session.ts'

const USUAL = { organization: 'A', organizationUnit: 'A1' }
const A = { organization: 'A', organizationUnit: 'A1' }
const B = { organization: 'B', organizationUnit: 'B1' }

test.each([
  ['of the same sign-in', A, { provider: 'helseid', ...A }, undefined],
  ['where neither says for whom', {}, { provider: 'helseid' }, undefined],
  ['for the usual one, which one of them says', A, { provider: 'helseid' }, undefined],
  ['for another organisation', A, { provider: 'helseid', ...B }, 'other-organization'],
  ['for another unit', A, { provider: 'helseid', ...A, organizationUnit: 'A2' }, 'other-organization'],
  ['for another than the usual one', B, { provider: 'helseid' }, 'other-organization'],
  ['that an EHR has begun', A, { provider: 'https://ehr.example', hprNumber: '1' }, 'not-by-helseid'],
  ['of the demo', {}, { provider: 'demo' }, 'not-by-helseid'],
  ['of nobody knows what', A, undefined, 'not-by-helseid'],
])('a kept sign-in in a session %s', (_case, kept, login, expected) => {
  expect(againstSession(kept, login, USUAL)).toBe(expected)
})
