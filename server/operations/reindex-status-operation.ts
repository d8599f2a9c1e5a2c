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
    {
      name: 'type',
      min: 0,
      max: '*',
      documentation: 'One for each resource type.',
      part: [
        { name: 'name', type: 'code', min: 1, max: '1', documentation: 'The type.' },
        { name: 'code', type: 'code', min: 1, max: '1', documentation: 'The parameter.' },
        { name: 'done', type: 'integer', min: 1, max: '1', documentation: 'Resources that are indexed.' },
        { name: 'total', type: 'integer', min: 0, max: '1', documentation: 'Of how many.' },
        { name: 'finished', type: 'instant', min: 0, max: '1', documentation: 'When all were.' },
      ],
    },
  ],
  handler: reindexStatus,
}
