import { randomUUID } from 'node:crypto'
import type { Composition, DocumentReference, Patient } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import type { Language } from '../core/decide/words/language.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { documentReference, SHARED_DOCUMENT } from '../documents/document-reference.ts'
import type { Rooms } from '../exchange.ts'
import { labelsOf } from '../lifecycle/labels.ts'
import { parseSearch } from '../search/search-query.ts'
import { readIfOpen } from '../store/read-if-open.ts'
import type { Change, Store, Version } from '../store/store.ts'
import { type DocumentAsked, documentOf } from './document-facts.ts'
import { findAll } from './find-all.ts'
import { readGiven } from './given-parameters.ts'
import { type Operation, part } from './operation.ts'
import {
  DOCUMENT_PARAMETERS,
  documentAsked,
  documentBundle,
  LANGUAGE_PARAMETER,
  languageOf,
  printed,
} from './plan-documents.ts'

/** Writes the contents, which are of nobody by themselves: the DocumentReference, written by the caller, says whose they are. */
const CONTENTS = engineAccess('documents')

/**
 * CarePlan/{id}/$file-document: the document of the plan, kept as it is now, as PDF and as FHIR, with a DocumentReference by which it is found and
 * published. All of it in one transaction, with what it takes the place of.
 * @throws Refusal as CarePlan/$document; forbidden (DocumentReference); not-found, value, conflict (replaces); business-rule, where a copy would tell what the patient has closed, or lack
 * what its author may not see
 */
export const fileDocument: Operation = {
  code: 'file-document',
  title: 'File the document of a plan',
  description:
    'Keeps the document of a plan as it is now: a PDF and a document of FHIR, each in a Binary, and a DocumentReference with its type of Volven 9602, ready to be found (MHD) and published by an XDS source.',
  resource: ['CarePlan'],
  on: ['instance'],
  affectsState: true,
  letter: 'r',
  isOwn: true,
  in: [
    ...DOCUMENT_PARAMETERS,
    LANGUAGE_PARAMETER,
    part(
      'replaces',
      'Reference',
      'DocumentReference/[id] of one that was filed before, in whose place it comes: that one is superseded.',
    ),
  ],
  out: [{ name: 'return', type: 'DocumentReference', min: 1, max: '1', documentation: 'By which it is found.' }],
  async handler(exchange, rooms) {
    const { access, id } = exchange
    if (!permits(access, 'DocumentReference', 'c')) throw notPermitted('DocumentReference', 'c')
    const given = readGiven(exchange, fileDocument)
    const replaces = given.text('replaces')
    const replacedId = replaces === undefined ? undefined : replacedIdIn(replaces)
    if (replacedId !== undefined && !permits(access, 'DocumentReference', 'u'))
      throw notPermitted('DocumentReference', 'u')
    const language = languageOf(exchange, given)
    const version = await fileOf(rooms, access, {
      ...{ carePlan: id, asked: documentAsked(given), language: () => language, name: `urn:uuid:${randomUUID()}` },
      ...(replacedId === undefined ? {} : { replaces: replacedId }),
    })
    return { status: 201, version, located: true }
  },
}

export type Filing = {
  /** id */
  carePlan: string
  asked: DocumentAsked
  language: (patient: Patient | undefined) => Language
  /** `urn:uuid:…` */
  name: string
  /** id of the DocumentReference in whose place it comes. */
  replaces?: string
}

/**
 * Makes the document of a plan and files it, in one transaction with what it takes the place of. Of one name there is one document: whoever files it
 * again is given the one that is there.
 * @throws Refusal as $file-document
 */
export async function fileOf(rooms: Rooms, access: Access, filing: Filing): Promise<Version> {
  const { store, definitions } = rooms
  const { asked, name } = filing
  const made = await documentOf(rooms, access, filing.carePlan, { ...asked, isToBeKept: true })
  const patientId = made.carePlan.subject.reference?.split('/').at(-1) ?? ''
  if (made.isPartial) throw closed()
  const composition = asked.kind === 'final' ? made.composition : authored(made.composition, access)
  const language = filing.language(made.patient)
  const pdf = await printed({ access }, rooms, { composition, patient: made.patient }, language)
  const bundle = Buffer.from(await documentBundle({ access }, rooms, composition))
  const ids = { reference: store.newIdFor(patientId), pdf: store.newIdFor(patientId), fhir: store.newIdFor(patientId) }
  const creation = rooms.now().toISOString()
  const reference = documentReference({
    ...{ composition, language, kind: 'stable', name, labels: labelsOf(made.sources as never) },
    renditions: [
      { contentType: 'application/pdf', url: `Binary/${ids.pdf}`, bytes: pdf, creation },
      { contentType: 'application/fhir+json', url: `Binary/${ids.fhir}`, bytes: bundle, creation },
    ],
    ...(filing.replaces === undefined ? {} : { replaces: `DocumentReference/${filing.replaces}` }),
  })
  const { resource } = rooms.validate(reference, 'DocumentReference')
  const named = parseSearch(
    definitions,
    'DocumentReference',
    new URLSearchParams({ patient: `Patient/${patientId}`, identifier: `urn:ietf:rfc:3986|${name}` }),
    'strict',
  )
  return store.transact(async (inside) => {
    await inside.lockCriteria([named])
    const there = await inside.findOne(CONTENTS, named)
    if (there) return inside.read(access, 'DocumentReference', there.id)
    if (await hasClosedParts({ store: inside, definitions }, patientId)) throw closed()
    const former = filing.replaces === undefined ? [] : [await supersede(inside, access, filing.replaces, reference)]
    await inside.writeAll(CONTENTS, [
      contentOf(ids.pdf, ids.reference, 'application/pdf', pdf),
      contentOf(ids.fhir, ids.reference, 'application/fhir+json', bundle),
    ])
    const [written] = await inside.writeAll(access, [{ interaction: 'create', resource, id: ids.reference }, ...former])
    return written as Version
  })
}

