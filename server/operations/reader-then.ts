import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { carePlansOf } from '../core/requests/same-activity.ts'
import type { Rooms } from '../exchange.ts'
import { findAll } from './find-all.ts'

/** Reads what was there at a moment, with the caller's own access: an explanation tells nothing that a read would not. */
export class ReaderThen {
  private readonly access: Access
  private readonly rooms: Pick<Rooms, 'store' | 'definitions'>

  constructor(access: Access, rooms: Pick<Rooms, 'store' | 'definitions'>) {
    this.access = access
    this.rooms = rooms
  }

  /**
   * @param reference `Type/id`
   * @param at        instant
   * @returns the version that was current then; undefined where there was none
   * @throws Refusal forbidden for what the caller may not read
   */
  async asOf(reference: string, at: string, access = this.access): Promise<Resource | undefined> {
    const [type = '', id = ''] = reference.split('/')
    const high = new Date(Date.parse(at) + 1).toISOString()
    try {
      const { versions } = await this.rooms.store.history(access, type, id, { count: 1, at: { low: at, high } })
      const text = versions[0]?.text
      return text ? (JSON.parse(text) as Resource) : undefined
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw refuse('forbidden', `The Task rests on a ${type} that you may not read, so it cannot be explained to you.`)
    }
  }

  /** The CarePlans that a request was based on, as they were then. @throws Refusal forbidden */
  async carePlansOf(requests: Resource[], at: string): Promise<CarePlan[]> {
    const references = new Set(requests.flatMap(carePlansOf))
    const found = await Promise.all([...references].map((reference) => this.asOf(reference, at)))
    return found.flatMap((one) => (one ? [one as unknown as CarePlan] : []))
  }

  /** The plans that a CarePlan followed, as they were then. Definitions are knowledge, not a person's data: they are nobody's secret. */
  async plansOf({ instantiatesCanonical = [] }: CarePlan, at: string): Promise<PlanDefinition[]> {
    const engine = engineAccess('explain')
    const found = instantiatesCanonical.map(async (canonical) => {
      const [url = '', version] = canonical.split('|')
      const which: Record<string, string> = version ? { url, version } : { url, status: 'active' }
      const [plan] = await this.search('PlanDefinition', which, engine)
      const then = plan && (await this.asOf(`PlanDefinition/${plan.id}`, at, engine))
      return then ? [then as unknown as PlanDefinition] : []
    })
    return (await Promise.all(found)).flat()
  }

  /** As they are now. @throws Refusal forbidden */
  async search(type: string, criteria: Record<string, string>, access = this.access): Promise<Resource[]> {
    return findAll(this.rooms, access, type, criteria)
  }

  /** Those of them that were there then, as they were. */
  async allAsOf(resources: Resource[], at: string): Promise<Resource[]> {
    const moment = Date.parse(at)
    const then: Resource[] = []
    for (const one of resources) {
      // What has not changed since need not be looked up.
      const isAsThen = Date.parse(one.meta?.lastUpdated ?? '') <= moment
      const found = isAsThen ? one : await this.asOf(`${one.resourceType}/${one.id}`, at)
      if (found) then.push(found)
    }
    return then
  }
}
