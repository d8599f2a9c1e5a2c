import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { systemExport } from './bulk-export.ts'
import { readExportAsked } from './export-asked.ts'

const access: Access = { actor: 'Client/x', clientId: 'x', scopes: parseScopes('system/*.rs') }
const rooms = { definitions: loadDefinitions() } as unknown as Rooms

/** @returns what is taken out, or the code of the refusal */
async function ask(parameter: unknown, prefer = 'respond-async, handling=lenient') {
  const body = { resourceType: 'Parameters', parameter }
  const exchange = { access, query: new URLSearchParams(), body, headers: { prefer } } as unknown as Exchange
  try {
    return (await readExportAsked(exchange, rooms, { operation: systemExport, whose: 'all' })).types
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]?.code
    throw error
  }
}

test('a parameter that there is not is left out where the caller prefers that, and refused else', async () => {
  const parameter = [
    { name: '_type', valueString: 'Patient' },
    { name: 'colour', valueString: 'red' },
  ]
  expect(await ask(parameter)).toEqual(['Patient'])
  expect(await ask(parameter, 'respond-async')).toBe('not-supported')
})

test.each([['x'], [{}], [7], [[null]], [['x']], [[{ name: 7 }]]])(
  'parameter %j is refused, and no fault of ours',
  async (parameter) => expect(['structure', 'required']).toContain(await ask(parameter)),
)
