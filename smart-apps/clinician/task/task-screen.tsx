import { ArrowLeftIcon } from '@navikt/aksel-icons'
import { Heading } from '@navikt/ds-react'
import { Go, useParam } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { PATIENT_TEXTS } from '../patient/texts.ts'
import { TaskPanel } from './task-panel.tsx'
import { TASK_TEXTS } from './texts.ts'

/** A Task by its address, such as one that another system links to. In the worklist the same stands beside the list. */
export default function TaskScreen() {
  const text = useTexts(TASK_TEXTS)
  const patient = useTexts(PATIENT_TEXTS)
  const id = useParam('id')
  return (
    <div className="task-screen">
      <Go to="worklist" className="back">
        <ArrowLeftIcon aria-hidden /> {patient('toWorklist')}
      </Go>
      <Heading size="medium" level="1" className="visually-hidden">
        {text('panel', { name: '' })}
      </Heading>
      <TaskPanel key={id} id={id} />
    </div>
  )
}
