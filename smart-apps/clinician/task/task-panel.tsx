import { XMarkIcon } from '@navikt/aksel-icons'
import { Button, Heading, InlineMessage } from '@navikt/ds-react'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Refused } from '../../fhir/failure.ts'
import { toMeasures } from '../../measures/measures.ts'
import { languageOfPatient } from '../../texts/language-of-patient.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useNow } from '../../ui/moment.tsx'
import { nameOf } from '../../ui/person.ts'
import { usePathwayNames } from '../fhir/use-pathway-names.ts'
import { isAnswered, useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { readMeasured, readPerson } from '../patient/patient-data.ts'
import { usePointPictures } from '../patient/use-point-pictures.tsx'
import { useMay, useSession } from '../session-context.ts'
import { AnswerView, FailureNote, LoadingRows } from '../ui/answer-view.tsx'
import { useShortcuts } from '../ui/shortcuts.tsx'
import { type Row, reasonOf, type StoredTask, toRow, withNames } from '../worklist/row.ts'
import { SnoozeDialog } from '../worklist/snooze-dialog.tsx'
import { claim, release, snooze, wake } from '../worklist/task-acts.ts'
import { AboutMessage } from './about-message.tsx'
import { type Doer, isClosing } from './act.ts'
import { ActCard } from './act-card.tsx'
import { Agreed, adviceFor } from './agreed.tsx'
import { Answers } from './answers.tsx'
import { formAskedOf } from './asked-form.ts'
import { Composer } from './composer.tsx'
import { Conflict } from './conflict-view.tsx'
import { Done } from './done.tsx'
import { ExplanationView, LimitsSeen } from './explanation-view.tsx'
import { Handovers } from './handovers.tsx'
import { Medicines } from './medicines.tsx'
import { referralGround } from './referral.ts'
import { Similar } from './similar.tsx'
import type { ActKind } from './suggestion.ts'
import { Card } from './task-card.tsx'
import { othersOpen, patientIdOf, readAround, readExplanation, readTask } from './task-data.ts'
import { HeadActs, TaskHead } from './task-head.tsx'
import { TeamQuestion } from './team-question.tsx'
import { TASK_TEXTS } from './texts.ts'
import { Trend } from './trend.tsx'
import { useHeldActs } from './use-held-acts.ts'
import { useLookAgain } from './use-look-again.ts'
import { useOwnerName } from './use-owner-name.ts'
import '../patient/patient.css'
import './task.css'

/** Few Tasks ask for answers, and what asks is not small. */
const AskedFormCard = lazy(() => import('./asked-form-card.tsx'))

const TICK_MILLIS = 30_000
const TREND_DAYS = 30

type Props = {
  id: string
  /** As the page knows it that it is opened from: then it stands there, and all else is asked, at once. */
  known?: StoredTask | undefined
  onClose?: (() => void) | undefined
  /** What is stored now, for a list beside it. */
  onChanged?: ((task: StoredTask) => void) | undefined
  onNext?: (() => void) | undefined
  /** versionId that a list beside it has been told of. */
  told?: string | undefined
}

/** One Task: why it is there, what is known, what was agreed, and what is done about it. */
export function TaskPanel({ id, known, onClose, onChanged, onNext, told }: Props) {
  const text = useTexts(TASK_TEXTS)
  const { fhir } = useSession()
  const answer = useQuery(`task ${id}`, (signal) => readTask(fhir, id, signal), known)
  const { reload } = answer
  const isBehind = answer.data !== undefined && Number(told ?? 0) > Number(answer.data.meta?.versionId)
  useEffect(() => {
    if (isBehind) reload()
  }, [isBehind, reload])
  const heading = useRef<HTMLHeadingElement>(null)
  const patientId = answer.data && patientIdOf(answer.data)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another Task is another page
  useEffect(() => heading.current?.focus({ preventScroll: true }), [id])
  return (
    <section
      className="task-panel"
      aria-labelledby="task-panel"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || !onClose) return
        event.stopPropagation()
        onClose()
      }}
    >
      <Heading size="xsmall" level="2" id="task-panel" ref={heading} tabIndex={-1} className="visually-hidden">
        {text('panel', { name: answer.data?.for?.display ?? '' })}
      </Heading>
      {onClose && (
        <Button
          className="close-panel"
          size="small"
          variant="tertiary-neutral"
          icon={<XMarkIcon aria-hidden />}
          aria-label={text('close')}
          onClick={onClose}
        />
      )}
      <AnswerView answer={answer} what={text('task')} rows={6}>
        {(task) =>
          patientId ? (
            <Loaded key={id} {...{ task, patientId, onChanged, onNext }} reload={answer.reload} />
          ) : (
            <p>{text('notFound')}</p>
          )
        }
      </AnswerView>
    </section>
  )
}

