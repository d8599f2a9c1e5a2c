import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { isSystem, permits, reachOf } from '../access/reach.ts'
import { createNames } from '../audit-trail/name-of.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { readIfOpen } from '../store/read-if-open.ts'
import type { MaySee } from '../store/relations/who-may-see.ts'
import type { Operation } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** What somebody is called is told to whoever they may see, whatever else of the directory is not. */
const NAMES = engineAccess('who-may-see')

/**
 * Patient/{id}/$who-may-see: everybody who may see something of a patient at this moment: teams, organisations, health professionals, next of
 * kin, each with what says so. For the patient alone: next of kin see no Consents, parents neither.
 * @throws Refusal forbidden (no scope for Consent), not-found (somebody else's)
 */
export const whoMaySee: Operation = {
  code: 'who-may-see',
  title: 'Who may see my record',
  description:
    'For the patient: everybody who may see something of the record now, as the decision on access has it, with what says so and until when.',
  resource: ['Patient'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: [
    {
      ...{ name: 'entry', min: 0, max: '*', documentation: 'Somebody who may, one for each way in which they may.' },
      part: [
        {
          name: 'who',
          type: 'Reference',
          min: 1,
          max: '1',
          documentation:
            'CareTeam, Organization, PractitionerRole, Practitioner, HealthcareService or RelatedPerson, with a name.',
        },
        {
          name: 'because',
          type: 'code',
          min: 1,
          max: '1',
          documentation: 'care-team, care-plan, episode, gp, task, asked, granted, guardian or break-glass.',
        },
        { name: 'source', type: 'Reference', min: 1, max: '1', documentation: 'What says so.' },
        {
          name: 'type',
          type: 'code',
          min: 0,
          max: '*',
          documentation: 'Only these; without one, what their role may see.',
        },
        { name: 'until', type: 'instant', min: 0, max: '1', documentation: 'When it ends.' },
        {
          name: 'closed',
          type: 'boolean',
          min: 1,
          max: '1',
          documentation:
            'Whether the patient has closed the whole record to them; to one member of a team alone is not told here.',
        },
      ],
    },
  ],
  async handler({ access, id }, rooms) {
    if (!permits(access, 'Consent', 'r')) throw refuse('forbidden', 'Who may see is told with a scope for Consent.')
    if (!isOwnRecord(access, id)) throw refuse('not-found', `There is no Patient/${id}.`)
    await rooms.store.read(access, 'Patient', id)
    const found = await rooms.store.whoMaySee(id)
    const findName = createNames((reference) => readIfOpen(rooms.store, NAMES, reference))
    const entries = found.map(async (one) => ({ name: 'entry', part: partsOf(one, await findName(one.grantee)) }))
    return parametersReply(await Promise.all(entries))
  },
}

const isOwnRecord = (access: Access, id: string): boolean =>
  isSystem(access)
    ? reachOf(access, 'Consent', 'r').kind === 'all'
    : (access.standing?.records ?? []).some(({ patient, as }) => patient === id && as === 'self')

const partsOf = (
  { grantee, kind, source, types = [], until, isClosed }: MaySee,
  name: string | undefined,
): ParametersParameter[] => [
  { name: 'who', valueReference: { reference: grantee, ...(name && { display: name }) } },
  { name: 'because', valueCode: kind },
  { name: 'source', valueReference: { reference: source } },
  ...types.map((type) => ({ name: 'type', valueCode: type })),
  ...(until ? [{ name: 'until', valueInstant: until }] : []),
  { name: 'closed', valueBoolean: isClosed },
]
