import type { CarePlan, CareTeam, Consent, HealthcareService, PractitionerRole, Task } from '@medplum/fhirtypes'
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
  const to = handover?.to.reference
  const demands = handover && to ? await readDemands(db, handover.focus) : []
  if (!to || demands.length === 0) return { missing: [], basis: basisOf(task), notGiven: [] }
  const from = handover.from?.reference
  const about = await readAbout(db, [to, ...(from ? [from] : [])])
  return judgeHandover({
    ...{ task, demands, now, consents: await readConsents(db, task) },
    from: from ? partyOf(from, about.get(from)) : undefined,
    to: partyOf(to, about.get(to)),
  })
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
  const canonicals = carePlans.flatMap(({ instantiatesCanonical = [] }) => instantiatesCanonical)
  return canonicals.length > 0 ? (await readPlansNamed(db, canonicals)).flatMap(handoverDemandsOf) : []
}

async function readConsents(db: Queryable, { for: subject }: Task): Promise<Consent[]> {
  const [, patient] = /^Patient\/([^/]+)$/.exec(subject?.reference ?? '') ?? []
  if (patient === undefined) return []
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`SELECT content FROM resource WHERE patient = ${patient} AND type = 'Consent' AND NOT deleted`),
  )
  return rows.map(({ content }) => JSON.parse(content) as Consent)
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
