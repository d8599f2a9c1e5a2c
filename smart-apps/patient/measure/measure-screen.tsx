import { BodyLong, Button, ErrorSummary, Heading, Textarea } from '@navikt/ds-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useParam, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { DevicePanel } from '../device/device-panel.tsx'
import type { Received } from '../device/receive.ts'
import { DEVICE_TEXTS } from '../device/texts.ts'
import { prepareJudge, saveAndJudge } from '../judge/judge-saved.ts'
import { useMe, useRecord, useSigned } from '../me-context.ts'
import { PhotoField } from '../photo/photo-field.tsx'
import { usePhoto } from '../photo/use-photo.ts'
import type { Saving } from '../sending/entry.ts'
import { madeBy } from '../sign-in/whose.ts'
import { type Fetched, isAsSent, momentKept, toFetched } from './from-device.ts'
import { type Field, findKind, type Kind } from './kinds.ts'
import { NumberField } from './number-field.tsx'
import { lastTyped, type Trouble, type Typed, toObservations, toTyped, troublesOf, unlikelyIn } from './reading.ts'
import { ResultView } from './result-view.tsx'
import { MEASURE_TEXTS } from './texts.ts'
import { momentOf, type When } from './when.ts'
import { WhenField } from './when-field.tsx'

/** One measurement, by hand or from a device: the numbers, when, a note; asked once more about what is seldom right; kept before it is sent. */
export default function MeasureScreen() {
  const text = useTexts(MEASURE_TEXTS)
  const kind = findKind(useParam('kind'))
  // Anew for each measurement: what was typed before is gone with it.
  const [turn, setTurn] = useState(0)
  if (!kind)
    return (
      <Heading level="1" size="large">
        {text('notFound')}
      </Heading>
    )
  return <Measuring key={`${kind.name} ${turn}`} kind={kind} onAgain={() => setTurn((count) => count + 1)} />
}

type Stage =
  | { at: 'typing' }
  | { at: 'checking'; fields: Field[] }
  | { at: 'saved'; ids: string[]; isJudged: boolean; isPictureLost: boolean }
  | { at: 'failed' }

