import type { Task } from '@medplum/fhirtypes'
import { wordsOf } from '../../fhir/thread.ts'
import { Go } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { Card } from './task-card.tsx'
import type { Around } from './task-data.ts'
import { TASK_TEXTS } from './texts.ts'

/** What the patient wrote that somebody has made this Task of, and the way to the thread. */
export function AboutMessage({ task, around, patient }: { task: Task; around: Around | undefined; patient: string }) {
  const text = useTexts(TASK_TEXTS)
  const message = around?.communications.find(({ id }) => task.focus?.reference === `Communication/${id}`)
  if (!message) return null
  return (
    <Card title={text('aboutMessage')}>
      <blockquote className="about-message">{wordsOf(message)}</blockquote>
      <Go to={`patient/${patient}?tab=messages`}>{text('openThread')}</Go>
    </Card>
  )
}
