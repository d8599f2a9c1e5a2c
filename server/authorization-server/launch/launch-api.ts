import express, { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { Refusal } from '../../core/fhir/outcome.ts'
import type { Pool } from '../../db/pool.ts'
import { nationalSystem } from '../../national-numbers/system-names.ts'
import { HPR_NUMBER } from '../../national-numbers/systems.ts'
import type { Bearer, Credentials } from '../authenticate.ts'
import { findRegistration } from '../clients/clients.ts'
import { SERVER_SCOPES } from '../consent/decide-grant.ts'
import type { Addresses } from '../discovery.ts'
import { happened } from '../events.ts'
import type { People, PersonIdentifier, PersonType } from '../people.ts'
import { createLaunch, LAUNCH_LIFETIME_SECONDS, type LaunchContext } from './launches.ts'
import { styleUrl } from './smart-style.ts'

export type LaunchApiSettings = {
  pool: Pool
  addresses: Addresses
  demo: boolean
  bearer: (credentials: Credentials) => Promise<Bearer>
  people: People
  /** Whether R4 has a type of this name. */
  isResourceType: (name: string) => boolean
}

const id = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)
const identifier = z.strictObject({ system: z.string().min(1), value: z.string().min(1) })
const fhirContext = z
  .strictObject({
    reference: z
      .string()
      .regex(/^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/)
      .optional(),
    canonical: z
      .string()
      .regex(/^https?:/)
      .optional(),
    identifier: z.record(z.string(), z.unknown()).optional(),
    type: z
      .string()
      .regex(/^[A-Z][A-Za-z]+$/)
      .optional(),
    role: z.string().min(1).optional(),
  })
  .refine(
    ({ reference, canonical, identifier }) => reference ?? canonical ?? identifier,
    'names nothing: reference, canonical or identifier',
  )
  .refine(
    ({ reference, role }) =>
      !/^(Patient|Encounter)\//.test(reference ?? '') || (role !== undefined && role !== 'launch'),
    'may hold a Patient or an Encounter only with a role of its own',
  )

const LAUNCH = z
  .strictObject({
    client_id: z.string(),
    launch_uri: z.url().optional(),
    /** Who alone may use it: `Practitioner/kari`, or an identifier such as the HPR number. */
    user: z
      .union([
        z.string().regex(/^(Practitioner|PractitionerRole|Patient|RelatedPerson)\/[A-Za-z0-9.-]{1,64}$/),
        identifier,
      ])
      .optional(),
    patient: z.union([id, identifier]).optional(),
    encounter: id.optional(),
    fhirContext: z.array(fhirContext).max(20).optional(),
    intent: z.string().min(1).max(200).optional(),
    need_patient_banner: z.boolean().default(true),
    smart_style_url: z.url({ protocol: /^https?$/ }).optional(),
    tenant: z.string().min(1).max(200).optional(),
    smart_web_messaging_handle: z.string().min(1).max(200).optional(),
    smart_web_messaging_origin: z
      .url({ protocol: /^https?$/ })
      .refine((url) => URL.parse(url)?.origin === url, 'is more than an origin, or less: https://ehr.example.org')
      .optional(),
  })
  .refine(
    (asked) => (asked.smart_web_messaging_handle === undefined) === (asked.smart_web_messaging_origin === undefined),
    { path: ['smart_web_messaging_handle'], message: 'comes with smart_web_messaging_origin, and it with this' },
  )
type AskedLaunch = z.output<typeof LAUNCH>

/** What the caller can mend, in the words of RFC 6749. */
class LaunchRefusal extends Error {
  readonly status: number
  readonly error: string
  constructor(status: number, error: string, description: string) {
    super(description)
    this.status = status
    this.error = error
  }
}

/**
 * `POST /auth/launch`: an EHR says which app it is about to open, for whom, and which patient and encounter are in front of
 * that person; it gets the address to open. The launch works once, for five minutes, for that client and that person.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch
 */
