import { ENGINE_CLIENT_ID } from '../../access/engine-access.ts'
import { isSystem, reachOf } from '../../access/reach.ts'
import { parseScopes } from '../../access/scopes.ts'
import { startTestDatabase } from '../../db/test-database.ts'
import { putClient } from './clients.ts'
import { APPS_CLIENT_ID } from './demo-clients.ts'
import { OWN_CLIENT_ID } from './own-client.ts'

const scopes = parseScopes('user/*.rs')

test.each([OWN_CLIENT_ID, APPS_CLIENT_ID])(
  'a person who comes by %s is not taken for the server itself',
  (clientId) => {
    for (const actor of ['RelatedPerson/maja', 'Practitioner/kari', 'Patient/line']) {
      expect(isSystem({ actor, clientId, scopes })).toBe(false)
      expect(reachOf({ actor, clientId, scopes }, 'Patient', 's').kind).not.toBe('all')
    }
  },
)

test('nor by a token, should its client bear the name of the engine', () => {
  const token = { key: 'k', expiresAt: '2026-11-23T20:00:00.000Z' }
  expect(isSystem({ actor: 'Practitioner/kari', clientId: ENGINE_CLIENT_ID, scopes, token })).toBe(false)
})

test('and no client can be stored under that name', async () => {
  const database = await startTestDatabase()
  const put = (client_id: string) =>
    putClient(database.pool, {
      ...{ client_id, client_name: 'X', token_endpoint_auth_method: 'none', secret_hash: null, demo: false },
      ...{ allowed_scope: 'user/*.rs', token_lifetime_seconds: 300, redirect_uris: ['https://app.example.org/'] },
      grant_types: ['authorization_code'],
    })
  await put('another')
  await expect(put(ENGINE_CLIENT_ID)).rejects.toMatchObject({ code: '23514' })
  await database.stop()
})
