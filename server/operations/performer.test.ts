import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Rooms } from '../exchange.ts'
import { parseOwner, readPerformer } from './performer.ts'

/** May not search PractitionerRole, so nothing is read. */
const accessOf = (actor: string): Access => ({ actor, clientId: 'test', scopes: parseScopes('system/Task.u') })
const read = (actor: string, given?: string) => readPerformer({ access: accessOf(actor) }, {} as Rooms, given)
const codeOf = (error: unknown) => (error instanceof Refusal ? error.issues[0]?.code : error)

test.each([
  ['Practitioner/kari', undefined, 'Practitioner/kari'],
  ['Practitioner/kari', 'Practitioner/kari', 'Practitioner/kari'],
  ['Client/gateway', 'Practitioner/jonas', 'Practitioner/jonas'],
])('%s takes work for %s', async (actor, given, expected) => {
  expect((await read(actor, given)).owner).toEqual({ reference: expected })
})

test.each([
  ['a person for another', 'Practitioner/kari', 'Practitioner/jonas', 'forbidden'],
  ['a patient', 'Patient/line', 'Practitioner/kari', 'forbidden'],
  ['next of kin', 'RelatedPerson/ola', 'Practitioner/kari', 'forbidden'],
  ['a system that names nobody', 'Client/gateway', undefined, 'required'],
  ['for a patient', 'Client/gateway', 'Patient/line', 'value'],
  ['for what is no reference', 'Client/gateway', 'kari', 'value'],
])('it is not taken by or for %s', async (_name, actor, given, code) => {
  const refused = await read(actor, given).then(() => 'taken', codeOf)
  expect(refused).toBe(code)
})

test.each(['CareTeam', 'Patient/1', 'CareTeam/1/2', 'CareTeam/', 'http://x/CareTeam/1'])('%s is no queue', (text) => {
  expect(() => parseOwner(text, 'queue', ['CareTeam'])).toThrow(Refusal)
})