export function launchApi({ pool, addresses, demo, bearer, people, isResourceType }: LaunchApiSettings): Router {
  const router = Router()
  router.post('/auth/launch', express.json({ limit: '64kb' }), async (req, res) => {
    res.set('cache-control', 'no-store')
    try {
      const { actor, clientId } = await checkCaller(req)
      const asked = parse(req.body)
      const launched = await launch(asked)
      happened(res, {
        ...{ code: 'launch', who: actor, client: clientId },
        ...{ what: `Client/${asked.client_id}`, patient: launched.patient },
      })
      res.status(201).json(launched.answer)
    } catch (error) {
      happened(res, { code: 'launch', failed: error instanceof Error ? error.message : undefined })
      sendRefusal(res, error)
    }
  })
  router.use('/auth/launch', (error: { status?: number }, _req: Request, res: Response, next: express.NextFunction) => {
    if (error.status === undefined || error.status >= 500) return next(error)
    res.status(error.status).json({ error: 'invalid_request', error_description: 'the body cannot be read as JSON' })
  })
  return router

  async function checkCaller(req: Request): Promise<Bearer['access']> {
    const { authorization, dpop } = req.headers
    const { access, scope } = await bearer({
      ...{ authorization, method: req.method, path: req.path },
      dpop: typeof dpop === 'string' ? dpop : undefined,
    })
    if (!scope.split(' ').includes(SERVER_SCOPES.launch))
      throw new LaunchRefusal(403, 'insufficient_scope', `the scope ${SERVER_SCOPES.launch} is needed`)
    return access
  }

  async function launch(asked: AskedLaunch) {
    const client = await findRegistration(pool, asked.client_id, demo)
    if (!client) throw invalid('client_id is not a client of this server')
    const launchUri = asked.launch_uri ?? client.launch_uris[0]
    if (launchUri === undefined || !client.launch_uris.includes(launchUri))
      throw invalid('launch_uri is not one that the client was registered with')
    for (const [i, { reference, type }] of (asked.fhirContext ?? []).entries()) {
      // An app would ask for it, and be told by its library that the server does not speak FHIR.
      const unknown = [reference?.split('/', 1)[0], type].find((name) => name !== undefined && !isResourceType(name))
      if (unknown !== undefined) throw invalid(`fhirContext.${i}: ${unknown} is no resource type of R4`)
    }
    const patient = await patientOf(asked)
    if (asked.encounter !== undefined && !(patient && (await people.isEncounterOf(asked.encounter, patient))))
      throw invalid('encounter is not an encounter of this patient')
    const fhirUser = await fhirUserOf(asked)
    const value = await createLaunch(pool, {
      clientId: client.client_id,
      ...(fhirUser === undefined ? {} : { fhirUser }),
      context: { ...contextOf(asked, addresses), ...(patient === undefined ? {} : { patient }) },
    })
    const launchUrl = new URL(launchUri)
    launchUrl.searchParams.set('iss', addresses.fhirBase)
    launchUrl.searchParams.set('launch', value)
    const answer = { launch: value, launch_url: launchUrl.href, expires_in: LAUNCH_LIFETIME_SECONDS }
    return { patient, answer }
  }

  async function patientOf({ patient }: AskedLaunch): Promise<string | undefined> {
    if (patient === undefined) return undefined
    if (typeof patient !== 'string') return only('Patient', patient, 'patient')
    // What the person who uses the launch may see of the patient is decided when they have signed in.
    if (!(await people.isPatient(patient))) throw invalid('patient is not a patient of this server')
    return patient
  }

  async function fhirUserOf({ user }: AskedLaunch): Promise<string | undefined> {
    if (user === undefined || typeof user === 'string') return user
    const type = nationalSystem(user.system) === HPR_NUMBER ? 'Practitioner' : 'Patient'
    return `${type}/${await only(type, user, 'user')}`
  }

  /** Exactly one has the identifier; with none or several nobody can say who is meant. */
  async function only(type: PersonType, asked: PersonIdentifier, name: string): Promise<string> {
    const [found, ...more] = await people.findByIdentifier(type, asked)
    if (found === undefined) throw invalid(`${name}: no ${type} here has this identifier`)
    if (more.length > 0) throw invalid(`${name}: more than one ${type} has this identifier`)
    return found
  }
}

function parse(body: unknown): AskedLaunch {
  const parsed = LAUNCH.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(`${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
}

function contextOf(asked: AskedLaunch, { baseUrl }: Addresses): LaunchContext {
  const { encounter, fhirContext, intent, need_patient_banner, tenant } = asked
  const { smart_web_messaging_handle, smart_web_messaging_origin } = asked
  return {
    need_patient_banner,
    smart_style_url: asked.smart_style_url ?? styleUrl(baseUrl),
    ...(encounter === undefined ? {} : { encounter }),
    ...(fhirContext === undefined ? {} : { fhirContext: fhirContext as LaunchContext['fhirContext'] & object }),
    ...(intent === undefined ? {} : { intent }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(smart_web_messaging_handle && smart_web_messaging_origin
      ? { smart_web_messaging_handle, smart_web_messaging_origin }
      : {}),
  }
}

const invalid = (description: string) => new LaunchRefusal(400, 'invalid_request', description)

function sendRefusal(res: Response, error: unknown): void {
  if (error instanceof LaunchRefusal)
    res.status(error.status).json({ error: error.error, error_description: error.message })
  else if (error instanceof Refusal)
    res
      .status(401)
      .set('www-authenticate', 'Bearer realm="auth", error="invalid_token"')
      .json({ error: 'invalid_token', error_description: error.message })
  else throw error
}
