import { ArrowLeftIcon } from '@navikt/aksel-icons'
import { BodyShort, Heading, Tabs } from '@navikt/ds-react'
import { lazy, Suspense, useCallback, useState } from 'react'
import { titleOf } from '../../fhir/failure.ts'
import { changeQuery, Go, useParam, usePlace } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { ACCESS_TEXTS } from '../access/texts.ts'
import { MESSAGE_TEXTS } from '../messages/texts.ts'
import { OpenedNote, OpenRecord } from '../opening/open-record.tsx'
import { OPENING_TEXTS } from '../opening/texts.ts'
import { AnswerView, FailureView, LoadingRows } from '../ui/answer-view.tsx'
import OverviewPanel from './overview-panel.tsx'
import type { Person } from './patient-data.ts'
import { Followed, PatientHeader } from './patient-header.tsx'
import { PATIENT_TEXTS } from './texts.ts'
import { usePerson } from './use-person.ts'
import './patient.css'

const AnswersPanel = lazy(() => import('./answers-panel.tsx'))
const PlanTab = lazy(() => import('../plan/plan-tab.tsx'))
const HistoryPanel = lazy(() => import('./history-panel.tsx'))

const AccessPanel = lazy(() => import('../access/access-panel.tsx'))
const ThreadPanel = lazy(() => import('../messages/thread-panel.tsx'))

const TABS = ['overview', 'answers', 'limits', 'messages', 'history', 'access'] as const
type Tab = (typeof TABS)[number]
const isTab = (name: string | null): name is Tab => TABS.some((one) => one === name)

/** Everything of one patient, who stands in the address by id alone. */
export default function PatientScreen() {
  const text = useTexts(PATIENT_TEXTS)
  const opening = useTexts(OPENING_TEXTS)
  const messages = useTexts(MESSAGE_TEXTS)
  const access = useTexts(ACCESS_TEXTS)
  const id = useParam('id')
  const { query } = usePlace()
  const asked = query.get('tab')
  const tab: Tab = isTab(asked) ? asked : 'overview'
  const { who, person: answer, isOutside } = usePerson(id)
  // What was opened, or is closed again, is asked for anew, all of it.
  const [turn, setTurn] = useState(0)
  const reload = answer.reload
  const readAgain = useCallback(() => {
    setTurn((count) => count + 1)
    reload()
  }, [reload])
  const { failure } = answer
  if (failure && isOutside && (!answer.data || turn > 0))
    return (
      <div className="patient">
        <Go to="worklist" className="back">
          <ArrowLeftIcon aria-hidden /> {text('toWorklist')}
        </Go>
        <Heading size="medium" level="1" spacing>
          {opening('noAccess')}
        </Heading>
        {/* That there is nobody, or nobody of theirs, is no fault of anybody's. */}
        {titleOf(failure) === 'noAccess' && <FailureView failure={failure} what={text('patient')} />}
        <BodyShort spacing>{opening('outside')}</BodyShort>
        <OpenRecord kind="break-glass" patient={id} onOpened={readAgain} />
      </div>
    )
  return (
    <div className="patient">
      <Go to="worklist" className="back">
        <ArrowLeftIcon aria-hidden /> {text('toWorklist')}
      </Go>
      <AnswerView answer={who} what={text('patient')} rows={2}>
        {(patient) => (
          <PatientHeader patient={patient}>
            <AnswerView
              answer={answer}
              what={text('followedPart')}
              rows={1}
              missing={({ missing }) => missing.map((one) => text(`${one}Part`)).join(', ')}
            >
              {(person) => <Followed person={person} />}
            </AnswerView>
          </PatientHeader>
        )}
      </AnswerView>
      {answer.data && (
        <>
          <OpenedNote patient={id} onOver={readAgain} />
          {answer.data.isPartlyClosed && <OpenRecord kind="open-restricted" patient={id} onOpened={readAgain} />}
        </>
      )}
      <Tabs value={tab} onChange={(name) => changeQuery({ tab: name === 'overview' ? undefined : name })} size="small">
        <Tabs.List>
          {TABS.map((name) => (
            <Tabs.Tab
              key={name}
              value={name}
              label={name === 'messages' ? messages('messages') : name === 'access' ? access('access') : text(name)}
            />
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} className="patient-panel">
          <Suspense fallback={<LoadingRows count={5} />}>
            {/* Whose data are shown does not wait for who it is: both are asked at once. */}
            {tab === 'overview' && <OverviewPanel key={`${id} ${turn}`} patient={id} person={answer.data} />}
            {tab === 'answers' && <AnswersPanel key={`${id} ${turn}`} patient={id} />}
            {tab === 'limits' && (
              <WhenKnown person={answer.data}>
                {(person) => <PlanTab key={`${id} ${turn}`} person={person} onChanged={answer.reload} />}
              </WhenKnown>
            )}
            {tab === 'messages' && <ThreadPanel key={`${id} ${turn}`} patient={id} person={answer.data} />}
            {tab === 'history' && <HistoryPanel key={`${id} ${turn}`} patient={id} />}
            {tab === 'access' && <AccessPanel key={`${id} ${turn}`} patient={id} onChanged={answer.reload} />}
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}

/** What is told of a plan waits until it is known which. */
function WhenKnown({
  person,
  children,
}: {
  person: Person | undefined
  children: (person: Person) => React.ReactNode
}) {
  return person ? children(person) : <LoadingRows count={5} />
}
