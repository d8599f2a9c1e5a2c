import { ArrowRightIcon, XMarkIcon } from '@navikt/aksel-icons'
import { Button, Heading, InlineMessage } from '@navikt/ds-react'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { handoverIn } from '../../../server/core/decide/task/handover.ts'
import { Refused } from '../fhir/failure.ts'
import { usePathwayNames } from '../fhir/use-pathway-names.ts'
import { useQuery } from '../fhir/use-query.ts'
import { toMeasures } from '../patient/measures.ts'
import { readMeasured, readPerson } from '../patient/patient-data.ts'
import { Go } from '../router.tsx'
import { useMay, useSession } from '../session-context.ts'
import { languageOfPatient } from '../texts/language-of-patient.ts'
import { useLanguage, useTexts } from '../texts/use-texts.ts'
import { AnswerView, FailureNote } from '../ui/answer-view.tsx'
import { moment, span } from '../ui/format.ts'
import { useNow } from '../ui/moment.tsx'
import { ageOf, nameOf, nationalNumberOf } from '../ui/person.ts'
import { useShortcuts } from '../ui/shortcuts.tsx'
import { ZoneBadge } from '../ui/zone-badge.tsx'
import { kindOf, type Row, reasonOf, type StoredTask, toRow } from '../worklist/row.ts'
import { SnoozeDialog } from '../worklist/snooze-dialog.tsx'
import { claim, release, snooze, wake } from '../worklist/task-acts.ts'
import type { Doer } from './act.ts'
import { Agreed, adviceFor } from './agreed.tsx'
import { Answers } from './answers.tsx'
import { Composer } from './composer.tsx'
import { ConflictView, STATUS_WORDS } from './conflict-view.tsx'
import { Done } from './done.tsx'
import { ExplanationView, LimitsSeen } from './explanation-view.tsx'
import { HandoverQuestion, Handovers } from './handovers.tsx'
import { Medicines } from './medicines.tsx'
import { readTasksOf } from './send-act.ts'
import { Similar } from './similar.tsx'
import { ACT_KINDS, type ActKind, suggestedAct } from './suggestion.ts'
import { othersOpen, patientIdOf, readAround, readExplanation, readTask } from './task-data.ts'
import { TASK_TEXTS } from './texts.ts'
import { Trend } from './trend.tsx'
import { ACT_DONE, useHeldActs } from './use-held-acts.ts'
import '../patient/patient.css'
import './task.css'

const TICK_MILLIS = 30_000
const TREND_DAYS = 30
/** The engine judges a change within a moment, later when much is going on; after the last look it has. */
const LOOK_AGAIN_MILLIS = [1_500, 4_000, 9_000, 18_000]

type Props = {
  id: string
  /** Whose it is, where that is known already: then all is asked at once. */
  patientHint?: string | undefined
  onClose?: (() => void) | undefined
  /** What is stored now, for a list beside it. */
  onChanged?: ((task: StoredTask) => void) | undefined
  onNext?: (() => void) | undefined
}

