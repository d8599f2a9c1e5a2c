import { Refusal } from '../core/fhir/outcome.ts'
import type { Exchange, Handler, Reply, Rooms } from '../exchange.ts'
import { definitionId, type Operation, toDefinition } from './operation.ts'

/**
 * GET OperationDefinition/{id}: as it is stored; for an operation of this server that nobody has stored a definition of, the
 * one that is made from its declaration.
 * @param read the interaction
 */
export const readOperationDefinition =
  (operations: Operation[], read: Handler) =>
  async (exchange: Exchange, rooms: Rooms): Promise<Reply> => {
    try {
      return await read(exchange, rooms)
    } catch (error) {
      const made =
        error instanceof Refusal && error.status === 404 ? madeDefinition(operations, exchange.id, rooms) : undefined
      if (made === undefined) throw error
      return { status: 200, text: made }
    }
  }

function madeDefinition(operations: Operation[], id: string, { baseUrl }: Rooms): string | undefined {
  for (const operation of operations) {
    const type = operation.resource.find((one) => definitionId(operation, one) === id)
    if (type !== undefined) return JSON.stringify(toDefinition(operation, type, baseUrl))
  }
  return undefined
}
