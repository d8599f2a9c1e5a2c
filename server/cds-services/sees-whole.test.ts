import type { PlanDefinition } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { seesWhole } from './sees-whole.ts'

const KARI: Access = {
  ...{ actor: 'Practitioner/kari', clientId: 'ehr', patient: 'line', scopes: parseScopes('patient/*.rs') },
  standing: { roles: ['doctor'], grantees: ['Practitioner/kari'], records: [] } as unknown as NonNullable<
    Access['standing']
  >,
}
const asking = (type: string): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', status: 'active' },
  action: [{ action: [{ input: [{ type }] }] }],
})
const sees = (access: Access, type: string, closedBy: string[] = []) =>
  seesWhole(
    { store: { ties: async () => ({ relations: [], closedBy, isAddressWithheld: false }) } } as never,
    access,
    asking(type),
  )

test('a clinician to whom nothing is closed sees all that a plan asks for', async () => {
  expect(await sees(KARI, 'CarePlan')).toBe(true)
})

test.each<[string, Access, string[]]>([
  ['to whom something is closed', KARI, ['Consent/closed']],
  ['whose scopes do not reach it', { ...KARI, scopes: parseScopes('patient/Patient.rs') }, []],
  ['whose scopes reach a part of it', { ...KARI, scopes: parseScopes('patient/CarePlan.rs?status=active') }, []],
])('one %s does not', async (_case, access, closedBy) => {
  expect(await sees(access, 'CarePlan', closedBy)).toBe(false)
})
