import type { CarePlan, Observation, Task } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { isPatientOrFamily, OPEN_STATUSES } from '../core/decide/task/task-status.ts'
import type { Rooms } from '../exchange.ts'
import { findAll } from '../operations/find-all.ts'
import type { FollowUp } from './home-monitoring-card.ts'

/** Somebody may be in several; more than this nobody reads on a card. */
const COUNT_MAX = 100

/** How the patient in context is followed, as far as the caller may see it. */
export async function readFollowUp(rooms: Rooms, access: Access): Promise<FollowUp> {
  const patient = `Patient/${access.patient}`
  const [carePlans, tasks, observations] = await Promise.all([
    findAll(rooms, access, 'CarePlan', { subject: patient, status: 'active,on-hold' }, COUNT_MAX),
    findAll(rooms, access, 'Task', { patient, status: [...OPEN_STATUSES].join(','), _sort: '-urgency' }, COUNT_MAX),
    findAll(rooms, access, 'Observation', { patient, category: 'vital-signs', _sort: '-date' }, 1),
  ])
  return {
    carePlans: (carePlans as unknown as CarePlan[]).filter(
      ({ instantiatesCanonical = [] }) => instantiatesCanonical.length > 0,
    ),
    tasks: (tasks as unknown as Task[]).filter(({ owner }) => !isPatientOrFamily(owner?.reference)),
    latest: observations[0] as unknown as Observation | undefined,
  }
}
