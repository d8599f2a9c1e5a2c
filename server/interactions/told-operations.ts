import type { CapabilityStatementRestResourceOperation } from '@medplum/fhirtypes'
import { operationCanonical } from '../core/decide/plan/vocabulary.ts'
import type { Route } from '../exchange.ts'

type Told = CapabilityStatementRestResourceOperation

/** The operations of one type, or with '' those of the whole system, as the routes have them. */
export function toldOperations(routes: Route[], type: string): Told[] {
  const ids = routes.flatMap(({ path }) => {
    const [head = '', code] = path.split('$')
    const of = head.split('/')[0]
    // What lies below an operation, such as the status of a job that it began, is no operation.
    if (code === undefined || code.includes('/') || (type === '' ? of !== '' : of !== type && of !== ':type')) return []
    return [{ code, id: `${of === '' || of === ':type' ? 'Resource' : of}-${code}` }]
  })
  const unique = new Map(ids.map((one) => [one.code, one]))
  return [...unique.values()].map(({ code, id }) => ({
    name: code,
    definition: operationCanonical(id),
  }))
}
