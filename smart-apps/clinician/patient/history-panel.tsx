import { useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { DocumentsCard } from './documents-card.tsx'
import { JournalCard } from './journal-card.tsx'
import { KjernejournalCard } from './kjernejournal-card.tsx'
import { LaboratoryCard } from './laboratory-card.tsx'
import { NotesCard } from './notes-card.tsx'
import { QUERY } from './open-patient.ts'
import { readTasks } from './patient-data.ts'
import { TaskList } from './task-list.tsx'

/**
 * What has been done before and by whom: Tasks and how they ended, messages and notes, documents and laboratory answers. Each is asked for
 * by itself: one that does not come leaves the others.
 */
export default function HistoryPanel({ patient }: { patient: string }) {
  const fhir = useFhir()
  const tasks = useQuery(QUERY.tasks(patient), (signal) => readTasks(fhir, patient, signal))
  useLive('task-changes', patient, tasks.reload)
  return (
    <div className="columns">
      <div>
        <TaskList answer={tasks} which="earlier" />
        <LaboratoryCard patient={patient} />
      </div>
      <div>
        <NotesCard patient={patient} />
        <DocumentsCard patient={patient} />
        <JournalCard patient={patient} />
        <KjernejournalCard patient={patient} />
      </div>
    </div>
  )
}
