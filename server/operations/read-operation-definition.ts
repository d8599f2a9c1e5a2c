import type { Exchange, Handler, Reply, Rooms } from '../exchange.ts'
import { definitionId, type Operation, toDefinition } from './operation.ts'

/**
 * GET OperationDefinition/{id}: what an operation of this server takes and gives, made from its declaration; any other id is
 * read as it is stored.
 * @param read the interaction
 */
export const readOperationDefinition =
  (operations: Operation[], read: Handler) =>
  async (exchange: Exchange, rooms: Rooms): Promise<Reply> => {
    for (const operation of operations) {
      const type = operation.resource.find((one) => definitionId(operation, one) === exchange.id)
      if (type !== undefined) return { status: 200, text: JSON.stringify(toDefinition(operation, type, rooms.baseUrl)) }
    }
    return read(exchange, rooms)
  }
