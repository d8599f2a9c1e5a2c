import { randomUUID } from 'node:crypto'
import type { Binary, Composition, Patient } from '@medplum/fhirtypes'
import { chooseLanguage, LANGUAGES, type Language, spokenAs } from '../core/decide/words/language.ts'
import { bundleText } from '../core/fhir/bundle-text.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { DOCUMENT_KINDS, type DocumentKind } from '../lifecycle/care-plan-document.ts'
import { readIfOpen } from '../store/read-if-open.ts'
import { readParts } from './document.ts'
import { authorName, type DocumentAsked, documentOf } from './document-facts.ts'
import { type Given, readGiven } from './given-parameters.ts'
import { type Operation, type Parameter, part } from './operation.ts'
import { isGone, toldWhole } from './report-parts.ts'

const KINDS = Object.keys(DOCUMENT_KINDS)

export const DOCUMENT_PARAMETERS: Parameter[] = [
  part('kind', 'code', `Which: ${KINDS.join(', ')}. The plan where it is left out.`),
  part('start', 'date', 'Of a summary: from this day. From the beginning of the plan where it is left out.'),
  part('end', 'date', 'Of a summary: to this day, itself included. Until now where it is left out.'),
]
export const LANGUAGE_PARAMETER: Parameter = part(
  'language',
  'code',
  `${LANGUAGES.join(', ')}; what Accept-Language says where it is left out.`,
)

/**
 * CarePlan/{id}/$document: the plan, the summary of a period or the final report as a document of FHIR, made of what the caller may see now.
 * Nothing is stored. @throws Refusal not-found, forbidden, value, business-rule
 */
export const carePlanDocument: Operation = {
  code: 'document',
  title: 'The document of a plan',
  description:
    'A Bundle of type document, made now of what the caller may see: the plan as agreed (kind=plan), what was measured and done in a period (summary), or the report of its end (final). Nothing is stored.',
  resource: ['CarePlan'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: DOCUMENT_PARAMETERS,
  out: [{ name: 'return', type: 'Bundle', min: 1, max: '1', documentation: 'The document: the Composition first.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, carePlanDocument)
    const { composition } = await documentOf(rooms, exchange.access, exchange.id, documentAsked(given))
    return { status: 200, text: await documentBundle(exchange, rooms, composition) }
  },
}

/** CarePlan/{id}/$pdf: the same as pages, in one language. `Accept: application/pdf` gives the pages themselves. */
export const carePlanPdf: Operation = {
  code: 'pdf',
  title: 'The document of a plan as PDF',
  description:
    'The same as CarePlan/$document, as a PDF in one language. With Accept: application/pdf the answer is the PDF itself, else a Binary.',
  resource: ['CarePlan'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [...DOCUMENT_PARAMETERS, LANGUAGE_PARAMETER],
  out: [{ name: 'return', type: 'Binary', min: 1, max: '1', documentation: 'application/pdf.' }],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, carePlanPdf)
    const { composition, patient } = await documentOf(rooms, exchange.access, exchange.id, documentAsked(given))
    return binaryReply(await printed(exchange, rooms, { composition, patient }, languageOf(exchange, given)))
  },
}

/** Composition/{id}/$pdf: what its sections say, as pages in one language. @throws Refusal not-found, forbidden (what it tells of) */
export const compositionPdf: Operation = {
  code: 'pdf',
  title: 'A Composition as PDF',
  description:
    'The narratives of its sections as a PDF in one language. With Accept: application/pdf the answer is the PDF itself, else a Binary.',
  resource: ['Composition'],
  on: ['instance'],
  letter: 'r',
  isOwn: true,
  in: [LANGUAGE_PARAMETER],
  out: [{ name: 'return', type: 'Binary', min: 1, max: '1', documentation: 'application/pdf.' }],
  async handler(exchange, rooms) {
    const { access, id } = exchange
    const given = readGiven(exchange, compositionPdf)
    const stored = JSON.parse((await rooms.store.read(access, 'Composition', id)).text ?? '{}') as Composition
    const composition = await toldWhole(rooms, access, stored)
    const patient = await readIfOpen<Patient>(rooms.store, access, composition.subject?.reference ?? '')
    return binaryReply(await printed(exchange, rooms, { composition, patient }, languageOf(exchange, given)))
  },
}

/** @throws Refusal value */
export function documentAsked(given: Given): DocumentAsked {
  const kind = given.text('kind') ?? 'plan'
  if (!KINDS.includes(kind)) throw refuse('value', `kind must be one of ${KINDS.join(', ')}, not ${kind}.`, 'kind')
  const [start, end] = [given.text('start'), given.text('end')]
  if (kind !== 'summary' && (start ?? end) !== undefined)
    throw refuse('value', 'Only a summary has start and end.', start === undefined ? 'end' : 'start')
  return { kind: kind as DocumentKind, start, end }
}

/** @throws Refusal value */
export function languageOf({ headers }: Exchange, given: Given): Language {
  const asked = given.text('language')
  if (asked === undefined) return chooseLanguage(headers.acceptLanguage)
  const language = spokenAs(asked)
  if (!language) throw refuse('value', `language must be one of ${LANGUAGES.join(', ')}, not ${asked}.`, 'language')
  return language
}

/** The Composition and all that it refers to, as the caller may read it; without what nobody has any more. @throws Refusal processing */
export async function documentBundle(
  { access }: Pick<Exchange, 'access'>,
  rooms: Rooms,
  composition: Composition,
): Promise<string> {
  const { store, baseUrl, now } = rooms
  const text = JSON.stringify(composition)
  const parts = await readParts(
    { id: composition.id ?? '', text },
    baseUrl,
    (type, id) => store.read(access, type, id),
    (name) => isGone(rooms, name),
  )
  const fullUrl = composition.id ? `${baseUrl}/Composition/${composition.id}` : `urn:uuid:${randomUUID()}`
  return bundleText(
    {
      identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` },
      type: 'document',
      timestamp: now().toISOString(),
    },
    [
      `{"fullUrl":"${fullUrl}","resource":${text}}`,
      ...parts.map((one) => `{"fullUrl":"${baseUrl}/${one.type}/${one.id}","resource":${one.text}}`),
    ],
  )
}

/** The library that makes pages is loaded by whoever prints first. */
export async function printed(
  { access }: Pick<Exchange, 'access'>,
  rooms: Rooms,
  { composition, patient }: { composition: Composition; patient: Patient | undefined },
  language: Language,
): Promise<Buffer> {
  const { toPdf } = await import('../documents/to-pdf.ts')
  return toPdf({ composition, patient, language, author: await authorName(rooms, access, composition) })
}

function binaryReply(pdf: Buffer): Reply {
  const binary: Binary = { resourceType: 'Binary', contentType: 'application/pdf', data: pdf.toString('base64') }
  return { status: 200, text: JSON.stringify(binary) }
}
