import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { AllergyIntolerance, Condition, DocumentReference, Identifier, Procedure } from '@medplum/fhirtypes'
import { NotAtHelseId, type PersonAtHelseId } from '../../authorization-server/federation/person-at-helseid.ts'
import { Refusal, refuse } from '../../core/fhir/outcome.ts'
import {
  type Kjernejournal,
  LABORATORY_PARTS,
  type LaboratoryAnswer,
  type LaboratoryPart,
  type Look,
  type Looked,
} from '../../exchange.ts'
import type { Log } from '../../log.ts'
import { type Call, fetchWith } from '../helseid-caller.ts'
import type { HttpAnswer } from '../http-answer.ts'
import { isOfAnother, numbersOf } from '../journal/whose.ts'
import { bytesOf, foundIn, issueOf, notReached, partOf, refusalOf } from '../looked-up.ts'
import { type NumbersOf, patientNumber } from '../patient-number.ts'
import { againstSession } from './against-session.ts'
import { blockedCountOf, nameOf } from './answered.ts'
import { attestOf } from './attest.ts'
import {
  ACCESS_BASES,
  HEADER,
  type Law,
  OTHER_PERSONNEL,
  PORTAL_BASES,
  scopesOf,
  userRole,
  VOLVEN_9060,
} from './national-terms.ts'

export type KjernejournalSettings = {
  /** Addresses without a slash at the end: of documents; of critical information; where the portal lets in; of the portal. */
  documentsUrl: string
  criticalInformationUrl: string
  portalSessionUrl: string
  portalUrl: string
  /** Of Pasientens prøvesvar; undefined where it is not asked. */
  laboratoryUrl?: string | undefined
  sourceSystem: string
  healthcareService: string
  law: Law
  numbers: NumbersOf
  timeoutSeconds: number
  /** Organisation number for which people sign in, where their sign-in does not say it; with that of a unit after a colon. */
  organization: string
}

type Rooms = { people: PersonAtHelseId; now: () => Date; log: Pick<Log, 'warn'> }

const WHAT = 'Kjernejournal'
const LABORATORY = 'Pasientens prøvesvar'
const DOCUMENT_BYTES_MAX = 25_000_000
const TEXT_BYTES_MAX = 10_000_000
const CRITICAL_TYPES = ['AllergyIntolerance', 'Condition', 'Procedure'] as const
/** A number of a patient in a URL would be logged on the way. */
const FORM = 'application/x-www-form-urlencoded'

/**
 * Kjernejournal for health personnel: documents by MHD (ITI-67, ITI-68), critical information, and the way into its portal; with a token of the person
 * who looks, which attests why.
 * @see docs/kjernejournal.md
 */
