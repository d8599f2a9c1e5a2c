import type {
  CarePlan,
  CareTeam,
  Consent,
  HealthcareService,
  PlanDefinition,
  PractitionerRole,
  Task,
} from '@medplum/fhirtypes'
import { handoverIn } from '../core/decide/task/handover.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { basisOf } from '../lifecycle/legal-basis/basis.ts'
import {
  type HandoverBasis,
  type HandoverDemand,
  handoverDemandsOf,
  judgeHandover,
  type Party,
} from '../lifecycle/legal-basis/handover-basis.ts'
import { readAbout } from './facts.ts'
import { readPlansNamed } from './plans-named.ts'

/** What a handover needs and rests on, read from what is stored now, whatever the caller may see of it. */
export async function readHandoverBasis(db: Queryable, task: Task, now: Date): Promise<HandoverBasis> {
  const handover = handoverIn(task)
  return readBasisFor(db, { task, demands: handover ? await readDemands(db, handover.focus) : [], now })
}

type Demanded = { task: Task; demands: HandoverDemand[]; now: Date }

/** The same, where it is known what is demanded. */
export async function readBasisFor(db: Queryable, { task, demands, now }: Demanded): Promise<HandoverBasis> {
  const handover = handoverIn(task)
  const to = handover?.to.reference
  if (!to || demands.length === 0) return { missing: [], basis: basisOf(task), notGiven: [] }
  const from = handover.from?.reference
  const [receiver, giver] = await readParties(db, [to, ...(from ? [from] : [])])
  const consents = await readConsents(db, task)
  return judgeHandover({ task, demands, now, consents, from: giver, to: receiver ?? { reference: to } })
}

/** Those of the plans that the CarePlan follows; of a Task, those of the CarePlans that it is based on. */
async function readDemands(db: Queryable, focus: string): Promise<HandoverDemand[]> {
  const found = (await readAbout(db, [focus])).get(focus) as unknown as CarePlan | Task | undefined
  if (!found) return []
  const basedOn = (found.resourceType === 'Task' ? (found.basedOn ?? []) : []).flatMap(({ reference = '' }) =>
    reference.startsWith('CarePlan/') ? [reference] : [],
  )
  const carePlans =
    found.resourceType === 'CarePlan'
      ? [found]
      : ([...(await readAbout(db, basedOn)).values()] as unknown as CarePlan[])
  return demandsOfAll(await readDemanding(db, carePlans))
}

/** The plans among those that these CarePlans follow that demand something before a handover. */
export async function readDemanding(db: Queryable, carePlans: CarePlan[]): Promise<PlanDefinition[]> {
  const canonicals = [...new Set(carePlans.flatMap(({ instantiatesCanonical = [] }) => instantiatesCanonical))]
  const plans = canonicals.length > 0 ? await readPlansNamed(db, canonicals) : []
  return plans.filter((plan) => handoverDemandsOf(plan).length > 0)
}

export const demandsOfAll = (plans: PlanDefinition[]): HandoverDemand[] => plans.flatMap(handoverDemandsOf)

async function readConsents(db: Queryable, { for: subject }: Task): Promise<Consent[]> {
  const [, patient] = /^Patient\/([^/]+)$/.exec(subject?.reference ?? '') ?? []
  if (patient === undefined) return []
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`SELECT content FROM resource WHERE patient = ${patient} AND type = 'Consent' AND NOT deleted`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Consent)
}

/** Queues, and the organisations behind them where they are known. */
export async function readParties(db: Queryable, references: string[]): Promise<Party[]> {
  const about = await readAbout(db, references)
  return references.map((reference) => partyOf(reference, about.get(reference)))
}

type Queue = CareTeam | HealthcareService | PractitionerRole

function partyOf(reference: string, resource: Resource | undefined): Party {
  if (reference.startsWith('Organization/')) return { reference, organization: reference }
  const queue = resource as unknown as Queue | undefined
  const organization = queue && organizationOf(queue)
  return { reference, ...(organization ? { organization } : {}) }
}

function organizationOf(queue: Queue): string | undefined {
  switch (queue.resourceType) {
    case 'CareTeam':
      return queue.managingOrganization?.[0]?.reference
    case 'HealthcareService':
      return queue.providedBy?.reference
    case 'PractitionerRole':
      return queue.organization?.reference
    default:
      return undefined
  }
}
