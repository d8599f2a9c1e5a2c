import { createHash, randomUUID } from 'node:crypto'
import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { CheckToken } from '../helseid/bound-token.ts'
import { ACCESS_BASES, callerOf, fail, forPersonnel, hasSourceSystem, isRaised, patientAsked } from './caller.ts'
import {
  COMMUNITY,
  CRITICAL,
  DOCUMENTS,
  HAS_NO_JOURNAL,
  type Held,
  LABORATORY,
  OF_ANOTHER,
  REPOSITORY,
  toReference,
} from './held.ts'
import { APIS } from './helseid.ts'

/** How the services behave until they are told otherwise. */
export type Mood = 'well' | 'down' | 'slow' | 'failing' | 'busy' | 'token-refusing' | 'incomplete' | 'mixed-up'
/** What came in. */
export type Seen = { path: string; organization: string; purpose: string | undefined; basis: string | undefined }

/** Longer than whoever asks waits. */
const SLOW_MILLISECONDS = 4_000
const LIMITED_SCOPE = 'nhn:phr/mhd/read-documentreferences/kjernejournalforskriften'
/** Years for which the regulation shows each group of documents; Infinity: for ever. What is not here it does not show. */
const YEARS_SHOWN: Readonly<Record<string, number>> = {
  'A00-1': Number.POSITIVE_INFINITY,
  'C00-1': 1,
  'I00-1': 1,
  'D00-1': 5,
  'E00-1': 5,
}

