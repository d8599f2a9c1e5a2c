import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { read } from '../interactions/read.ts'
import { definitionId, type Operation, toDefinition } from './operation.ts'

/**
 * GET OperationDefinition/{id}: what an operation of this server takes and gives, made from its declaration; any other id is
 * read as it is stored.
 */
export const readOperationDefinition =
  (operations: Operation[]) =>
  async (exchange: Exchange, rooms: Rooms): Promise<Reply> => {
    for (const operation of operations) {
      const type = operation.resource.find((one) => definitionId(operation, one) === exchange.id)
      if (type !== undefined) return { status: 200, text: JSON.stringify(toDefinition(operation, type, rooms.baseUrl)) }
    }
    return read(exchange, rooms)
  }
