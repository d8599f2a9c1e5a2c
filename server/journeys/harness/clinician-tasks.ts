import type { Bundle, Patient, Task } from '@medplum/fhirtypes'
import { TASK_CODE, TRIAGE_COLOUR } from '../../core/decide/plan/vocabulary.ts'
import { OPEN_STATUSES } from '../../core/decide/task/task-status.ts'
import type { ClinicianApp } from './clinician-app.ts'

const TEAM = 'CareTeam/demo-responssenter'

/** What the server holds behind the app, asked and changed by a system; and Tasks of their own for tests. */
export function tasksOf(app: () => Pick<ClinicianApp, 'server'>) {
  async function send<R>(method: string, path: string, body?: object): Promise<R> {
    const response = await fetch(`${app().server.fhir}/${path}`, {
      method,
      headers: { authorization: `Bearer ${await app().server.token()}`, 'content-type': 'application/fhir+json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as R
  }

  /** A Task of its own for each test, so that none meets another's. */
  async function newTask(
    reason: string,
    zone: 'red' | 'yellow' | 'green',
    given?: string,
    owner = TEAM,
  ): Promise<Task> {
    const patient = given ?? (await someoneFree())
    const priority = ({ red: 'stat', yellow: 'urgent', green: 'routine' } as const)[zone]
    return send('POST', 'Task', {
      ...{ resourceType: 'Task', status: 'requested', intent: 'order', priority },
      code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
      businessStatus: { coding: [{ system: TRIAGE_COLOUR, code: zone }] },
      reasonCode: { text: reason },
      for: { reference: `Patient/${patient}` },
      owner: { reference: owner },
      authoredOn: new Date().toISOString(),
      restriction: { period: { end: new Date(Date.now() + 3_600_000).toISOString() } },
    })
  }
  /** Somebody of the demo for whom there is nothing to do: what is new of others joins their row. */
  async function someoneFree(): Promise<string> {
    const open = await send<Bundle<Task>>('GET', `Task?status=${[...OPEN_STATUSES].join()}&_count=1000`)
    const busy = new Set(open.entry?.map(({ resource }) => resource?.for?.reference))
    const { entry = [] } = await send<Bundle<Patient>>(
      'GET',
      'Patient?organization=Organization/demo-fjordvik&_count=200',
    )
    const found = entry.find(({ resource }) => !busy.has(`Patient/${resource?.id}`))
    if (!found?.resource) throw new Error('Everybody of the demo has a Task; begin with a fresh one.')
    return String(found.resource.id)
  }
  /** Somebody new whom the demo's nurse follows: nobody else's tests meet them. */
  async function someoneNew(more: Partial<Patient> = {}): Promise<string> {
    const { id } = await send<Patient>('POST', 'Patient', {
      ...{ resourceType: 'Patient', name: [{ use: 'official', given: ['Ny'], family: 'Pasient' }] },
      birthDate: '1950-05-17',
      ...more,
    })
    await send('POST', 'CareTeam', {
      ...{ resourceType: 'CareTeam', status: 'active', subject: { reference: `Patient/${id}` } },
      participant: [{ member: { reference: 'Practitioner/demo-nurse' } }],
    })
    return String(id)
  }
  const stored = (task: Task) => send<Task>('GET', `Task/${task.id}`)
  return { send, newTask, stored, someoneNew }
}