/** One Task: why it is there, what is known, what was agreed, and what is done about it. */
export function TaskPanel({ id, patientHint, onClose, onChanged, onNext }: Props) {
  const text = useTexts(TASK_TEXTS)
  const { fhir } = useSession()
  const answer = useQuery(`task ${id}`, (signal) => readTask(fhir, id, signal))
  const heading = useRef<HTMLHeadingElement>(null)
  const patientId = (answer.data && patientIdOf(answer.data)) ?? patientHint
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
  const [hasLooked, setHasLooked] = useState(false)
  const opener = useRef<HTMLElement | null>(null)

  const patient = person.data?.patient
  const patients = useMemo(() => new Map(patient ? [[`Patient/${patient.id}`, patient]] : []), [patient])
  const row: Row = useMemo(() => toRow(task, patients), [task, patients])
  const measures = useMemo(() => toMeasures(measured.data?.observations ?? [], language), [measured.data, language])
  const others = useMemo(
    () => (around.data ? othersOpen(around.data, task).filter((one) => !ofOther(one, session.fhirUser)) : []),
    [around.data, task, session.fhirUser],
  )
  useEffect(() => onChanged?.(task), [task, onChanged])

  // Each asks itself again; the panel stays as it is meanwhile, with the focus where it was.
  const [reloadExplained, reloadAround, reloadMeasured] = [explained.reload, around.reload, measured.reload]
  const lookAgain = useCallback(() => {
    reload()
    reloadAround()
  }, [reload, reloadAround])
  useEffect(() => {
    const timers: ReturnType<typeof setTimeout>[] = []
    const onDone = () => {
      lookAgain()
      for (const millis of LOOK_AGAIN_MILLIS)
        timers.push(
          setTimeout(() => {
            lookAgain()
            reloadExplained()
            reloadMeasured()
            if (millis === LOOK_AGAIN_MILLIS.at(-1)) setHasLooked(true)
          }, millis),
        )
    }
    addEventListener(ACT_DONE, onDone)
    return () => {
      removeEventListener(ACT_DONE, onDone)
      for (const timer of timers) clearTimeout(timer)
    }
  }, [lookAgain, reloadExplained, reloadMeasured])

  const mine = acts.filter(({ taskIds }) => taskIds.includes(id))
  const isEnding = mine.some(
    ({ state, request }) =>
      (state === 'held' || state === 'sending' || state === 'waiting') &&
      request.kind === 'transaction' &&
      request.closing,
  )
  const conflict = mine.find(
    ({ state, failure }) => state === 'failed' && failure instanceof Refused && failure.isConflict,
  )
  const isMine = row.takenBy !== undefined && row.takenBy === session.fhirUser
  const isOthers = row.takenBy !== undefined && !isMine
  const mayAct = may('Task', 'u') && row.isOpen && !isEnding && !isOthers && !handoverIn(task)

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
  const suggested = suggestedAct(task)
  useShortcuts(
    mayAct
      ? [
          ...(isMine
            ? []
            : [{ keys: 'a', label: text('take'), run: () => void doNow(() => claim(fhir, row), text('taken')) }]),
          { keys: 'm', label: text('message'), run: () => open('message') },
          { keys: 'c', label: text('call'), run: () => open('call') },
          { keys: 'e', label: text('finish'), run: () => open('close') },
        ]
      : [],
  )
  const advice = person.data ? adviceFor(person.data, row.zone, languageOfPatient(patient) ?? language) : undefined
  const canMark = measures.length > 0
  return (
    <>
      <TaskHead row={row} patient={patient} now={now} language={language} />
      <div className="head-acts">
        {row.isOpen && !isOthers && may('Task', 'u') && !isEnding && !handoverIn(task) && (
          <>
            {!isMine && !row.snoozedUntil && (
              <Button size="small" loading={isBusy} onClick={() => void doNow(() => claim(fhir, row), text('taken'))}>
                {text('take')}
              </Button>
            )}
            {isMine && !row.snoozedUntil && (
              <Button
                size="small"
                variant="tertiary"
                loading={isBusy}
                onClick={() => void doNow(() => release(fhir, row), text('released'))}
              >
                {text('release')}
              </Button>
            )}
            {row.snoozedUntil ? (
              <Button
                size="small"
                variant="secondary"
                loading={isBusy}
                onClick={() => void doNow(() => wake(fhir, row), text('woken'))}
              >
                {text('wake')}
              </Button>
            ) : (
              row.zone !== 'red' && (
                <Button size="small" variant="tertiary" onClick={() => setIsSnoozing(true)}>
                  {text('snooze')}
                </Button>
              )
            )}
          </>
        )}
        {!row.isOpen && onNext && (
          <Button size="small" onClick={onNext}>
            {text('next')}
          </Button>
        )}
        <Go to={`patient/${patientId}`} className="open-patient">
          {text('openPatient')} <ArrowRightIcon aria-hidden />
        </Go>
      </div>
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
      {handoverIn(task) && row.isOpen && <HandoverQuestion task={task} onAnswered={lookAgain} />}
      <Card title={text('why')}>
        <p className="why-line" lang={reasonOf(task, language).lang}>
          {reasonOf(task, language).text}
        </p>
        <LimitsSeen explanation={explained.data} />
      </Card>
      {mayAct && (
        <Card title={text('acts')} className="acts-card">
          {task.description && suggested && (
            <div className="suggestion">
              <p>
                <span className="quiet">{text('suggests')}:</span>{' '}
                <strong>{reasonlessDescription(task, language)}</strong>
              </p>
              <Button size="small" variant="primary" onClick={() => open(suggested)}>
                {text(suggested === 'close' ? 'finish' : suggested)}
              </Button>
            </div>
          )}
          <div className="act-buttons" role="toolbar" aria-label={text('acts')}>
            {ACT_KINDS.filter(
              (one) => one !== 'close' && (one !== 'advice' || advice) && (one !== 'invalid' || canMark),
            ).map((one) => (
              <Button
                key={one}
                size="small"
                variant={kind === one ? 'secondary' : 'tertiary'}
                aria-expanded={kind === one}
                onClick={() => open(one)}
              >
                {text(one)}
              </Button>
            ))}
            <Button size="small" variant="secondary" aria-expanded={kind === 'close'} onClick={() => open('close')}>
              {text('finish')}
            </Button>
          </div>
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
                  setHasLooked(false)
                }
              }}
              onClose={close}
            />
          )}
        </Card>
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
          {() => <Trend task={task} measures={measures} explanation={explained.data} days={TREND_DAYS} />}
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
          <AnswerView answer={measured} what={text('medicinesPart')} rows={2}>
            {({ medications }) => <Medicines medications={medications} />}
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

