import { Heading } from '@navikt/ds-react'
import { ofType } from '../fhir/client.ts'
import { translated } from '../fhir/translated.ts'
import { useQuery } from '../fhir/use-query.ts'
import { FRAME_TEXTS } from '../frame/texts.ts'
import { useFhir } from '../session-context.ts'
import { useLanguage, useTexts } from '../texts/use-texts.ts'
import { AnswerView } from '../ui/answer-view.tsx'

export default function WorklistScreen() {
  const text = useTexts(FRAME_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const answer = useQuery('worklist', async (signal) =>
    ofType(await fhir.search('Task', { status: 'requested,accepted', _sort: '-urgency', _count: 50 }, signal), 'Task'),
  )
  return (
    <>
      <Heading size="medium" level="1">
        {text('worklist')}
      </Heading>
      <AnswerView answer={answer} what={text('worklist')}>
        {(tasks) =>
          tasks.map((task) => (
            <p className="task-row" key={task.id}>
              {translated(task.reasonCode, 'text', language)?.text}
            </p>
          ))
        }
      </AnswerView>
    </>
  )
}
