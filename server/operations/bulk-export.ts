import type { Group } from '@medplum/fhirtypes'
import { isSystem } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { parseLiteralReference } from '../search/extract-reference.ts'
import type { ExportAsked } from '../store/bulk-export.ts'
import { wantsAsync } from './async-job.ts'
import { waiting } from './bulk-export-files.ts'
import { EXPORT_PARAMETERS, PATIENT_PARAMETER, readExportAsked } from './export-asked.ts'
import type { Operation, Parameter } from './operation.ts'

const common = {
  code: 'export',
  letter: 's' as const,
  isOwn: true,
  out: [] as Parameter[],
} satisfies Partial<Operation>

/**
 * $export: everything that a system may search, as NDJSON, as it was at one moment. Begun here, and fetched from where the answer says.
 * @throws Refusal forbidden (a person; a type beyond the scopes), required (Prefer: respond-async), value, not-supported
 * @see https://hl7.org/fhir/uv/bulkdata/STU2/export.html
 */
export const systemExport: Operation = {
  ...common,
  title: 'Export everything',
  description: 'Everything that a system may search, as NDJSON, as it was at one moment (Bulk Data).',
  resource: ['Resource'],
  on: ['system'],
  in: EXPORT_PARAMETERS,
  handler: (exchange, rooms) => begin(exchange, rooms, { operation: systemExport, path: '$export', whose: 'all' }),
}

/** The same of all patients: what is in their compartments. */
export const patientExport: Operation = {
  ...common,
  title: 'Export all patients',
  description: 'What is in the compartments of all patients, as NDJSON, as it was at one moment (Bulk Data).',
  resource: ['Patient'],
  on: ['type'],
  in: [...EXPORT_PARAMETERS, PATIENT_PARAMETER],
  handler: (exchange, rooms) =>
    begin(exchange, rooms, { operation: patientExport, path: 'Patient/$export', whose: 'patients' }),
}

/** The same of the patients who are members of a Group now. */
export const groupExport: Operation = {
  ...common,
  title: 'Export a group',
  description: 'What is in the compartments of the members of a Group, as NDJSON, as it was at one moment (Bulk Data).',
  resource: ['Group'],
  on: ['instance'],
  in: [...EXPORT_PARAMETERS, PATIENT_PARAMETER],
  async handler(exchange, rooms) {
    mustBeSystem(exchange)
    const { access, id } = exchange
    const { text = '{}' } = await rooms.store.read(access, 'Group', id)
    const whose = membersOf(JSON.parse(text) as Group, rooms)
    return begin(exchange, rooms, { operation: groupExport, path: `Group/${id}/$export`, whose })
  },
}

function membersOf({ member = [] }: Group, { baseUrl, now }: Rooms): string[] {
  const at = now()
  const current = member.filter(({ inactive, period }) => !inactive && !(period?.end && new Date(period.end) < at))
  return current.flatMap(({ entity }) => {
    const literal = entity?.reference ? parseLiteralReference(entity.reference, baseUrl) : undefined
    return literal?.type === 'Patient' ? [literal.id] : []
  })
}

type Begun = { operation: Operation; path: string; whose: ExportAsked['whose'] }

async function begin(exchange: Exchange, rooms: Rooms, { operation, path, whose }: Begun): Promise<Reply> {
  mustBeSystem(exchange)
  const { access, headers, query } = exchange
  if (!wantsAsync(headers.prefer))
    throw refuse('required', 'An export is asked for with the header Prefer: respond-async.', 'Prefer')
  const asked = await readExportAsked(exchange, rooms, { operation, whose })
  const request = `${rooms.baseUrl}/${path}${query.size > 0 ? `?${query}` : ''}`
  const id = await rooms.bulkExports.begin(access, { ...asked, request })
  return { ...waiting(id), audit: { code: 'export' } }
}

/** Whole records leave with it: a program that an administrator has registered for that may, a person not. @throws Refusal forbidden */
function mustBeSystem({ access }: Exchange): void {
  if (isSystem(access) && access.patient === undefined) return
  throw refuse(
    'forbidden',
    'An export is for systems, with scopes such as system/*.rs; people see their lists by search.',
  )
}
