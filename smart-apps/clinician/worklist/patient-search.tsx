import type { Patient } from '@medplum/fhirtypes'
import { BodyShort, Search } from '@navikt/ds-react'
import { type RefObject, useRef, useState } from 'react'
import { ofType } from '../../fhir/client.ts'
import { toError } from '../../fhir/failure.ts'
import { Go } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { nameOf, nationalNumberOf } from '../../ui/person.ts'
import { useFhir } from '../session-context.ts'
import { FailureView, LoadingRows } from '../ui/answer-view.tsx'
import { patientQuery } from './patient-query.ts'
import { WORKLIST_TEXTS } from './texts.ts'

type State =
  | { at: 'nothing' }
  | { at: 'asking' }
  | { at: 'found'; patients: Patient[] }
  | { at: 'failed'; failure: Error }
type Props = { field: RefObject<HTMLInputElement | null>; openCountOf: (patientId: string) => number }

/** Finds any patient that we may see, also one without an open Task. */
export function PatientSearch({ field, openCountOf }: Props) {
  const text = useTexts(WORKLIST_TEXTS)
  const fhir = useFhir()
  const [words, setWords] = useState('')
  const [state, setState] = useState<State>({ at: 'nothing' })
  // Only who was asked for last is shown: a slow answer must not stand under other words.
  const latest = useRef(new AbortController())
  const search = async () => {
    latest.current.abort()
    latest.current = new AbortController()
    const { signal } = latest.current
    const query = patientQuery(words)
    if (!query) return setState({ at: 'nothing' })
    setState({ at: 'asking' })
    try {
      const patients = ofType(await fhir.search('Patient', query, signal), 'Patient')
      if (!signal.aborted) setState({ at: 'found', patients })
    } catch (error) {
      if (!signal.aborted) setState({ at: 'failed', failure: toError(error) })
    }
  }
  const clear = () => {
    latest.current.abort()
    setWords('')
    setState({ at: 'nothing' })
  }
  return (
    <search className="patient-search">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void search()
        }}
      >
        <Search
          ref={field}
          label={text('search')}
          placeholder={text('searchHelp')}
          size="small"
          variant="secondary"
          value={words}
          onChange={setWords}
          onClear={clear}
          autoComplete="off"
          onKeyDown={(event) => event.key === 'Escape' && clear()}
        />
        {state.at !== 'nothing' && (
          <div className="found" role="status">
            {state.at === 'asking' && <LoadingRows count={2} />}
            {state.at === 'failed' && <FailureView failure={state.failure} what={text('patient')} onRetry={search} />}
            {state.at === 'found' && <Found patients={state.patients} openCountOf={openCountOf} />}
          </div>
        )}
      </form>
    </search>
  )
}

function Found({ patients, openCountOf }: { patients: Patient[]; openCountOf: Props['openCountOf'] }) {
  const text = useTexts(WORKLIST_TEXTS)
  const language = useLanguage()
  if (patients.length === 0) return <BodyShort size="small">{text('foundNone')}</BodyShort>
  return (
    <ul aria-label={text('found')}>
      {patients.map((patient) => {
        const count = openCountOf(patient.id ?? '')
        return (
          <li key={patient.id}>
            <Go to={`patient/${patient.id}`}>{nameOf(patient.name)}</Go>
            <span className="quiet">
              {patient.birthDate && date(new Date(`${patient.birthDate}T12:00:00Z`), language)}
              {' · '}
              {nationalNumberOf(patient.identifier)}
              {' · '}
              {count > 0 ? text('openTasks', { count }) : text('noTasks')}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
