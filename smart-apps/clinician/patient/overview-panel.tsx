import { isAnswered, useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { LoadingRows } from '../ui/answer-view.tsx'
import { QUERY } from './open-patient.ts'
import { type Person, readTasks } from './patient-data.ts'
import { TaskList } from './task-list.tsx'
import { TrendsPanel } from './trends-panel.tsx'
import { ZonePlan } from './zone-plan.tsx'

/** What needs an eye now: what is open, the course, and what the patient has been told to do. */
export default function OverviewPanel({ patient, person }: { patient: string; person: Person | undefined }) {
  const fhir = useFhir()
  const tasks = useQuery(QUERY.tasks(patient), (signal) => readTasks(fhir, patient, signal))
  useLive('task-changes', patient, tasks.reload, isAnswered(tasks))
  return (
    <div className="overview">
      <div className="overview-tasks">
        <TaskList answer={tasks} which="open" />
      </div>
      <div className="overview-trends">
        <TrendsPanel patient={patient} person={person} />
      </div>
      <div className="overview-zones">{person ? <ZonePlan person={person} /> : <LoadingRows count={4} />}</div>
    </div>
  )
}
