import type { Application, RequestHandler } from 'express'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export type Metrics = {
  registry: Registry
  /** Measures every request by its interaction and status class. */
  measure: RequestHandler
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'fylgje_' })
  const duration = new Histogram({
    name: 'fylgje_http_request_seconds',
    help: 'Time from the request to the end of its answer, by FHIR interaction.',
    labelNames: ['interaction', 'status'] as const,
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  })
  return {
    registry,
    measure(_req, res, next) {
      const startedAt = performance.now()
      res.on('finish', () => {
        const interaction = (res.locals.interaction as string | undefined) ?? 'other'
        duration.observe(
          { interaction, status: `${Math.floor(res.statusCode / 100)}xx` },
          (performance.now() - startedAt) / 1000,
        )
      })
      next()
    },
  }
}

/** `GET /metrics` in Prometheus' text form. It says nothing of any patient. */
export function mountMetrics(app: Application, { registry }: Metrics): void {
  app.get('/metrics', async (_req, res) => {
    res.type(registry.contentType).send(await registry.metrics())
  })
}
