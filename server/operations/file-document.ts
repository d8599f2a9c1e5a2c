import { randomUUID } from 'node:crypto'
import type { Composition } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { documentReference } from '../documents/document-reference.ts'
import type { Rooms } from '../exchange.ts'
import { labelsOf } from '../lifecycle/labels.ts'
import type { Change, Version } from '../store/store.ts'
import { documentOf } from './document-facts.ts'
import { findAll } from './find-all.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'
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
 * published. All of it in one transaction.
 * @throws Refusal as CarePlan/$document; forbidden (DocumentReference); business-rule, where a copy would tell what the patient has closed, or lack
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
  in: [...DOCUMENT_PARAMETERS, LANGUAGE_PARAMETER],
  out: [{ name: 'return', type: 'DocumentReference', min: 1, max: '1', documentation: 'By which it is found.' }],
  async handler(exchange, rooms) {
    const { access, id } = exchange
    const { store } = rooms
    if (!permits(access, 'DocumentReference', 'c')) throw notPermitted('DocumentReference', 'c')
    const given = readGiven(exchange, fileDocument)
    const language = languageOf(exchange, given)
    const asked = documentAsked(given)
    const made = await documentOf(rooms, access, id, { ...asked, isToBeKept: true })
    const patientId = made.carePlan.subject.reference?.split('/').at(-1) ?? ''
    if (made.isPartial) throw closed()
    const composition = asked.kind === 'final' ? made.composition : authored(made.composition, access)
    const pdf = await printed(exchange, rooms, { composition, patient: made.patient }, language)
    const bundle = Buffer.from(await documentBundle(exchange, rooms, composition))
    const ids = {
      reference: store.newIdFor(patientId),
      pdf: store.newIdFor(patientId),
      fhir: store.newIdFor(patientId),
    }
    const creation = rooms.now().toISOString()
    const reference = documentReference({
      ...{
        composition,
        language,
        kind: 'stable',
        name: `urn:uuid:${randomUUID()}`,
        labels: labelsOf(made.sources as never),
      },
      renditions: [
        { contentType: 'application/pdf', url: `Binary/${ids.pdf}`, bytes: pdf, creation },
        { contentType: 'application/fhir+json', url: `Binary/${ids.fhir}`, bytes: bundle, creation },
      ],
    })
    const { resource } = rooms.validate(reference, 'DocumentReference')
    const version = await store.transact(async (inside) => {
      if (await hasClosedParts({ store: inside, definitions: rooms.definitions }, patientId)) throw closed()
      await inside.writeAll(CONTENTS, [
        contentOf(ids.pdf, ids.reference, 'application/pdf', pdf),
        contentOf(ids.fhir, ids.reference, 'application/fhir+json', bundle),
      ])
      const [written] = await inside.writeAll(access, [{ interaction: 'create', resource, id: ids.reference }])
      return written as Version
    })
    return { status: 201, version, located: true }
  },
}

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

const closed = () =>
  refuse(
    'business-rule',
    'The patient has closed a part of the record. A copy that is filed could not be closed in part; CarePlan/$document and $pdf tell each reader what they may see.',
    'CarePlan',
  )
