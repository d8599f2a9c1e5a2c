import type {
  Attachment,
  Binary,
  DocumentReference,
  ParametersParameter,
  Practitioner,
  PractitionerRole,
} from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits, permitsAct } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sha1Of } from '../documents/document-reference.ts'
import { uuidOf } from '../documents/offered.ts'
import {
  type DocumentName,
  type Exchange,
  type Kjernejournal,
  LABORATORY_PARTS,
  type LaboratoryAnswer,
  LOOK_BASES,
  LOOK_PURPOSES,
  type Look,
  type Looked,
  type Reply,
  type Rooms,
} from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'
import { readIfOpen } from '../store/read-if-open.ts'
import type { Version } from '../store/store.ts'
import { type Given, readGiven } from './given-parameters.ts'
import { auditOfLook, type LookScope, mustPermit, patientToLookAt } from './look-decision.ts'
import { asShown, type KeptBack } from './looked-up-shown.ts'
import { missingPart, toMissing } from './missing-part.ts'
import { oneOf } from './one-of.ts'
import { type Operation, type Parameter, part, parts } from './operation.ts'
import { parametersReply } from './parameters-reply.ts'

const VOLVEN_9060 = 'urn:oid:2.16.578.1.12.4.1.1.9060'

const WHY: Parameter[] = [
  {
    ...{ name: 'purpose', type: 'code', min: 1, max: '1' },
    documentation: `For what, of v3-ActReason: ${LOOK_PURPOSES.join(', ')}. It is attested to whoever has written what is looked at.`,
  },
  {
    ...{ name: 'basis', type: 'code', min: 1, max: '1' },
    documentation: `On what ground: ${LOOK_BASES.join(', ')}. The raised ones are for what the patient has blocked.`,
  },
]
const NAME: Parameter[] = [
  {
    ...{ name: 'document', type: 'string', min: 1, max: '1' },
    documentation: 'As $kjernejournal told it: documentUniqueId.',
  },
  { ...{ name: 'community', type: 'string', min: 1, max: '1' }, documentation: 'Likewise: homeCommunityId.' },
  { ...{ name: 'repository', type: 'string', min: 1, max: '1' }, documentation: 'Likewise: repositoryUniqueId.' },
]

/** Patient/{id}/$kjernejournal-status: whether the caller can look in kjernejournal for this patient; kjernejournal itself is not asked. */
export const kjernejournalStatus: Operation = {
  code: 'kjernejournal-status',
  title: 'Whether kjernejournal can be looked in',
  description:
    'Whether the national core journal is connected here, and whether the caller has signed in by HelseID, so that it can be asked as they. It is not asked by this, and nobody is told.',
  resource: ['Patient'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [],
  out: [
    {
      ...{ name: 'connected', type: 'boolean', min: 1, max: '1' },
      documentation: 'Whether it is connected, and for the caller.',
    },
    part('signed-in', 'boolean', 'Whether they have signed in by HelseID.'),
  ],
  async handler(exchange, rooms) {
    const { access, id } = exchange
    readGiven(exchange, kjernejournalStatus)
    await rooms.store.read(access, 'Patient', id)
    const { kjernejournal } = rooms
    const isConnected = kjernejournal !== undefined && mayLook(access)
    return parametersReply([
      { name: 'connected', valueBoolean: isConnected },
      ...(isConnected
        ? [{ name: 'signed-in', valueBoolean: await kjernejournal.isSignedIn(access.actor, access.login) }]
        : []),
    ])
  },
}

/**
 * Patient/{id}/$kjernejournal: documents that others have written of the patient, and critical information, from the national core journal.
 * @throws Refusal not-supported (not connected), forbidden, value, business-rule (not signed in by HelseID; no relation), suppressed, not-found, throttled, transient
 */
export const kjernejournalFind: Operation = {
  code: 'kjernejournal',
  title: 'Look in kjernejournal',
  description:
    'Documents of the patient that others have written, and critical information, as the national core journal gives them to the caller now. How many documents the patient has blocked is told, and nothing else of them. Nothing is stored. The purpose is attested, and the patient sees in kjernejournal that somebody has looked.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [...WHY, part('type', 'code', 'Only documents of this type or group of Volven 9602: A00-1.')],
  out: [
    parts('document', '*', 'The newest first.', [
      part('reference', 'DocumentReference', 'What kjernejournal tells of it.'),
      part('document', 'string', 'For $kjernejournal-document; absent for one that cannot be opened.'),
      part('community', 'string', 'Likewise.'),
      part('repository', 'string', 'Likewise.'),
    ]),
    part('critical', 'Resource', 'AllergyIntolerance, Condition or Procedure.', '*'),
    {
      ...{ name: 'blocked', type: 'integer', min: 1, max: '1' },
      documentation: 'So many documents the patient has blocked.',
    },
    part('more', 'boolean', 'True where there are more documents than these.'),
    part(
      'incomplete',
      'code',
      'documents or critical-information, of which something came that is not among what was found, or of which kjernejournal says that something is wrong.',
      '*',
    ),
    missingPart('documents or critical-information.'),
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, kjernejournalFind)
    const { kjernejournal, look, kept, audit } = await lookOf(exchange, rooms, given, FOUND)
    const found = await kjernejournal.find(look, given.text('type'))
    return { ...parametersReply(told(found, kept)), audit }
  },
}