export function createKjernejournal(settings: KjernejournalSettings, { people, now, log }: Rooms): Kjernejournal {
  const scopes = scopesOf(settings.law)
  const source = { [HEADER.sourceSystem]: settings.sourceSystem }
  const [entity = '', unit] = settings.organization.split(':')
  const usual = { organization: entity, organizationUnit: unit }

  async function ask(
    look: Look,
    number: Identifier,
    asked: { api: string; scope: string },
    call: Call,
  ): Promise<Response> {
    try {
      const token = await people.tokenOf(look.who, {
        ...{ ...asked, timeoutSeconds: settings.timeoutSeconds },
        attest(signIn) {
          const against = againstSession(signIn, look.login, usual)
          if (against) throw AGAINST[against]()
          const { organization = entity, organizationUnit = unit } = signIn
          return attestOf({
            ...{ ...look, patient: number, healthcareService: settings.healthcareService },
            ...{ legalEntity: organization, pointOfCare: organizationUnit },
          })
        },
      })
      return await fetchWith(token, call)
    } catch (error) {
      if (error instanceof Refusal) throw error
      if (error instanceof NotAtHelseId) throw AGAINST['not-by-helseid']()
      log.warn({ err: error, api: asked.api }, 'a national service was not reached')
      throw notReached(asked === scopes.laboratory ? LABORATORY : WHAT)
    }
  }

  async function read(
    look: Look,
    number: Identifier,
    asked: { api: string; scope: string },
    call: Call,
  ): Promise<HttpAnswer> {
    const what = asked === scopes.laboratory ? LABORATORY : WHAT
    const response = await ask(look, number, asked, call)
    const answered: HttpAnswer = {
      ...{ status: response.status, header: (name) => response.headers.get(name) },
      body: (await bytesOf(response, TEXT_BYTES_MAX, what)).toString('utf8'),
    }
    if (response.status !== 200) throw refusalOf(answered, what)
    return answered
  }

  async function findDocuments(look: Look, number: Identifier, type: string | undefined) {
    const isLimited = settings.law === 'kjernejournalforskriften'
    const answered = await read(look, number, scopes.find, {
      ...{ method: 'POST', url: `${settings.documentsUrl}/R4/fhir/DocumentReference/_search` },
      headers: {
        ...{
          ...source,
          [HEADER.event]: randomUUID(),
          accept: 'application/fhir+json; fhirVersion=4.0',
          'content-type': FORM,
        },
        ...(isLimited ? { [HEADER.accessBasis]: ACCESS_BASES[look.basis] } : {}),
      },
      body: String(
        new URLSearchParams({ 'patient.identifier': number.value ?? '', status: 'current', ...(type ? { type } : {}) }),
      ),
    })
    const { found, isCut, isIncomplete } = foundIn<DocumentReference>(answered, ['DocumentReference'], WHAT)
    return { found, isCut, isIncomplete, blockedCount: blockedCountOf(answered) }
  }

  async function findCritical(look: Look, number: Identifier) {
    const found = await Promise.all(
      CRITICAL_TYPES.map(async (type) => {
        const answered = await read(look, number, scopes.critical, {
          ...{ method: 'GET', url: `${settings.criticalInformationUrl}/api/critical-information/v1/${type}` },
          headers: {
            ...{ ...source, [HEADER.event]: randomUUID(), accept: 'application/fhir+json' },
            ...{ [HEADER.patient]: number.value ?? '', [HEADER.accessBasis]: ACCESS_BASES[look.basis] },
            [HEADER.userRole]: userRole(look.authorization),
          },
        })
        return foundIn<AllergyIntolerance | Condition | Procedure>(answered, [type], WHAT)
      }),
    )
    return {
      found: found.flatMap((one) => one.found),
      // Another page of allergies is one that is not shown.
      isIncomplete: found.some(({ isCut, isIncomplete }) => isCut || isIncomplete),
    }
  }

  async function findAnswers(look: Look, number: Identifier, part: LaboratoryPart, since: string | undefined) {
    const answered = await read(look, number, scopes.laboratory, {
      ...{ method: 'POST', url: `${settings.laboratoryUrl}/${part}/_search` },
      headers: {
        ...{ ...source, accept: 'application/fhir+json', 'content-type': FORM },
        ...{ [HEADER.laboratoryPatient]: number.value ?? '', [HEADER.laboratoryBasis]: ACCESS_BASES[look.basis] },
        [HEADER.laboratoryCorrelation]: randomUUID(),
        ...(look.authorization ? { [HEADER.laboratoryRole]: look.authorization } : {}),
      },
      body: String(new URLSearchParams(since ? { date: `ge${since}` } : {})),
    })
    const { found, isCut, isIncomplete } = foundIn<LaboratoryAnswer>(answered, [part], LABORATORY)
    const numbers = numbersOf(look.patient)
    const own = found.filter((one) => !isOfAnother(one, numbers, []))
    return { found: own, isCut, isIncomplete: isIncomplete || own.length < found.length }
  }

  const numberOf = ({ patient }: Look) => patientNumber(patient, settings.numbers, now())

  return {
    async isSignedIn(who, login) {
      const kept = await people.signIn(who)
      return kept !== undefined && againstSession(kept, login, usual) === undefined
    },
    async find(look, type) {
      const number = numberOf(look)
      const [documents, critical] = await Promise.all([
        partOf(findDocuments(look, number, type)),
        partOf(findCritical(look, number)),
      ])
      if ('refused' in documents && 'refused' in critical) throw documents.refused
      const failures: Looked['failures'] = [
        ...('refused' in documents ? [{ part: 'documents' as const, issue: issueOf(documents.refused) }] : []),
        ...('refused' in critical ? [{ part: 'critical-information' as const, issue: issueOf(critical.refused) }] : []),
      ]
      const { found, isCut, blockedCount } = 'refused' in documents ? NONE : documents.had
      const incomplete: Looked['incomplete'] = [
        ...('had' in documents && documents.had.isIncomplete ? ['documents' as const] : []),
        ...('had' in critical && critical.had.isIncomplete ? ['critical-information' as const] : []),
      ]
      return {
        documents: found.map((reference) => {
          const name = nameOf(reference)
          return { reference, ...(name ? { name } : {}) }
        }),
        ...{ isCut, blockedCount, critical: 'refused' in critical ? [] : critical.had.found, incomplete, failures },
      }
    },
    async laboratory(look, since) {
      if (!settings.laboratoryUrl) throw refuse('not-supported', `${LABORATORY} is not connected here.`)
      const number = numberOf(look)
      const parts = await Promise.all(
        LABORATORY_PARTS.map(async (part) => ({ part, came: await partOf(findAnswers(look, number, part, since)) })),
      )
      const had = parts.flatMap(({ part, came }) => ('had' in came ? [{ part, ...came.had }] : []))
      const refused = parts.flatMap(({ part, came }) => ('refused' in came ? [{ part, refusal: came.refused }] : []))
      if (had.length === 0 && refused[0]) throw refused[0].refusal
      return {
        found: had.flatMap(({ found }) => found),
        isCut: had.some(({ isCut }) => isCut),
        incomplete: had.flatMap(({ part, isIncomplete }) => (isIncomplete ? [part] : [])),
        failures: refused.map(({ part, refusal }) => ({ part, issue: issueOf(refusal) })),
      }
    },
    async open(look, name) {
      const number = numberOf(look)
      const response = await ask(look, number, scopes.open, {
        ...{ method: 'GET', url: `${settings.documentsUrl}/mhd/document?${new URLSearchParams({ ...name })}` },
        headers: { ...source, [HEADER.event]: randomUUID(), [HEADER.patient]: number.value ?? '', accept: '*/*' },
      })
      const bytes = await bytesOf(response, DOCUMENT_BYTES_MAX, WHAT)
      if (response.status !== 200) {
        const { status, headers } = response
        throw refusalOf({ status, header: (one) => headers.get(one), body: bytes.toString('utf8') }, WHAT)
      }
      return { contentType: response.headers.get('content-type') ?? 'application/octet-stream', bytes }
    },
    async portal(look) {
      const number = numberOf(look)
      const verifier = randomBytes(32).toString('base64url')
      const { body } = await read(look, number, scopes.portal, {
        ...{ method: 'POST', url: `${settings.portalSessionUrl}/api/session/create` },
        headers: { [HEADER.portalSourceSystem]: settings.sourceSystem, 'content-type': 'application/json' },
        body: JSON.stringify({
          ehr_code_challenge: createHash('sha256').update(verifier).digest('base64url'),
          claims: {
            patient_identifier: { id: number.value, system: number.system, authority: 'https://www.skatteetaten.no' },
            practitioner_authorization: {
              ...{ code: look.authorization ?? OTHER_PERSONNEL, system: VOLVEN_9060 },
              assigner: 'https://www.helsedirektoratet.no/',
            },
            access_basis: { code: PORTAL_BASES[look.basis], system: 'SYSTEM_GRUNNLAG', assigner: 'https://nhn.no' },
          },
        }),
      })
      const code = sessionCodeIn(body)
      if (!code) throw refuse('processing', `${WHAT} did not say by what its portal is opened.`)
      return `${settings.portalUrl}/hentpasient.html?${new URLSearchParams({ code, ehr_code_verifier: verifier })}`
    },
  }
}

const AGAINST = {
  'not-by-helseid': () =>
    refuse(
      'business-rule',
      'You have not signed in by HelseID, or that sign-in is over: sign in anew, by HelseID, to look in kjernejournal.',
    ),
  'other-organization': () =>
    refuse(
      'business-rule',
      'Your sign-in by HelseID is for another organisation than this session: sign in by HelseID for this organisation to look in kjernejournal.',
    ),
}

const NONE = { found: [], isCut: false, blockedCount: 0 }

function sessionCodeIn(text: string): string | undefined {
  try {
    const { code } = JSON.parse(text) as { code?: unknown }
    return typeof code === 'string' && code !== '' ? code : undefined
  } catch {
    return undefined
  }
}
