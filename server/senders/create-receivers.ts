import type { Outgoing } from '../authorization-server/outgoing.ts'
import type { Pool } from '../db/pool.ts'
import type { Config } from '../settings/config.ts'
import { helseIdCaller } from './helseid-caller.ts'
import { jftReceiver } from './jft/jft-receiver.ts'
import type { Receiver } from './message.ts'
import { mhdReceiver } from './mhd/mhd-receiver.ts'
import { pmdReceiver } from './pmd/pmd-receiver.ts'
import type { ReadingRooms } from './read-as-receiver.ts'
import { followOrganization } from './receiving-organization.ts'

type Rooms = ReadingRooms & { pool: Pool; now: () => Date; outgoing: Outgoing }

/** Each receiver that is switched on, as the settings have it. */
export const createReceivers = (settings: Config['senders'], rooms: Rooms): Receiver[] =>
  settings.map(({ helseId, scope, ...one }) => {
    const accessNow = followOrganization(rooms.pool, one.organization, rooms.now)
    const { outgoing } = rooms
    const caller = helseIdCaller(helseId, { scope, timeoutSeconds: one.timeoutSeconds, outgoing })
    const adapterRooms = { ...rooms, ...caller, accessNow }
    switch (one.receiver) {
      case 'pmd':
        return pmdReceiver(one, { ...adapterRooms, db: rooms.pool })
      case 'mhd':
        return mhdReceiver(one, { ...adapterRooms, db: rooms.pool })
      default:
        return jftReceiver(one, adapterRooms)
    }
  })
