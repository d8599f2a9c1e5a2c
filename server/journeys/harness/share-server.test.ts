import { type SharedServer, shareServer } from './share-server.ts'

async function send(server: SharedServer, method: 'PUT' | 'DELETE', path: string, resource?: object): Promise<void> {
  const headers = { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' }
  const response = await fetch(`${server.fhir}/${path}`, { method, headers, body: JSON.stringify(resource) ?? null })
  expect([path, response.ok]).toEqual([path, true])
}

const SHARED = { resourceType: 'Patient', id: 'share-server' }

test('who has written what is their own gives it back; who changes what was there before is told so', async () => {
  const first = await shareServer()
  await send(first, 'PUT', 'Patient/share-server', SHARED)
  await first.giveBack()
  const second = await shareServer()
  expect(second.baseUrl).toBe(first.baseUrl)
  await send(second, 'PUT', 'Patient/share-server', { ...SHARED, active: true })
  await expect(second.giveBack()).rejects.toThrow('not so: Patient/share-server.')
})

test('nothing new is left about the demo’s patients', async () => {
  const server = await shareServer()
  const subject = { reference: 'Patient/demo-line' }
  await send(server, 'PUT', 'Condition/share-server', { resourceType: 'Condition', id: 'share-server', subject })
  await send(server, 'DELETE', 'Condition/share-server')
  await expect(server.giveBack()).rejects.toThrow('not so: Condition/share-server.')
})

test('nobody gets it before it is given back', async () => {
  const server = await shareServer()
  await expect(shareServer()).rejects.toThrow('share-server.test.ts has not given the shared server back')
  await server.giveBack()
})
