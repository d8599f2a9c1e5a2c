import type { ParametersParameter } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { permitsAct } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { JOURNAL_PARTS, type Journal, type JournalLooked, type JournalPart, type Rooms } from '../exchange.ts'
import { readGiven } from './given-parameters.ts'
import { type LookScope, mustPermit, patientToLookAt } from './look-decision.ts'
import { asShown, type KeptBack } from './looked-up-shown.ts'
import { missingPart, toMissing } from './missing-part.ts'
import { oneOf } from './one-of.ts'
import { type Operation, part } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

/** Patient/{id}/$journal-status: in which EHRs the caller can look for this patient; none of them is asked. */
export const journalStatus: Operation = {
  code: 'journal-status',
  title: 'Which EHRs can be looked in',
  description:
    'The organisations that the caller works for and whose EHR is connected here. No EHR is asked by this, and nobody is told.',
  resource: ['Patient'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: [
    {
      ...{ name: 'connected', type: 'boolean', min: 1, max: '1' },
      documentation: 'Whether there is one, for the caller.',
    },
    part('organization', 'string', 'Organisation number, for $journal.', '*'),
  ],
  async handler(exchange, rooms) {
    const { access, id } = exchange
    readGiven(exchange, journalStatus)
    await rooms.store.read(access, 'Patient', id)
    const organizations = mayLook(access) ? ((await rooms.journal?.organizationsOf(access)) ?? []) : []
    return parametersReply([
      { name: 'connected', valueBoolean: organizations.length > 0 },
      ...organizations.map((number) => ({ name: 'organization', valueString: number })),
    ])
  },
}

/**
 * Patient/{id}/$journal: plans, conditions, medicines and allergies that the EHR of the caller's organisation has of the patient. Nothing is stored.
 * @throws Refusal not-supported (not connected), forbidden, required or value (organization), business-rule (no relation), suppressed, not-found, processing, throttled, transient
 */
export const journalFind: Operation = {
  code: 'journal',
  title: 'Look in the EHR',
  description:
    'Plans, conditions, medicines and allergies that the EHR of an organisation has of the patient, as it gives them now through Velferdsteknologisk knutepunkt: for those who work for that organisation and have to do with the patient. Nothing is stored; their references lead into the EHR. What says by number that it is somebody else’s is left out and counted, and so is what bears a label that hides it from the caller; addresses that are withheld here are not told.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [
    part(
      'organization',
      'string',
      'Organisation number of whose EHR it is, where the caller works for several that are connected.',
    ),
    part('part', 'code', `What is looked for: ${JOURNAL_PARTS.join(', ')}. All of them where none is named.`, '*'),
  ],
  out: [
    {
      ...{ name: 'organization', type: 'string', min: 1, max: '1' },
      documentation: 'Organisation number of whose EHR it is.',
    },
    part('found', 'Resource', 'CarePlan, Condition, MedicationStatement or AllergyIntolerance.', '*'),
    part('more', 'boolean', 'True where there is more than this.'),
    part('of-others', 'integer', 'So many came that say that they are somebody else’s.'),
    part('labelled', 'integer', 'So many came with a label that hides them from the roles of the caller.'),
    part(
      'incomplete',
      'code',
      'A part of which something came that is not among what was found, or of which the EHR says that something is wrong.',
      '*',
    ),
    missingPart('CarePlan, Condition, MedicationStatement or AllergyIntolerance.'),
  ],
  async handler(exchange, rooms) {
    const { access } = exchange
    const given = readGiven(exchange, journalFind)
    const named = given.texts('part').map((one) => oneOf(one, 'part', JOURNAL_PARTS))
    const asked = JOURNAL_PARTS.filter((one) => named.length === 0 || named.includes(one))
    const journal = journalOf(rooms, access)
    const scopes = asked.map((type): LookScope => [type, 's'])
    mustPermit(access, scopes)
    const organization = whichOf(await journal.organizationsOf(access), given.text('organization'))
    const { patient, kept } = await patientToLookAt(rooms, exchange, 'the EHR', scopes)
    const looked = await journal.find(patient, organization, asked)
    return {
      ...parametersReply([{ name: 'organization', valueString: organization }, ...told(looked, kept)]),
      // For what follows from who they are, and from how they have to do with the patient: a broken glass is told as that.
      audit: { reason: `journal: ${organization}` },
    }
  },
}

const mayLook = (access: Access): boolean => permitsAct(access, 'look-in-journal')

function journalOf({ journal }: Rooms, access: Access): Journal {
  if (!journal) throw refuse('not-supported', 'No EHR is connected here.')
  if (mayLook(access)) return journal
  throw refuse('forbidden', 'The policy of access lets none of your roles look in the EHR; health personnel may.')
}

/** @param organizations that the caller works for and whose EHR is connected */
function whichOf(organizations: readonly string[], named: string | undefined): string {
  const [only, ...others] = organizations
  if (!only) throw refuse('forbidden', 'No EHR is connected of an organisation that you work for.')
  if (named === undefined && others.length === 0) return only
  if (named === undefined)
    throw refuse(
      'required',
      `organization says which EHR is asked: one of ${organizations.join(', ')}.`,
      'organization',
    )
  return oneOf(named, 'organization', organizations)
}

function told(
  { found, isCut, ofOthersCount, incomplete, failures }: JournalLooked,
  kept: KeptBack,
): ParametersParameter[] {
  const { shown, labelled } = asShown(found, kept)
  const parts = new Set<JournalPart>([...incomplete, ...labelled.map(({ resourceType }) => resourceType)])
  return [
    ...shown.map((resource) => ({ name: 'found', resource })),
    ...(isCut ? [{ name: 'more', valueBoolean: true }] : []),
    ...(ofOthersCount > 0 ? [{ name: 'of-others', valueInteger: ofOthersCount }] : []),
    ...(labelled.length > 0 ? [{ name: 'labelled', valueInteger: labelled.length }] : []),
    ...[...parts].map((one) => ({ name: 'incomplete', valueCode: one })),
    ...failures.map(toMissing),
  ]
}
