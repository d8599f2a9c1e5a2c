import type { Bundle, BundleEntry, Observation } from '@medplum/fhirtypes'
import type { Express } from 'express'
import { APIS } from '../helseid/helseid.ts'
import { fault, outcomeOf, parsed, refuse, standIn } from '../helseid/stand-in.ts'
import { type Environment, faultsInBundle, faultsInEntry } from './refuse-batch.ts'

/** A measurement as the service has it: by its identifier, whatever often it came. */
export type Kept = { id: string; organization: string; times: number; versions: Observation[] }

const BYTES_MAX = 1_000_000

/** The service for measurements: Bundles at its root, and reading by POST alone, of one patient. @param baseUrl its own, as callers see it */
export function pmdService({
  issuer,
  baseUrl,
  environment,
}: {
  issuer: string
  baseUrl: string
  environment: Environment
}): Express {
  const kept = new Map<string, Kept>()
  const { app, enter, takes } = standIn({ issuer, baseUrl, api: APIS.pmd, bytesMax: BYTES_MAX })

  app.get('/control/received', (_req, res) => void res.json([...kept.values()]))

  app.post('/', takes, async (req, res) => {
    const entered = await enter(req, res)
    if (!entered) return
    const { mood, organization } = entered
    const bundle = parsed(req.body as Buffer) as Bundle
    const faults = faultsInBundle(bundle)
    if (faults.length > 0) return refuse(res, 400, faults)
    const entries = bundle.entry ?? []
    const answers = entries.map((entry) =>
      mood === 'refusing' ? refused(entry, 'Ukjent pasient.') : take(entry, bundle.type, organization),
    )
    if (mood === 'no-location') for (const { response } of answers) delete response?.location
    if (mood === 'wrong-status') answers.pop()
    // Nobody has promised that they come in the order in which they were sent.
    const told: Bundle = { resourceType: 'Bundle', type: 'batch-response', entry: answers.reverse() }
    res.type('application/fhir+json').send(JSON.stringify(told))
  })

  app.post('/Observation/_search', takes, async (req, res) => {
    const caller = await enter.quietly(req, res)
    if (!caller) return
    const asked = new URLSearchParams((req.body as Buffer).toString('utf8'))
    const people = asked.getAll('patient.identifier')
    if (people.length !== 1 || people[0]?.includes(','))
      return refuse(res, 400, [fault('2.3', 'Exactly one patient.', 'patient.identifier')])
    const found = [...kept.values()]
      .flatMap(({ versions }) => versions.at(-1) ?? [])
      .filter(({ subject }) => `${subject?.identifier?.system}|${subject?.identifier?.value}` === people[0])
    const set: Bundle = { resourceType: 'Bundle', type: 'searchset', entry: found.map((resource) => ({ resource })) }
    res.type('application/fhir+json').send(JSON.stringify(set))
  })

  function take(entry: BundleEntry, type: Bundle['type'], organization: string): BundleEntry {
    const faults = faultsInEntry(entry, type, environment)
    if (faults.length > 0) return { fullUrl: entry.fullUrl, response: { status: '400', outcome: outcomeOf(faults) } }
    const resource = entry.resource as Observation
    const name = `${organization} ${resource.identifier?.[0]?.value}`
    const known = kept.get(name)
    const wanted = entry.request?.method === 'PUT' ? resource.id : undefined
    if (wanted !== undefined && known?.id !== wanted) return refused(entry, 'Not known.', '404')
    const one = known ?? { id: String(kept.size + 1), organization, times: 0, versions: [] }
    kept.set(name, one)
    one.times += 1
    if (JSON.stringify(one.versions.at(-1)) !== JSON.stringify(resource)) one.versions.push(resource)
    const location = `${baseUrl}/Observation/${one.id}/_history/${one.versions.length}`
    return { fullUrl: entry.fullUrl, response: { status: known ? '200 OK' : '201 Created', location } }
  }

  return app
}

const refused = ({ fullUrl }: BundleEntry, text: string, status = '400'): BundleEntry => ({
  fullUrl,
  response: { status, outcome: outcomeOf([fault('2.1', text, 'Observation.subject')]) },
})