function reasonlessDescription(task: StoredTask, language: ReturnType<typeof useLanguage>): string {
  const { reasonCode: _reason, ...rest } = task
  return reasonOf(rest as StoredTask, language).text
}

export function Card({ title, className = '', children }: { title: string; className?: string; children: ReactNode }) {
  return (
    <section className={`task-card ${className}`} aria-label={title}>
      <Heading size="xsmall" level="3">
        {title}
      </Heading>
      {children}
    </section>
  )
}

type HeadProps = {
  row: Row
  patient: Parameters<typeof toRow>[1] extends ReadonlyMap<string, infer P> ? P | undefined : never
  now: Date
  language: ReturnType<typeof useLanguage>
}

/** Whose it is, how urgent, until when, and who has it. */
function TaskHead({ row, patient, now, language }: HeadProps) {
  const text = useTexts(TASK_TEXTS)
  const { session } = useSession()
  const number = nationalNumberOf(patient?.identifier)
  const age = ageOf(patient?.birthDate)
  const isLate = row.isOpen && row.deadline !== undefined && row.deadline < now
  const left = row.deadline ? span(row.deadline.getTime() - now.getTime(), language) : undefined
  return (
    <header className="task-head">
      <div className="task-who">
        <ZoneBadge zone={row.zone} />
        <strong>{row.patientName}</strong>
        {age !== undefined && <span>{age}</span>}
        {number && <span className="number">{number}</span>}
      </div>
      <p className="task-facts">
        <span>{kindOf(row.task, language)}</span>
        {row.isOpen ? (
          <span className={isLate ? 'late' : undefined}>
            {row.snoozedUntil
              ? text('snoozedUntil', { time: moment(row.snoozedUntil, language, now) })
              : left
                ? text(isLate ? 'overdueBy' : 'dueIn', { span: left })
                : text('noDeadline')}
          </span>
        ) : (
          <span>{STATUS_WORDS[row.task.status ?? '']?.[language]}</span>
        )}
        <span>
          {text('has')}:{' '}
          {row.takenBy
            ? row.takenBy === session.fhirUser
              ? text('you')
              : row.takenByName
            : (row.teamName ?? text('nobody'))}
        </span>
      </p>
    </header>
  )
}

function Conflict({ act, onUseMine, onUseTheirs }: Omit<Parameters<typeof ConflictView>[0], 'stored'>) {
  const { fhir } = useSession()
  const text = useTexts(TASK_TEXTS)
  const stored = useQuery(`stored ${act.id}`, () => readTasksOf(fhir, act))
  return (
    <AnswerView answer={stored} what={text('task')} rows={3}>
      {(tasks) => <ConflictView {...{ act, onUseMine, onUseTheirs }} stored={tasks} />}
    </AnswerView>
  )
}