function replacedIdIn(replaces: string): string {
  const [, id] = /^DocumentReference\/([A-Za-z0-9\-.]{1,64})$/.exec(replaces) ?? []
  if (id) return id
  throw refuse('value', `replaces names a DocumentReference: DocumentReference/[id], not ${replaces}.`, 'replaces')
}

/**
 * What the new one takes the place of, as it is from then on.
 * @throws Refusal not-found (also what the caller may not see); value (of another patient, plan or kind); business-rule (not filed here); conflict (not
 * current any more)
 */
async function supersede(
  store: Pick<Store, 'read'>,
  access: Access,
  id: string,
  by: DocumentReference,
): Promise<Change> {
  const former = await readIfOpen<DocumentReference>(store, access, `DocumentReference/${id}`)
  if (!former) throw refuse('not-found', `There is no DocumentReference/${id} to replace.`, 'replaces')
  if (former.subject?.reference !== by.subject?.reference)
    throw refuse('value', 'What is replaced must be a document of the same patient.', 'replaces')
  if (!former.meta?.profile?.includes(SHARED_DOCUMENT))
    throw refuse('business-rule', 'Only what was filed here is replaced here.', 'replaces')
  if (kindCodeOf(former) !== kindCodeOf(by) || planOf(former) !== planOf(by))
    throw refuse('value', 'A document is replaced by one of the same kind, of the same plan.', 'replaces')
  if (former.status !== 'current')
    throw refuse('conflict', `DocumentReference/${id} is ${former.status}, and cannot be replaced again.`, 'replaces')
  const resource = { ...former, status: 'superseded' } as unknown as Resource
  return { interaction: 'update', resource, id, ifMatch: Number(former.meta?.versionId) || undefined }
}

/** The kinds have a code of LOINC each; two of them share their type of Volven. */
const kindCodeOf = ({ category = [] }: DocumentReference): string | undefined => category[0]?.coding?.[0]?.code

/** `CarePlan/1` */
const planOf = ({ context }: DocumentReference): string | undefined => context?.related?.[0]?.reference

const contentOf = (id: string, reference: string, contentType: string, bytes: Buffer): Change => ({
  interaction: 'create',
  id,
  resource: {
    ...{ resourceType: 'Binary', id, contentType, data: bytes.toString('base64') },
    securityContext: { reference: `DocumentReference/${reference}` },
  } as unknown as Resource,
})

const PERSON = /^(?:Practitioner|PractitionerRole|Patient|RelatedPerson)\//

/** Whoever files a document answers for it; a report that is written already keeps its own author. */
const authored = (composition: Composition, { actor }: Access): Composition =>
  PERSON.test(actor) ? { ...composition, author: [{ reference: actor }] } : composition

/**
 * Whether the patient has closed a part of the record to somebody. A copy is one resource: it cannot be closed in part, and would be open to those
 * from whom the part is closed. A record that is closed as a whole closes the copy too.
 */
async function hasClosedParts(rooms: Pick<Rooms, 'store' | 'definitions'>, patient: string): Promise<boolean> {
  const consents = await findAll(rooms, CONTENTS, 'Consent', { patient: `Patient/${patient}`, status: 'active' })
  return consents.some((consent) => {
    const { provision = {} } = consent as { provision?: Record<string, unknown> }
    const isDenying = provision.type === 'deny' || (provision.type === undefined && 'provision' in provision)
    return isDenying && NARROWING.some((name) => name in provision)
  })
}

const NARROWING = ['class', 'code', 'securityLabel', 'dataPeriod', 'data', 'provision']

/** What is said where nothing is filed because of that. */
const CLOSED_IN_PART =
  'The patient has closed a part of the record. A copy that is filed could not be closed in part; CarePlan/$document and $pdf tell each reader what they may see.'

const closed = () => refuse('business-rule', CLOSED_IN_PART, 'CarePlan')