/**
 * Patient/{id}/$kjernejournal-document: one document of others, as it was written. Nothing is stored unless that is asked for.
 * @throws Refusal as $kjernejournal; forbidden (DocumentReference, where it is to be kept)
 */
export const kjernejournalDocument: Operation = {
  code: 'kjernejournal-document',
  title: 'Open a document of kjernejournal',
  description:
    'One document that others have written, as the national core journal gives it to the caller now: a Binary, which is not stored. With keep it is filed here, with a DocumentReference that tells whose it is and where it is from.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [
    ...WHY,
    ...NAME,
    part('title', 'string', 'What it is called here; only where it is kept.'),
    part('keep', 'boolean', 'True: a copy is filed here.'),
  ],
  out: [
    {
      ...{ name: 'return', type: 'Resource', min: 1, max: '1' },
      documentation: 'A Binary; the DocumentReference of the copy, where it is kept.',
    },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, kjernejournalDocument)
    const isKept = given.flag('keep') ?? false
    const { kjernejournal, look, audit } = await lookOf(exchange, rooms, given, [['DocumentReference', 'r']])
    if (isKept && !permits(exchange.access, 'DocumentReference', 'c')) throw notPermitted('DocumentReference', 'c')
    const name: DocumentName = {
      documentUniqueId: given.text('document') ?? '',
      homeCommunityId: given.text('community') ?? '',
      repositoryUniqueId: given.text('repository') ?? '',
    }
    const { contentType, bytes } = await kjernejournal.open(look, name)
    if (isKept)
      return { ...(await keep(exchange, rooms, { name, contentType, bytes, title: given.text('title') })), audit }
    const binary: Binary = { resourceType: 'Binary', contentType, data: bytes.toString('base64') }
    return { status: 200, text: JSON.stringify(binary), audit }
  },
}