/** Kjernejournal’s APIs for health personnel: documents by MHD, critical information, the way into the portal. @param baseUrl as callers see it */
export function services({ baseUrl, check }: { baseUrl: string; check: CheckToken }): Express {
  const moods: { next: Mood[]; standing: Mood } = { next: [], standing: 'well' }
  const seen: Seen[] = []
  const sessions = new Map<string, { challenge: string; patient: string }>()
  const app = express()
  const api = (audience: string, isAttested = true, anyScope = APIS[audience] ?? []) =>
    forPersonnel({ audience, anyScope, baseUrl, check }, isAttested)

  app.get('/control/seen', (_req, res) => void res.json(seen))
  app.put('/control/moods', express.json(), (req, res) => {
    Object.assign(moods, req.body)
    res.status(204).end()
  })
  app.use(['/R4', '/mhd', '/api', '/pps'], async (req, res, next) => {
    const mood = moods.next.shift() ?? moods.standing
    if (mood === 'down') return void req.socket.destroy()
    if (mood === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MILLISECONDS))
    if (mood === 'failing') return fail(res, 500, 'KI-0001', 'Unexpected.')
    if (mood === 'busy') return void res.status(429).end()
    res.locals.isIncomplete = mood === 'incomplete'
    res.locals.isMixedUp = mood === 'mixed-up'
    if (mood === 'token-refusing') {
      res.set('www-authenticate', 'DPoP error="invalid_token"')
      return fail(res, 401, 'AUTH-0001', 'The token is not taken.')
    }
    next()
  })

  app.post(
    '/R4/fhir/DocumentReference/_search',
    api('nhn:phr'),
    express.urlencoded({ extended: false }),
    (req, res) => {
      const { scopes, attested } = callerOf(res)
      if (!hasSourceSystem(req, res)) return
      if (!/^application\/fhir\+json\b/.test(req.get('accept') ?? ''))
        return fail(res, 406, 'PJD-0003', 'Accept must be application/fhir+json; fhirVersion=4.0.')
      if (!/^application\/x-www-form-urlencoded\b/.test(req.get('content-type') ?? ''))
        return fail(res, 415, 'PJD-0004', 'application/x-www-form-urlencoded.')
      const isLimited = scopes.includes(LIMITED_SCOPE)
      if (isLimited && scopes.includes('nhn:phr/mhd/read-documentreferences'))
        return fail(res, 403, 'PJD-0005', 'The two scopes cannot be used in one request.')
      if (!isLimited && !scopes.includes('nhn:phr/mhd/read-documentreferences'))
        return fail(res, 403, 'AUTH-0002', 'The scope is missing.')
      const basis = req.get('nhn-access-basis')
      if (isLimited && !ACCESS_BASES.has(basis ?? '')) return fail(res, 400, 'AUTH-0010', 'nhn-access-basis is needed.')
      if (!isLimited && basis !== undefined)
        return fail(res, 400, 'AUTH-0010', 'nhn-access-basis is for the other scope.')
      const form = req.body as Record<string, string>
      const number = (form['patient.identifier'] ?? '').split('|').at(-1) ?? ''
      if (!/^\d{11}$/.test(number)) return fail(res, 400, 'PJD-0006', 'patient.identifier is needed.')
      if (form.status !== 'current') return fail(res, 400, 'PJD-0007', 'status=current is needed.')
      if (attested?.patient !== number) return fail(res, 403, 'AUTH-0009', 'The attest is about another patient.')
      if (number === HAS_NO_JOURNAL) return fail(res, 404, 'PJD-0008', 'Pasienten har ikke kjernejournal.')
      look(req, res)
      const now = new Date()
      const shown = (DOCUMENTS[number] ?? []).filter((held) => !isLimited || isShown(held))
      const open = shown.filter(({ isBlocked }) => !isBlocked || isRaised(basis))
      const wanted = open.filter(
        ({ type, group }) => !form.type || [type.code, group].includes(form.type.split('|').at(-1) ?? ''),
      )
      res.set('NHN-SecurityLabel-Nors-Count', String(shown.length - open.length))
      bundle(
        res,
        wanted.map((held) => toReference(held, number, baseUrl, now)),
      )
    },
  )

  app.get('/mhd/document', api('nhn:phr', true, ['nhn:phr/mhd/read-document']), (req, res) => {
    if (!hasSourceSystem(req, res)) return
    const number = patientAsked(req, res)
    if (!number) return
    const { documentUniqueId, homeCommunityId, repositoryUniqueId } = req.query
    if (!documentUniqueId || !homeCommunityId || !repositoryUniqueId)
      return fail(res, 400, 'PJD-0009', 'documentUniqueId, homeCommunityId and repositoryUniqueId are needed.')
    const found = (DOCUMENTS[number] ?? []).find(({ uniqueId }) => uniqueId === documentUniqueId)
    if (!found || homeCommunityId !== COMMUNITY || repositoryUniqueId !== REPOSITORY)
      return fail(res, 404, 'PJD-0010', 'Dokumentet finnes ikke.')
    look(req, res)
    res.set('content-type', found.contentType).send(Buffer.from(found.content))
  })

  app.get('/api/critical-information/v1/:type', api('nhn:critical-information'), (req, res) => {
    if (!hasSourceSystem(req, res)) return
    const basis = req.get('nhn-access-basis')
    if (!ACCESS_BASES.has(basis ?? '')) return fail(res, 400, 'AUTH-0010', 'nhn-access-basis is needed.')
    if (!isRole(req.get('nhn-user-role')))
      return fail(res, 400, 'AUTH-0011', 'nhn-user-role must be URL encoded JSON of 9060.')
    const number = patientAsked(req, res)
    if (!number) return
    const type = String(req.params.type)
    if (!['AllergyIntolerance', 'Condition', 'Procedure'].includes(type))
      return fail(res, 404, 'KI-0003', 'Unknown type.')
    if (number === HAS_NO_JOURNAL) return fail(res, 404, 'KI-0005', 'Pasienten har ikke kjernejournal.')
    look(req, res)
    bundle(res, CRITICAL[number]?.[type] ?? [])
  })

  app.post('/api/session/create', api('nhn:kjernejournal', false), express.json(), (req, res) => {
    if (!req.get('x-source-system')) return fail(res, 400, 'KJI-0001', 'X-SOURCE-SYSTEM is needed.')
    const { ehr_code_challenge: challenge, claims = {} } = req.body as {
      ehr_code_challenge?: string
      claims?: Record<string, { id?: string; code?: string; system?: string }>
    }
    const patient = claims.patient_identifier?.id
    const basis = claims.access_basis
    if (!challenge || !/^[\w-]{43}$/.test(challenge)) return fail(res, 400, 'KJI-0002', 'ehr_code_challenge is needed.')
    if (!patient || !/^\d{11}$/.test(patient)) return fail(res, 400, 'KJI-0003', 'patient_identifier is needed.')
    if (!['SAMTYKKE', 'AKUTT', 'UNNTAK'].includes(basis?.code ?? '') || basis?.system !== 'SYSTEM_GRUNNLAG')
      return fail(res, 400, 'KJI-0004', 'access_basis is needed.')
    if (!/^[A-Z]{2}$/.test(claims.practitioner_authorization?.code ?? ''))
      return fail(res, 400, 'KJI-0005', 'practitioner_authorization is needed.')
    look(req, res)
    const code = randomUUID()
    sessions.set(code, { challenge, patient })
    res.json({ code, sessionId: randomUUID() })
  })

  // Pasientens prøvesvar: searches by POST alone, whose they are in a header. Nothing is said there of an attest.
  app.post('/pps/:type/_search', api('nhn:pps', false), express.urlencoded({ extended: false }), (req, res) => {
    const number = req.get('person-id') ?? ''
    if (!/^\d{11}$/.test(number)) return fail(res, 400, 'PPS-0001', 'person-id must be a national identity number.')
    if (!req.get('correlation-id')) return fail(res, 400, 'PPS-0002', 'correlation-id is needed.')
    const basis = req.get('access-basis')
    if (basis !== undefined && !ACCESS_BASES.has(basis)) return fail(res, 400, 'PPS-0003', 'access-basis is none.')
    const role = req.get('requester-hpr-role')
    if (role !== undefined && !/^[A-Z]{2}$/.test(role)) return fail(res, 400, 'PPS-0004', 'requester-hpr-role is none.')
    const { type } = req.params
    if (!['DiagnosticReport', 'Observation', 'Specimen', 'ServiceRequest'].includes(String(type)))
      return fail(res, 404, 'PPS-0005', 'Unknown type.')
    const { date = '' } = (req.body ?? {}) as Record<string, string>
    if (date && !/^(?:eq|ge|gt|le|lt)?\d{4}-\d{2}-\d{2}$/.test(date)) return fail(res, 400, 'PPS-0006', 'date is none.')
    const held = LABORATORY[number] ?? []
    // A raised ground that opens nothing is refused, whatever is asked for.
    if (isRaised(basis) && !held.some(({ isBlocked }) => isBlocked))
      return fail(res, 403, 'PPS-0007', 'Nothing is blocked.')
    seen.push({ path: req.path, organization: callerOf(res).organization, purpose: undefined, basis })
    const since = date.startsWith('ge') ? date.slice(2) : ''
    const shown = held
      .filter(({ isBlocked }) => !isBlocked || isRaised(basis))
      .map(({ resource }) => resource)
      .filter((one) => one.resourceType === type && (one.effectiveDateTime ?? '') >= since)
    bundle(res, res.locals.isMixedUp && type === 'Observation' ? [...shown, OF_ANOTHER] : shown)
  })

  /** The portal itself, as far as it can be told that somebody is let in: once, and only who began it. */
  app.get('/portal/hentpasient.html', (req, res) => {
    const { code, ehr_code_verifier: verifier } = req.query
    const session = sessions.get(String(code))
    sessions.delete(String(code))
    const challenge = createHash('sha256').update(String(verifier)).digest('base64url')
    if (session?.challenge !== challenge) return void res.status(403).send('Ingen sesjon')
    res.send(`<!doctype html><title>Kjernejournal</title><h1>Kjernejournal</h1>`)
  })

  // What cannot be read of a body is told as any other fault.
  app.use(['/R4', '/mhd', '/api', '/pps'], (_error: unknown, _req: Request, res: Response, _next: NextFunction) =>
    fail(res, 400, 'AUTH-0003', 'The body cannot be read.'),
  )
  return app

  function look(req: Request, res: Response): void {
    const { organization, attested } = callerOf(res)
    seen.push({ path: req.path, organization, purpose: attested?.purpose, basis: req.get('nhn-access-basis') })
  }
}

const isShown = ({ group, age }: Held): boolean => age <= (YEARS_SHOWN[group] ?? 0) * 365

function isRole(header: string | undefined): boolean {
  if (!header || /[{}"]/.test(header)) return false
  try {
    const { system, code } = JSON.parse(decodeURIComponent(header)) as { system?: string; code?: string }
    return system === 'urn:oid:2.16.578.1.12.4.1.1.9060' && /^[A-Z]{2}$/.test(code ?? '')
  } catch {
    return false
  }
}

const SOURCE_AWAY: OperationOutcome = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'warning', code: 'incomplete', diagnostics: 'One of the sources did not answer.' }],
}

function bundle(res: Response, resources: Resource[]): void {
  const found: Bundle = {
    ...{ resourceType: 'Bundle', type: 'searchset', total: resources.length },
    entry: [...resources, ...(res.locals.isIncomplete ? [SOURCE_AWAY] : [])].map((resource) => ({ resource })),
  }
  res.type('application/fhir+json').send(JSON.stringify(found))
}
