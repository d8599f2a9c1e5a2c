import type { Operation } from './operation.ts'
import { reindexStatus } from './reindex-status.ts'

/** An operation of this server's own. */
export const searchParameterReindexStatus: Operation = {
  code: 'reindex-status',
  title: 'Reindex status',
  description: 'How far the resources that are older than a search parameter are indexed for it.',
  resource: ['SearchParameter'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: [
    { name: 'finished', type: 'boolean', min: 1, max: '1', documentation: 'Whether all of them are.' },
    { name: 'type', min: 0, max: '*', documentation: 'One for each resource type: done, total, finished.' },
  ],
  handler: reindexStatus,
}