type LoadedProps = Pick<Props, 'onChanged' | 'onNext'> & { task: StoredTask; patientId: string; reload: () => void }

function Loaded({ task, patientId, reload, onChanged, onNext }: LoadedProps) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const { fhir, session } = useSession()
  const may = useMay()
  const now = useNow(TICK_MILLIS)
  const pathwayName = usePathwayNames()
  const { acts, hold, retry, dismiss } = useHeldActs()
  const id = task.id
  const version = task.meta?.versionId
  const explained = useQuery(`explain ${id} ${language}`, (signal) => readExplanation(fhir, id, language, signal))
  const person = useQuery(`person ${patientId}`, (signal) => readPerson(fhir, patientId, signal))
  const measured = useQuery(`measured ${patientId} ${TREND_DAYS}`, (signal) =>
    readMeasured(fhir, patientId, TREND_DAYS, signal),
  )
  const around = useQuery(`around ${patientId}`, (signal) => readAround(fhir, patientId, signal))
  const me = useQuery(`me ${session.fhirUser}`, async (signal): Promise<Doer> => {
    const reference = session.fhirUser ?? ''
    const [, practitioner] = /^Practitioner\/(.+)$/.exec(reference) ?? []
    if (!practitioner) return { reference }
    const display = nameOf((await fhir.read('Practitioner', practitioner, signal)).name)
    return display ? { reference, display } : { reference }
  })
  const [kind, setKind] = useState<ActKind>()
  const [isSnoozing, setIsSnoozing] = useState(false)
  const [notice, setNotice] = useState<{ words: string; failure?: Error }>()
  const [isBusy, setIsBusy] = useState(false)
  /** The version that was judged before a reading of it was called invalid. */
  const [judged, setJudged] = useState<string>()
  const opener = useRef<HTMLElement | null>(null)

  const patient = person.data?.patient
  const patients = useMemo(() => new Map(patient ? [[`Patient/${patient.id}`, patient]] : []), [patient])
  const ownerName = useOwnerName(task)
  const row: Row = useMemo(() => {
    const names = new Map(ownerName ? [[task.owner?.reference ?? '', ownerName]] : [])
    return withNames([toRow(task, patients)], names)[0] as Row
  }, [task, patients, ownerName])
  const measures = useMemo(() => toMeasures(measured.data?.observations ?? [], language), [measured.data, language])
  const pictures = usePointPictures(patientId, measured.data?.observations, measured.data?.pictures)
  const others = useMemo(
    () => (around.data ? othersOpen(around.data, task).filter((one) => !ofOther(one, session.fhirUser)) : []),
    [around.data, task, session.fhirUser],
  )
  useEffect(() => onChanged?.(task), [task, onChanged])

  // Each asks itself again; the panel stays as it is meanwhile, with the focus where it was.
  const reloadAround = around.reload
  const lookAgain = useCallback(() => {
    reload()
    reloadAround()
  }, [reload, reloadAround])
  const [reloadExplained, reloadMeasured] = [explained.reload, measured.reload]
  const lookAtAll = useCallback(() => {
    lookAgain()
    reloadExplained()
    reloadMeasured()
  }, [lookAgain, reloadExplained, reloadMeasured])
  const { hasLooked, expectMore, soon } = useLookAgain(lookAgain, lookAtAll)
  // What a doctor answers, and what the patient writes back, comes in while it is open.
  useLive('task-changes', patientId, lookAgain, isAnswered(around))
  useLive('messages', patientId, reloadAround, isAnswered(around))

  const mine = acts.filter(({ taskIds }) => taskIds.includes(id))
  const isEnding = mine.some(
    ({ state, request }) => (state === 'held' || state === 'sending' || state === 'waiting') && isClosing(request),
  )
  const conflict = mine.find(
    ({ state, failure }) => state === 'failed' && failure instanceof Refused && failure.isConflict,
  )
  const isMine = row.takenBy !== undefined && row.takenBy === session.fhirUser
  const isOthers = row.takenBy !== undefined && !isMine
  const mayAct =
    may('Task', 'u') &&
    row.isOpen &&
    !isEnding &&
    !isOthers &&
    !row.isQuestion &&
    (row.askedOf === undefined || row.askedOf === session.fhirUser)

  // Answers that are sent, or are about to be, end it: undone, it stands there again with what was answered.
  const form = mayAct && may('QuestionnaireResponse', 'c') ? formAskedOf(task) : undefined

  const doNow = async (run: () => Promise<StoredTask>, words: string) => {
    setIsBusy(true)
    try {
      await run()
      setNotice({ words })
    } catch (error) {
      setNotice({ words: '', failure: error as Error })
    }
    setIsBusy(false)
    lookAgain()
  }
  const take = () => void doNow(() => claim(fhir, row), text('taken'))
  const begin = async (): Promise<StoredTask> => {
    // A reading that nobody believes: what nobody has begun with is taken back by the rules themselves.
    if (isMine || kind === 'invalid') return task
    const taken = await claim(fhir, row)
    lookAgain()
    return taken
  }
  const open = (next: ActKind) => {
    opener.current = document.activeElement as HTMLElement | null
    setKind(next)
  }
  const close = () => {
    setKind(undefined)
    // The button may have been drawn anew, or stand there no more.
    requestAnimationFrame(() => {
      if (opener.current?.isConnected) opener.current.focus()
      else document.getElementById('task-panel')?.focus()
    })
  }
  useShortcuts(
    mayAct
      ? [
          ...(isMine ? [] : [{ keys: 'a', label: text('take'), run: take }]),
          { keys: 'm', label: text('message'), run: () => open('message') },
          { keys: 'c', label: text('call'), run: () => open('call') },
          { keys: 'e', label: text('finish'), run: () => open('close') },
        ]
      : [],
  )
  const advice = person.data ? adviceFor(person.data, row.zone, languageOfPatient(patient) ?? language) : undefined
  return (
    <>
      <TaskHead row={row} patient={patient} now={now} language={language} />
      <HeadActs
        {...{ row, patientId, isBusy, onNext }}
        mayTake={mayAct}
        isMine={isMine}
        onTake={take}
        onRelease={() => void doNow(() => release(fhir, row), text('released'))}
        onWake={() => void doNow(() => wake(fhir, row), text('woken'))}
        onSnooze={() => setIsSnoozing(true)}
      />
      <div role="status" className="panel-notice">
        {notice?.words && (
          <InlineMessage status="success" size="small">
            {notice.words}
          </InlineMessage>
        )}
        {notice?.failure && <FailureNote failure={notice.failure} />}
        {isOthers && row.isOpen && (
          <InlineMessage status="info" size="small">
            {text('takenByOther', { name: row.takenByName ?? '' })}
          </InlineMessage>
        )}
        {row.askedOf && row.askedOf !== session.fhirUser && row.isOpen && !row.isQuestion && (
          <InlineMessage status="info" size="small">
            {text('askedOfOther', { name: row.askedOfName ?? '' })}
          </InlineMessage>
        )}
        {!may('Task', 'u') && (
          <InlineMessage status="info" size="small">
            {text('readOnly')}
          </InlineMessage>
        )}
        {judged !== undefined && (
          <InlineMessage status={row.isOpen ? 'info' : 'success'} size="small">
            {text(!row.isOpen ? 'retriageWithdrawn' : hasLooked || version !== judged ? 'retriageKept' : 'retriage')}
          </InlineMessage>
        )}
      </div>
      {conflict && (
        <Conflict
          key={`${conflict.id} ${version}`}
          act={conflict}
          onUseMine={(act) => retry(act)}
          onUseTheirs={() => {
            dismiss(conflict.id)
            lookAgain()
          }}
        />
      )}
      {row.isQuestion && (
        <TeamQuestion task={task} ground={around.data && referralGround(task, around.data)} onAnswered={soon} />
      )}
      <AboutMessage task={task} around={around.data} patient={patientId} />
      <Card title={text('why')}>
        <p className="why-line" lang={reasonOf(task, language).lang}>
          {reasonOf(task, language).text}
        </p>
        <LimitsSeen explanation={explained.data} />
      </Card>
      {form && me.data && (
        <Suspense fallback={<LoadingRows count={4} />}>
          <AskedFormCard {...{ task, form, patientId, patient }} me={me.data} onAct={hold} />
        </Suspense>
      )}
      {mayAct && (
        <ActCard
          {...{ task, advice }}
          hasForm={form !== undefined}
          isOpen={kind}
          canMark={measures.length > 0}
          onOpen={open}
        >
          {kind && me.data && (
            <Composer
              key={kind}
              {...{ kind, task, patientId, patient, others, measures }}
              me={me.data}
              advice={advice ?? ''}
              onBegin={begin}
              onAct={(act) => {
                hold(act)
                if (kind === 'invalid') {
                  setJudged(version ?? '')
                  expectMore()
                }
              }}
              onClose={close}
            />
          )}
        </ActCard>
      )}
      <Card title={text('ground')}>
        <AnswerView
          answer={explained}
          what={text('whyPart')}
          rows={2}
          isEmpty={(data) => !data}
          empty={<p className="quiet">{text('noExplanation')}</p>}
        >
          {(explanation) => <ExplanationView {...{ task, explanation, pathwayName }} />}
        </AnswerView>
        <AnswerView answer={measured} what={text('measurements')} rows={4}>
          {() => <Trend {...{ task, measures, pictures }} explanation={explained.data} days={TREND_DAYS} />}
        </AnswerView>
      </Card>
      <Card title={text('done')}>
        <AnswerView answer={around} what={text('donePart')} rows={2}>
          {(data) => (
            <>
              <Handovers around={data} task={task} onChanged={lookAgain} />
              <Done around={data} task={task} />
            </>
          )}
        </AnswerView>
      </Card>
      <div className="panel-columns">
        <Card title={text('answers')}>
          <Answers patient={patientId} />
        </Card>
        <Card title={text('agreed')}>
          <AnswerView answer={person} what={text('agreedPart')} rows={3}>
            {(data) => <Agreed person={data} zone={row.zone} />}
          </AnswerView>
        </Card>
        <Card title={text('medicines')}>
          <AnswerView
            answer={measured}
            what={text('medicinesPart')}
            rows={2}
            missing={({ missing }) => (missing.includes('medications') ? text('medicinesPart') : undefined)}
          >
            {({ medications, missing }) =>
              missing.includes('medications') ? null : <Medicines medications={medications} />
            }
          </AnswerView>
        </Card>
        <Card title={text('similar')}>
          <AnswerView answer={around} what={text('similarPart')} rows={2}>
            {(data) => <Similar around={data} task={task} />}
          </AnswerView>
        </Card>
      </div>
      {isSnoozing && (
        <SnoozeDialog
          row={row}
          onSnooze={async (one, given) => {
            await snooze(fhir, one, given)
            setIsSnoozing(false)
            setNotice({ words: text('snoozed') })
            lookAgain()
          }}
          onClose={() => setIsSnoozing(false)}
        />
      )}
    </>
  )
}

const ofOther = (task: StoredTask, me: string | undefined): boolean => {
  const taken = toRow(task, new Map()).takenBy
  return taken !== undefined && taken !== me
}
