import { Counter, type Registry } from 'prom-client'
import type { Outcome } from '../push/failure-watch.ts'

/** How devices were told, for `GET /metrics`: what this process has tried. */
export function measurePush(registry: Registry): (outcome: Outcome) => void {
  const notices = new Counter({
    name: 'fylgje_push_notices_total',
    help: 'Notices to devices of patients: told, tried again, device gone, given up, or refused by the service (401, 403).',
    labelNames: ['outcome'] as const,
    registers: [registry],
  })
  return (outcome) => notices.inc({ outcome })
}
