import type { Bundle, Resource } from '@medplum/fhirtypes'
import express, { type Express, type Request, type Response } from 'express'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { VKP, VKP_ID } from '../helseid/helseid.ts'
import { fault, refuse } from '../helseid/stand-in.ts'
import { HELD } from './held.ts'

/** How the hub behaves until it is told otherwise. */
type Mood =
  | ('well' | 'down' | 'slow' | 'failing' | 'busy' | 'token-refusing' | 'not-granted')
  // What it has bears a label; says with a warning that something is wrong; is no end of it; is null.
  | ('labelled' | 'warning' | 'large' | 'nulls')
/** What came in. */
export type SeenSearch = { path: string; serviceCodes: string[]; form: [string, string][] }

/** Longer than whoever asks waits. */
const SLOW_MILLISECONDS = 4_000
const SERVICES = new Set(['rt', 'ta', 'gps', 'md', 'dt', 'dho'])

type Way = { by: string; isDated?: boolean }
/** What each type is asked by. Anything else is refused. */
const WAYS: Readonly<Record<string, Way>> = {
  careplan: { by: 'patient.identifier', isDated: true },
  condition: { by: 'patient.identifier' },
  medicationstatement: { by: 'patient.identifier' },
  allergyintolerance: { by: 'identifier' },
}

/**
 * The searches of VKP: Bearer alone, a scope for each type, the client’s own VKP id, the receiver by organisation number in the address, `ServiceCodes`, a
 * form, and the parameters of each type. As its test environment does, it gives the same to whichever valid number.
 */
export function vkpService({ issuer }: { issuer: string }): Express {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const moods: { next: Mood[]; standing: Mood } = { next: [], standing: 'well' }
  const seen: SeenSearch[] = []
  const app = express()

  app.get('/control/seen', (_req, res) => void res.json(seen))
  app.put('/control/moods', express.json(), (req, res) => {
    Object.assign(moods, req.body)
    res.status(204).end()
  })

  /** @returns whether the caller may; else it has been answered */
  async function lets(req: Request, res: Response, type: string, mood: Mood): Promise<boolean> {
    const [, token] = /^Bearer (\S+)$/.exec(req.get('authorization') ?? '') ?? []
    const claims = token && mood !== 'token-refusing' ? await claimsOf(token) : undefined
    if (claims?.client_amr !== 'private_key_jwt' || typeof claims[VKP_ID] !== 'string') {
      res.set('www-authenticate', 'Bearer error="invalid_token"').status(401).end()
      return false
    }
    const isGranted = String(claims.scope).split(' ').includes(`nhn:vkp/api/user/${type}.read`)
    if (isGranted && mood !== 'not-granted') return true
    refuse(res, 403, [fault('1', 'Avsender har ikke tilgang til mottaker.', '')])
    return false
  }

  async function claimsOf(token: string) {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: VKP.audience,
        typ: 'at+jwt',
        clockTolerance: 5,
      })
      return payload
    } catch {
      return undefined
    }
  }

  app.post('/epj/r4/:organization/:type/_search', express.text({ type: () => true }), async (req, res) => {
    const mood = moods.next.shift() ?? moods.standing
    if (mood === 'down') return void req.socket.destroy()
    if (mood === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MILLISECONDS))
    if (mood === 'failing') return void res.status(500).send('<html>')
    if (mood === 'busy') return void res.set('retry-after', '3').status(429).end()
    const { organization, type } = req.params
    const way = WAYS[type]
    if (!way || !/^\d{9}$/.test(organization)) return void res.status(404).end()
    if (!(await lets(req, res, type, mood))) return
    if (!/^application\/x-www-form-urlencoded\b/.test(req.get('content-type') ?? '')) return void res.status(415).end()
    const form = [...new URLSearchParams(String(req.body))]
    const serviceCodes = (req.get('servicecodes') ?? '').split(',').map((one) => one.trim())
    const faults = faultsIn(form, serviceCodes, way)
    if (faults.length > 0) return refuse(res, 400, faults)
    seen.push({ path: req.path, serviceCodes, form })
    if (mood === 'large') return sendLarge(res)
    if (mood === 'nulls') return void res.type('application/fhir+json').send(JSON.stringify(nullsOf(type)))
    const held = HELD[type] ?? []
    found(res, mood === 'labelled' ? held.map(labelled) : mood === 'warning' ? [WARNING] : held)
  })
  return app
}

function faultsIn(form: [string, string][], serviceCodes: string[], { by, isDated = false }: Way) {
  const of = (name: string) => form.filter(([one]) => one === name).map(([, value]) => value)
  const others = form.filter(([name]) => name !== by && !(isDated && name === 'date'))
  const [number = '', ...more] = of(by)
  const dates = of('date')
  const isPeriod = ['ge', 'le'].every((prefix) =>
    dates.some((one) => one.startsWith(prefix) && !Number.isNaN(Date.parse(one.slice(2)))),
  )
  return [
    ...(serviceCodes.every((one) => SERVICES.has(one))
      ? []
      : [fault('2.4', 'ServiceCodes mangler eller er ukjent.', '')]),
    ...(others.length > 0 || more.length > 0 ? [fault('2.3', 'Feil antall parametere.', '')] : []),
    ...(/^\d{11}$/.test(number) ? [] : [fault('2.1', `${by} må være et fødselsnummer.`, '')]),
    ...(isDated && !isPeriod ? [fault('2.4', 'date må være fra (ge) og til (le).', '')] : []),
  ]
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const labelled = (one: Resource): Resource => ({
  ...one,
  meta: { security: [{ system: CONFIDENTIALITY, code: 'V' }] },
})
const WARNING: Resource = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'warning', code: 'incomplete', diagnostics: 'Noe kunne ikke hentes.' }],
}
const TYPES = Object.fromEntries(
  Object.values(HELD).flatMap(([one]) => (one ? [[one.resourceType.toLowerCase(), one.resourceType]] : [])),
)
/** What no FHIR server sends. */
const nullsOf = (type: string) => ({
  ...{ resourceType: 'Bundle', type: 'searchset', link: [null] },
  entry: [null, { resource: null }, { resource: { resourceType: TYPES[type], contained: [null], subject: null } }],
})

const LARGE_BYTES = 11_000_000
function sendLarge(res: Response): void {
  res.type('application/fhir+json').write('{"resourceType":"Bundle"')
  res.end(' '.repeat(LARGE_BYTES))
}

function found(res: Response, resources: readonly Resource[]): void {
  const bundle: Bundle = {
    ...{ resourceType: 'Bundle', type: 'searchset', total: resources.length },
    entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
  }
  res.type('application/fhir+json').send(JSON.stringify(bundle))
}