/** Patient/{id}/$kjernejournal-portal: where the portal of kjernejournal shows the patient, for one use. @throws Refusal as $kjernejournal */
export const kjernejournalPortal: Operation = {
  code: 'kjernejournal-portal',
  title: 'Open the portal of kjernejournal',
  description:
    'The address at which the portal of the national core journal opens with this patient, for the caller and for one use.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: WHY,
  out: [{ ...{ name: 'url', type: 'url', min: 1, max: '1' }, documentation: 'To be opened in a window of its own.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, kjernejournalPortal)
    const { kjernejournal, look, audit } = await lookOf(exchange, rooms, given, FOUND)
    return { ...parametersReply([{ name: 'url', valueUrl: await kjernejournal.portal(look) }]), audit }
  },
}

/**
 * Patient/{id}/$kjernejournal-laboratory: what laboratories anywhere have answered of the patient, from Pasientens prøvesvar.
 * @throws Refusal as $kjernejournal; not-supported (not connected)
 */
export const kjernejournalLaboratory: Operation = {
  code: 'kjernejournal-laboratory',
  title: 'Look for laboratory answers of others',
  description:
    'Laboratory answers of the patient, whoever has asked for them, as Pasientens prøvesvar gives them to the caller now. Nothing is stored. The patient sees that somebody has looked.',
  resource: ['Patient'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [...WHY, part('since', 'date', 'Only answers of this day or later.')],
  out: [
    part('answer', 'Resource', 'DiagnosticReport or Observation, the newest first.', '*'),
    part('more', 'boolean', 'True where there are more than these.'),
    part(
      'incomplete',
      'code',
      'DiagnosticReport or Observation, of which something came that is not among the answers, or of which the service says that something is wrong.',
      '*',
    ),
    missingPart('DiagnosticReport or Observation.'),
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, kjernejournalLaboratory)
    const since = given.text('since')
    if (since !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(since)) {
      throw refuse('value', 'since must be a date, such as 2026-01-31.', 'since')
    }
    const { kjernejournal, look, kept, audit } = await lookOf(exchange, rooms, given, ANSWERED)
    const { found, isCut, incomplete, failures } = await kjernejournal.laboratory(look, since)
    const newestFirst = found.toSorted((one, other) => answeredAt(other).localeCompare(answeredAt(one)))
    return {
      ...parametersReply([
        ...asShown(newestFirst, kept).shown.map((resource) => ({ name: 'answer', resource })),
        ...(isCut ? [{ name: 'more', valueBoolean: true }] : []),
        ...incomplete.map((one) => ({ name: 'incomplete', valueCode: one })),
        ...failures.map(toMissing),
      ]),
      audit,
    }
  },
}

/** When it was taken; sorts as text, as far as it is told in one zone. */
const answeredAt = ({ effectiveDateTime, effectivePeriod, issued }: LaboratoryAnswer): string =>
  effectiveDateTime ?? effectivePeriod?.start ?? issued ?? ''

const ANSWERED: readonly LookScope[] = LABORATORY_PARTS.map((type) => [type, 's'] as const)

const mayLook = (access: Access): boolean => permitsAct(access, 'look-in-kjernejournal')

/** What is found, and what the portal shows. */
const FOUND: readonly LookScope[] = ['DocumentReference', 'AllergyIntolerance', 'Condition', 'Procedure'].map(
  (type) => [type, 's'] as const,
)

type Looking = { kjernejournal: Kjernejournal; look: Look; kept: KeptBack; audit: NonNullable<Reply['audit']> }

/** Everything that is looked at before somebody else is asked: who, why, and what they have to do with the patient. */
async function lookOf(exchange: Exchange, rooms: Rooms, given: Given, scopes: readonly LookScope[]): Promise<Looking> {
  const { access } = exchange
  const { kjernejournal } = rooms
  if (!kjernejournal) throw refuse('not-supported', 'Kjernejournal is not connected here.')
  if (!mayLook(access))
    throw refuse(
      'forbidden',
      'The policy of access lets none of your roles look in kjernejournal; health personnel may.',
    )
  mustPermit(access, scopes)
  const purpose = oneOf(given.text('purpose'), 'purpose', LOOK_PURPOSES)
  const basis = oneOf(given.text('basis'), 'basis', LOOK_BASES)
  const { patient, decision, kept } = await patientToLookAt(rooms, exchange, 'kjernejournal', scopes)
  if (purpose === 'BTG' && !decision.isUserSelected)
    throw refuse('value', 'You are in the care of this patient; the glass is not broken for them.', 'purpose')
  const authorization = await authorizationOf(rooms, access)
  return {
    kjernejournal,
    look: {
      ...{ who: access.actor, login: access.login, patient, purpose, basis, decision },
      ...(authorization ? { authorization } : {}),
    },
    // What a label would hide there, kjernejournal itself judges: it knows who looks. Where somebody lives is kept here.
    kept: { ...kept, labels: [] },
    audit: auditOfLook({ purpose, basis, decision }),
  }
}

/** Who is who here is open to all who work here. */
const DIRECTORY = engineAccess('kjernejournal')

/** As what somebody works, of Volven 9060: by their role, or by their own qualification. */
async function authorizationOf(rooms: Rooms, { actor, standing }: Access): Promise<string | undefined> {
  const roles = await Promise.all(
    (standing?.attest.practitionerRoles ?? []).map((role) =>
      readIfOpen<PractitionerRole>(rooms.store, DIRECTORY, role),
    ),
  )
  const person = await readIfOpen<Practitioner>(rooms.store, DIRECTORY, actor)
  const concepts = [
    ...roles.flatMap((role) => role?.code ?? []),
    ...(person?.qualification ?? []).map(({ code }) => code),
  ]
  return concepts
    .flatMap(({ coding = [] }) => coding)
    .find(({ system, code }) => system === VOLVEN_9060 && /^[A-Z]{2}$/.test(code ?? ''))?.code
}

function told(
  { documents, critical, blockedCount, isCut, incomplete, failures }: Looked,
  kept: KeptBack,
): ParametersParameter[] {
  const newestFirst = documents.toSorted(({ reference: a }, { reference: b }) =>
    (b.date ?? '').localeCompare(a.date ?? ''),
  )
  return [
    ...newestFirst.map(({ reference, name }) => ({
      name: 'document',
      part: [
        ...asShown([reference], kept).shown.map((resource) => ({ name: 'reference', resource })),
        ...(name
          ? [
              { name: 'document', valueString: name.documentUniqueId },
              { name: 'community', valueString: name.homeCommunityId },
              { name: 'repository', valueString: name.repositoryUniqueId },
            ]
          : []),
      ],
    })),
    ...asShown(critical, kept).shown.map((resource) => ({ name: 'critical', resource })),
    { name: 'blocked', valueInteger: blockedCount },
    ...(isCut ? [{ name: 'more', valueBoolean: true }] : []),
    ...incomplete.map((one) => ({ name: 'incomplete', valueCode: one })),
    ...failures.map(toMissing),
  ]
}

/** Writes the contents, which are of nobody by themselves: the DocumentReference, written by the caller, says whose they are. */
const CONTENTS = engineAccess('documents')

type Kept = { name: DocumentName; contentType: string; bytes: Buffer; title: string | undefined }

/**
 * A copy of somebody else's document, with where it is from: both or neither. Of one document a patient has one copy: whoever asks again, because the
 * answer was lost or because others have filed it, is given the copy that is there.
 */
async function keep({ access, id }: Exchange, rooms: Rooms, { name, contentType, bytes, title }: Kept): Promise<Reply> {
  const { store, definitions } = rooms
  const { documentUniqueId, homeCommunityId, repositoryUniqueId } = name
  const copied = JSON.stringify(['kjernejournal', id, homeCommunityId, repositoryUniqueId, documentUniqueId])
  const masterIdentifier = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${uuidOf(copied)}` }
  const criteria = parseSearch(
    definitions,
    'DocumentReference',
    new URLSearchParams({
      ...{ patient: `Patient/${id}`, status: 'current' },
      identifier: `${masterIdentifier.system}|${masterIdentifier.value}`,
    }),
    'strict',
  )
  const ids = { reference: store.newIdFor(id), binary: store.newIdFor(id) }
  const attachment: Attachment = {
    ...{ contentType, url: `Binary/${ids.binary}`, size: bytes.length, hash: sha1Of(bytes).toString('base64') },
    ...(title ? { title } : {}),
  }
  const reference: DocumentReference = {
    resourceType: 'DocumentReference',
    masterIdentifier,
    identifier: [
      { system: 'urn:ietf:rfc:3986', value: urnOf(name.documentUniqueId), assigner: { display: name.homeCommunityId } },
    ],
    ...{ status: 'current', subject: { reference: `Patient/${id}` }, date: rooms.now().toISOString() },
    custodian: { display: 'Kjernejournal', identifier: { value: name.repositoryUniqueId } },
    ...(title ? { description: title } : {}),
    content: [{ attachment }],
  }
  const { resource } = rooms.validate(reference, 'DocumentReference')
  return store.transact(async (inside): Promise<Reply> => {
    await inside.lockCriteria([criteria])
    const found = await inside.findOne(CONTENTS, criteria)
    if (found) return { status: 200, located: true, version: await inside.read(access, 'DocumentReference', found.id) }
    await inside.writeAll(CONTENTS, [
      {
        ...{ interaction: 'create', id: ids.binary },
        resource: {
          ...{ resourceType: 'Binary', id: ids.binary, contentType, data: bytes.toString('base64') },
          securityContext: { reference: `DocumentReference/${ids.reference}` },
        } as unknown as Resource,
      },
    ])
    const [written] = await inside.writeAll(access, [{ interaction: 'create', resource, id: ids.reference }])
    return { status: 201, version: written as Version, located: true }
  })
}

const urnOf = (id: string): string => (/^urn:/.test(id) ? id : /^[\d.]+$/.test(id) ? `urn:oid:${id}` : `urn:${id}`)
