import type { CarePlan, ParametersParameter, Task } from '@medplum/fhirtypes'
import type { Owner } from '../core/decide/task/task-marks.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { readGiven } from './given-parameters.ts'
import { pendingHandovers, responsibleFor } from './hand-over.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** Versions of one page; who had it longer ago is in the history itself. */
const VERSION_COUNT = 200

/** Task/{id}/$responsible and CarePlan/{id}/$responsible: who has the responsibility now, who had it before, and who is being asked. */
export const responsible: Operation = {
  code: 'responsible',
  title: 'Who has the responsibility',
  description: 'Who has it now and since when, who had it before, and who is asked to take it over.',
  resource: ['Task', 'CarePlan'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: [
    { name: 'responsible', type: 'Reference', min: 0, max: '1', documentation: 'Who has it; none when nobody has.' },
    { name: 'since', type: 'instant', min: 0, max: '1', documentation: 'Since when.' },
    {
      ...{ name: 'earlier', min: 0, max: '*', documentation: 'Who had it before, the latest first.' },
      part: [
        { name: 'responsible', type: 'Reference', min: 0, max: '1', documentation: 'Who.' },
        { name: 'since', type: 'instant', min: 1, max: '1', documentation: 'From when.' },
      ],
    },
    { name: 'pending', type: 'Reference', min: 0, max: '*', documentation: 'A handover that is not answered.' },
  ],
  async handler(exchange, rooms) {
    readGiven(exchange, responsible)
    const [now, ...earlier] = await holdersOf(exchange, rooms)
    const pending = await pendingHandovers(exchange, rooms, rooms.store)
    return parametersReply([
      ...(now ? partsOf(now) : []),
      ...earlier.map((one): ParametersParameter => ({ name: 'earlier', part: partsOf(one) })),
      ...pending.map(({ id, owner }) => ({
        name: 'pending',
        valueReference: { reference: `Task/${id}`, display: owner?.display ?? owner?.reference ?? '' },
      })),
    ])
  },
}

type Holder = { owner: Owner | undefined; since: string }

/** Who has had it, the latest first; versions in which it stayed with the same are one. */
async function holdersOf({ access, type, id }: Exchange, { store }: Rooms): Promise<Holder[]> {
  const current = await store.read(access, type, id)
  const { versions } = await store.history(access, type, id, { count: VERSION_COUNT })
  const newestFirst = versions.length > 0 ? versions : [current]
  const holders: Holder[] = []
  for (const { text, lastUpdated } of newestFirst) {
    if (text === undefined) continue
    const owner = responsibleFor(JSON.parse(text) as Task | CarePlan)
    const last = holders.at(-1)
    if (last && last.owner?.reference === owner?.reference) last.since = lastUpdated
    else holders.push({ owner, since: lastUpdated })
  }
  return holders
}

const partsOf = ({ owner, since }: Holder): ParametersParameter[] => [
  ...(owner ? [{ name: 'responsible', valueReference: owner }] : []),
  { name: 'since', valueInstant: since },
]
