import type { Bundle } from '@medplum/fhirtypes'
import type { Express } from 'express'
import { APIS } from '../helseid/helseid.ts'
import { fault, parsed, refuse, standIn } from '../helseid/stand-in.ts'
import { type Environment, faultsIn } from './refuse-document.ts'

export type Received = {
  id: string
  identifier: string
  organization: string
  times: number
  status: string
  bundle: Bundle
}

const BYTES_MAX = 1_000_000

export type Service = { app: Express; received: Received[] }

/** The write and read API of JFT, and a door by which a test tells it how to behave. @param baseUrl its own, as callers see it */
export function jftService({
  issuer,
  baseUrl,
  environment,
}: {
  issuer: string
  baseUrl: string
  environment: Environment
}): Service {
  const received = new Map<string, Received>()
  const { app, enter, takes } = standIn({ issuer, baseUrl, api: APIS.jft, bytesMax: BYTES_MAX })

  app.get('/control/received', (_req, res) => void res.json([...received.values()]))

  app.post('/v1/Bundle', takes, async (req, res) => {
    const entered = await enter(req, res)
    if (!entered) return
    const { mood, organization } = entered
    const bundle = parsed(req.body as Buffer)
    const faults =
      mood === 'refusing' ? [fault('2.1', 'Ukjent pasient.', 'Composition.subject')] : faultsIn(bundle, environment)
    if (faults.length > 0) return refuse(res, 400, faults)
    const kept = keep(bundle as Bundle, organization)
    if (mood === 'no-location') return void res.status(202).end()
    if (mood === 'wrong-status') return void res.status(200).set('location', `/v1/Bundle/${kept.id}`).end()
    res.status(202).set('location', `${baseUrl}/v1/Bundle/${kept.id}`).end()
  })

  /** Each look finds it a step further. */
  app.get('/v1/Bundle/:id/\\$status', async (req, res) => {
    const caller = await enter.quietly(req, res)
    if (!caller) return
    const found = [...received.values()].find(({ id }) => id === req.params.id)
    if (!found || found.organization !== caller.organization) return refuse(res, 404, [fault('2', 'Not known.', '')])
    found.status = found.status === 'registered' ? 'read' : 'journaled'
    res.json({ status: found.status })
  })

  /** The same document twice is the same document. */
  function keep(bundle: Bundle, organization: string): Received {
    const identifier = String(bundle.identifier?.value)
    const known = received.get(`${organization} ${identifier}`)
    if (known) {
      known.times += 1
      return known
    }
    const made = { id: String(received.size + 1), identifier, organization, times: 1, status: 'registered', bundle }
    received.set(`${organization} ${identifier}`, made)
    return made
  }

  return {
    app,
    get received() {
      return [...received.values()]
    },
  }
}
