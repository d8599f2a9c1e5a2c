import { ArrowLeftIcon } from '@navikt/aksel-icons'
import { Tabs } from '@navikt/ds-react'
import { lazy, Suspense } from 'react'
import { useQuery } from '../fhir/use-query.ts'
import { changeQuery, Go, useParam, usePlace } from '../router.tsx'
import { useFhir } from '../session-context.ts'
import { useTexts } from '../texts/use-texts.ts'
import { AnswerView, LoadingRows } from '../ui/answer-view.tsx'
import OverviewPanel from './overview-panel.tsx'
import { type Person, readPerson } from './patient-data.ts'
import { PatientHeader } from './patient-header.tsx'
import { PATIENT_TEXTS } from './texts.ts'
import './patient.css'

const AnswersPanel = lazy(() => import('./answers-panel.tsx'))
const PlanTab = lazy(() => import('../plan/plan-tab.tsx'))
const HistoryPanel = lazy(() => import('./history-panel.tsx'))

const TABS = ['overview', 'answers', 'limits', 'history'] as const
type Tab = (typeof TABS)[number]
const isTab = (name: string | null): name is Tab => TABS.some((one) => one === name)

/** Everything of one patient, who stands in the address by id alone. */
export default function PatientScreen() {
  const text = useTexts(PATIENT_TEXTS)
  const fhir = useFhir()
  const id = useParam('id')
  const { query } = usePlace()
  const asked = query.get('tab')
  const tab: Tab = isTab(asked) ? asked : 'overview'
  const answer = useQuery(`person ${id}`, (signal) => readPerson(fhir, id, signal))
  return (
    <div className="patient">
      <Go to="worklist" className="back">
        <ArrowLeftIcon aria-hidden /> {text('toWorklist')}
      </Go>
      <AnswerView answer={answer} what={text('patient')} rows={2}>
        {(person) => <PatientHeader person={person} />}
      </AnswerView>
      <Tabs value={tab} onChange={(name) => changeQuery({ tab: name === 'overview' ? undefined : name })} size="small">
        <Tabs.List>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name} label={text(name)} />
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} className="patient-panel">
          <Suspense fallback={<LoadingRows count={5} />}>
            {/* Whose data are shown does not wait for who it is: both are asked at once. */}
            {tab === 'overview' && <OverviewPanel key={id} patient={id} person={answer.data} />}
            {tab === 'answers' && <AnswersPanel key={id} patient={id} />}
            {tab === 'limits' && (
              <Followed person={answer.data}>
                {(person) => <PlanTab key={id} person={person} onChanged={answer.reload} />}
              </Followed>
            )}
            {tab === 'history' && <HistoryPanel key={id} patient={id} />}
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}

/** What is told of a plan waits until it is known which. */
function Followed({ person, children }: { person: Person | undefined; children: (person: Person) => React.ReactNode }) {
  return person ? children(person) : <LoadingRows count={5} />
}