function Measuring({ kind, onAgain }: { kind: Kind; onAgain: () => void }) {
  const text = useTexts(MEASURE_TEXTS)
  const deviceText = useTexts(DEVICE_TEXTS)
  const language = useLanguage()
  const { outbox } = useMe()
  const { session } = useSigned()
  const { record } = useRecord()
  const about = usePlace().query.get('about') ?? undefined
  const [typed, setTyped] = useState<Typed>({})
  const [when, setWhen] = useState<When>({ isNow: true })
  const [note, setNote] = useState('')
  const choice = usePhoto()
  const [fetched, setFetched] = useState<Fetched>()
  const [isTried, setIsTried] = useState(false)
  const [stage, setStage] = useState<Stage>({ at: 'typing' })
  const [isBusy, setIsBusy] = useState(false)
  // Given when the page is opened: however often it is saved, it is the same measurement.
  const ids = useRef(kind.fields.map(() => crypto.randomUUID()))
  useEffect(prepareJudge, [])
  const summary = useRef<HTMLDivElement>(null)
  const now = new Date()
  const last = lastTyped(kind, record?.observations ?? [], language)
  const at = momentOf(when, now)
  const troubles = troublesOf(kind, typed)
  const problems: { id: string; words: string }[] = [
    ...kind.fields.flatMap((field) => {
      const trouble = troubles[field.name]
      return trouble ? [{ id: field.name, words: `${field.title[language]}: ${wordsOf(trouble, field)}` }] : []
    }),
    ...(at ? [] : [{ id: 'when', words: text('future') }]),
  ]
  function wordsOf(trouble: Trouble, field: Field): string {
    const [low, high] = field.possible
    if (trouble === 'notANumber') return text('notANumber', { example: toTyped(field.usual[1], field, language) })
    if (trouble === 'impossible') return text('impossible', { low, high })
    return text(trouble)
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: at a try, not at each letter
  useEffect(() => {
    if (isTried && problems.length > 0) summary.current?.focus()
  }, [isTried])

  const onReceived = (received: Received) => {
    const next = toFetched(kind, received, language)
    setFetched(next)
    setTyped(next.typed)
    setWhen(next.when)
  }
  /** What the device says against its own number, so that whoever reads the number later knows of it too. */
  const said = (fetched?.received.reading.disturbances ?? []).map((one) =>
    deviceText('deviceSaid', { what: deviceText(`said-${one}`) }),
  )
  const save = async (isUnsure: boolean) => {
    const notes = [note.trim(), ...said].filter(Boolean).join(' ')
    const isSent = fetched !== undefined && isAsSent(fetched, typed, kind)
    const request = record?.requests.find(({ id }) => about === `ServiceRequest/${id}`)
    const made = toObservations({
      ...{ kind, typed, patient: session.patient ?? '', by: madeBy(session) },
      at: (fetched && momentKept(fetched, when)) ?? momentOf(when, new Date()) ?? now,
      ...(isUnsure ? { quality: 'unsure' } : said.length > 0 ? { quality: 'disturbed' } : {}),
      ...(isSent ? { sentBy: { name: fetched.received.madeAs } } : {}),
      ...(notes ? { note: notes } : {}),
      ...(about ? { about } : {}),
      askedFor: request?.code?.coding ?? [],
      devices: record?.devices ?? [],
    })
    const saving = made.map((resource, i): Saving => ({ id: ids.current[i] ?? crypto.randomUUID(), resource }))
    setIsBusy(true)
    try {
      // It goes after the measurement, which never waits for it to be sent.
      const picture = await choice.toSavings(pictured(), saving)
      const { isJudged, isPictureLost } = await saveAndJudge(outbox, record, [...saving, ...picture.savings])
      const isLost = isPictureLost || picture.isLost
      setStage({ at: 'saved', ids: saving.map(({ id }) => id), isJudged, isPictureLost: isLost })
    } catch {
      setStage({ at: 'failed' })
    } finally {
      setIsBusy(false)
    }
  }

  /** What a picture is of: all that was measured with it, and when. */
  function pictured(): string {
    const values = kind.fields.flatMap((field) => {
      const value = typed[field.name]
      return value ? [`${field.title[language]} ${value} ${field.unit}`] : []
    })
    return [...values, moment(at ?? now, language)].join(', ')
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (problems.length > 0) {
      setIsTried(true)
      summary.current?.focus()
      return
    }
    const fields = unlikelyIn(kind, typed, last)
    if (fields.length > 0) setStage({ at: 'checking', fields })
    else void save(false)
  }

  if (stage.at === 'saved') return <ResultView {...stage} onAgain={onAgain} />
  if (stage.at === 'checking')
    return (
      <section className="card" aria-labelledby="check">
        <Heading size="large" level="1" id="check">
          {text('checkTitle')}
        </Heading>
        {stage.fields.map((field) => (
          <BodyLong key={field.name} size="large">
            {text('check', { title: field.title[language], value: `${typed[field.name]} ${field.unit}` })}
          </BodyLong>
        ))}
        <div className="buttons">
          <Button className="big" variant="primary" onClick={onAgain}>
            {text('again')}
          </Button>
          <Button className="big" variant="secondary" loading={isBusy} onClick={() => void save(false)}>
            {text('itIsRight')}
          </Button>
          <Button className="big" variant="tertiary" loading={isBusy} onClick={() => void save(true)}>
            {text('unsure')}
          </Button>
        </div>
      </section>
    )
  return (
    <form onSubmit={submit} noValidate className="measure">
      <Heading size="large" level="1">
        {kind.title[language]}
      </Heading>
      <section aria-label={text('steps')}>
        <ol className="guide">
          {kind.guide[language].map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ol>
      </section>
      {isTried && problems.length > 0 && (
        <ErrorSummary heading={text('problems')} ref={summary} headingTag="h2">
          {problems.map(({ id, words }) => (
            <ErrorSummary.Item key={id} href={`#field-${id}`}>
              {words}
            </ErrorSummary.Item>
          ))}
        </ErrorSummary>
      )}
      {stage.at === 'failed' && (
        <div role="alert" className="zone-card" data-zone="red">
          <h2>{text('cannotSave')}</h2>
          <p>{text('cannotSaveHelp')}</p>
        </div>
      )}
      <DevicePanel kind={kind} fetched={fetched} onReceived={onReceived} />
      {kind.fields.map((field) => {
        const trouble = troubles[field.name]
        return (
          <div key={field.name} id={`field-${field.name}`} tabIndex={-1}>
            <NumberField
              field={field}
              value={typed[field.name] ?? ''}
              last={last[field.name]}
              problem={isTried && trouble ? wordsOf(trouble, field) : undefined}
              onChange={(value) => setTyped((before) => ({ ...before, [field.name]: value }))}
            />
          </div>
        )
      })}
      <div id="field-when" tabIndex={-1}>
        <WhenField when={when} now={now} problem={isTried && !at ? text('future') : undefined} onChange={setWhen} />
      </div>
      <Textarea
        label={text('note')}
        description={text('noteHelp')}
        value={note}
        maxLength={500}
        minRows={2}
        onChange={({ target }) => setNote(target.value)}
      />
      <PhotoField choice={choice} />
      <Button type="submit" className="big" loading={isBusy}>
        {text('save')}
      </Button>
    </form>
  )
}
