import type { PlanDefinition } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { hooksOf } from '../cds-hooks/hooked-plan.ts'
import { findHook, type Hook } from '../cds-hooks/hooks.ts'
import { type CdsService, servicesOf } from '../cds-hooks/service.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { compareVersions } from '../lifecycle/semver.ts'
import { readCql } from '../operations/cql-ground.ts'
import { DefinitionReader } from '../operations/definition-reader.ts'
import { findAll } from '../operations/find-all.ts'

/** A service as discovery tells it, with what it is worked out from. */
export type Offered = {
  told: CdsService
  hook: Hook
  /** None for the one that tells how a patient is followed at home. */
  plan?: PlanDefinition
}

const PATIENT_VIEW = findHook('patient-view') as Hook

/** How the patient whose chart is opened is followed at home. */
const HOME_MONITORING: Offered = {
  hook: PATIENT_VIEW,
  told: {
    hook: PATIENT_VIEW.name,
    title: 'Hjemmeoppfølging',
    description: 'Åpne oppgaver og siste måling for en pasient som følges opp hjemme, med vei inn i Fylgje.',
    id: 'home-monitoring',
    prefetch: withUser({ patient: 'Patient/{{context.patientId}}' }),
    usageRequirements:
      'The user has an HPR number and the patient a national number, in the prefetch or by fhirAuthorization.',
  },
}

/**
 * Every service there is now: our own, and each plan in force that answers to a hook, in the order of their ids. Two plans whose urls end
 * alike would have one id; the one whose url comes first has it.
 * @param access as whom the plans are read: what a plan is says nothing of anybody
 */
export async function offeredServices(rooms: Rooms, access: Access): Promise<Offered[]> {
  const plans = (await findAll(rooms, access, 'PlanDefinition', { status: 'active' })) as unknown as PlanDefinition[]
  const hooked = newestOf(plans).filter((plan) => hooksOf(plan).length > 0)
  const byId = new Map([[HOME_MONITORING.told.id, HOME_MONITORING]])
  const exchange = { access } as Exchange
  for (const plan of hooked) {
    const definitions = [...(await new DefinitionReader(exchange, rooms).readDefinitions(plan)).values()]
    const cql = await readCql(exchange, rooms, [plan as never, ...definitions])
    const hooks = hooksOf(plan)
    for (const [index, told] of servicesOf(plan, definitions, cql?.requirements).entries()) {
      const hook = hooks[index]
      if (hook && !byId.has(told.id))
        byId.set(told.id, { plan, hook, told: { ...told, prefetch: withUser(told.prefetch ?? {}) } })
    }
  }
  return [...byId.values()]
}

/** Of each url the newest version, in the order of the urls. */
function newestOf(plans: PlanDefinition[]): PlanDefinition[] {
  const newest = new Map<string, PlanDefinition>()
  for (const plan of plans) {
    const known = newest.get(urlOf(plan))
    if (!known || compareVersions(plan.version, known.version) > 0) newest.set(urlOf(plan), plan)
  }
  return [...newest.values()].sort((one, other) => urlOf(one).localeCompare(urlOf(other)))
}

const urlOf = ({ url, id }: PlanDefinition): string => url ?? String(id)

/** Who looks is known here by their HPR number. https://cds-hooks.hl7.org/2.0/#prefetch-tokens */
function withUser(prefetch: { [key: string]: string }): { [key: string]: string } {
  return { ...prefetch, user: 'Practitioner/{{userPractitionerId}}' }
}
