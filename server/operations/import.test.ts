import type { OperationOutcome } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { parseScopes } from '../access/scopes.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { systemImport } from './import.ts'

const access: Access = { actor: 'Client/x', clientId: 'x', scopes: parseScopes('system/*.cruds') }

/** @returns what is told of lines that are no JSON, and how many of them were read */
async function importWrong(count: number, breaksAfter = count) {
  let read = 0
  async function* lines() {
    while (read < breaksAfter) {
      read += 1
      yield 'wrong'
    }
    if (breaksAfter < count) throw new Error('the connection broke')
  }
  const exchange = { access, lines: lines() } as unknown as Exchange
  const reply = await systemImport.handler(exchange, { reportFault: () => {} } as unknown as Rooms)
  const told: string[] = []
  for await (const text of reply.lines ?? []) told.push(...String(text).trim().split('\n'))
  return { read, told: told.map((one) => JSON.parse(one) as OperationOutcome) }
}
const lineOf = ({ issue }: OperationOutcome) => issue?.[0]?.extension?.[0]?.valueInteger

test('each line that was read is told of once, also the one at which it is given up', async () => {
  const { read, told } = await importWrong(5_000)
  expect(told.map(lineOf)).toEqual(Array.from({ length: read }, (_, i) => i + 1))
  expect(told.at(-1)?.issue?.[0]).toMatchObject({ code: 'too-costly' })
  expect(read).toBeLessThan(1_100)
})

test('where the lines break off, the line that did not come is named', async () => {
  const { told } = await importWrong(10, 3)
  expect(told.map(lineOf)).toEqual([1, 2, 3, 4])
})
