import { isOfLogin, lookedIn } from './journal.ts'

const LINE = '13116900216'
const NUMBERS = new Set([LINE])
const answered = (...entry: unknown[]) => ({
  ...{ status: 200, header: () => null },
  body: JSON.stringify({ resourceType: 'Bundle', entry }),
})
const condition = (id: string, rest: object = {}) => ({ resource: { resourceType: 'Condition', id, ...rest } })
const patient = (id: string, value: string) => ({
  fullUrl: `urn:uuid:${id}`,
  resource: { resourceType: 'Patient', identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value }] },
})

test('a part of which something was left out is incomplete, and what was entered in error is nothing that was left out', () => {
  const looked = lookedIn(
    answered(
      condition('own', { subject: { reference: 'urn:uuid:line' } }),
      condition('of-another', { subject: { reference: 'urn:uuid:other' } }),
      ...[patient('line', LINE), patient('other', '05073500186')],
    ),
    ...(['Condition', NUMBERS] as const),
  )
  expect(looked.found.map(({ id }) => id)).toEqual(['own'])
  expect([looked.ofOthersCount, looked.incomplete]).toEqual([1, ['Condition']])
  const wrong = condition('wrong', { verificationStatus: { coding: [{ code: 'entered-in-error' }] } })
  expect(lookedIn(answered(wrong), 'Condition', NUMBERS)).toMatchObject({ found: [], incomplete: [] })
})

test.each([
  ['nothing', undefined, true],
  ['no organisation', { provider: 'demo' }, true],
  ['it', { organization: 'A' }, true],
  ['a unit that it is', { organization: 'B', organizationUnit: 'A' }, true],
  ['another organisation', { organization: 'B' }, false],
  ['another organisation and a unit of it', { organization: 'B', organizationUnit: 'B1' }, false],
])('whoever has signed in for %s looks in the EHR of A: %#', (_case, login, expected) =>
  expect(isOfLogin('A', login as Record<string, string> | undefined)).toBe(expected),
)
