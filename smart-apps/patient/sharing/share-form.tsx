import { Button, Checkbox, CheckboxGroup, ErrorSummary, Radio, RadioGroup } from '@navikt/ds-react'
import { type FormEvent, useRef, useState } from 'react'
import { SHARES, type Share, type StoredKin } from '../../sharing/grants.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { nameOf } from '../../ui/person.ts'
import { useMe, useSigned } from '../me-context.ts'
import { Trouble } from '../my-data/trouble.tsx'
import { openSharing } from './send-sharing.ts'
import { type Asked, numberOf, PERIODS, type Period, type Problem, problemsOf } from './share.ts'
import { ShareSure } from './share-sure.tsx'
import { StepHeading } from './step-heading.tsx'
import { SHARING_TEXTS } from './texts.ts'
import { SOMEBODY_NEW, type Who, WhoFields } from './who-fields.tsx'

type Props = {
  known: readonly StoredKin[]
  onShared: (name: string) => Promise<void>
  onCancel: (mayHold: boolean) => void
  /** They are nobody's next of kin. @throws what the server or the net has against it */
  onWrong: (kin: StoredKin) => Promise<void>
}

/** Who, what, for how long; then all of it said once more before it holds. */
export function ShareForm({ known, onShared, onCancel, onWrong }: Props) {
  const text = useTexts(SHARING_TEXTS)
  const { fhir } = useMe()
  const { session } = useSigned()
  // From when the form is opened: sent twice, it is one sharing.
  const [sharing] = useState(() => openSharing(fhir, session.patient ?? ''))
  const [person, setPerson] = useState<Who>({ who: '', name: '', nationalNumber: '', relation: '' })
  const [isAll, setIsAll] = useState(false)
  const [shares, setShares] = useState<readonly Share[]>([])
  const [period, setPeriod] = useState<Period>('year')
  const [isTried, setIsTried] = useState(false)
  const [isSure, setIsSure] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const summary = useRef<HTMLDivElement>(null)
  const kin = known.find(({ id }) => id === person.who)
  const who = kin?.id ?? (known.length === 0 || person.who === SOMEBODY_NEW ? SOMEBODY_NEW : '')
  // What was written for somebody else is not for one whose number is known.
  const nationalNumber = numberOf(kin) === undefined ? person.nationalNumber : ''
  const asked: Asked = { kin, ...person, nationalNumber, isAll, shares, period }
  const problems = who === '' ? (['who'] as const) : problemsOf(asked)
  const errorOf = (problem: Problem | 'who') =>
    isTried && problems.some((one) => one === problem) && text(`${problem}Needed`)
  const name = kin ? (nameOf(kin.name) ?? '') : person.name.trim()

  const goOn = (event: FormEvent) => {
    event.preventDefault()
    setIsTried(true)
    if (problems.length > 0) return summary.current?.focus()
    setIsSure(true)
  }
  const share = async () => {
    setIsBusy(true)
    setFailure(undefined)
    try {
      await sharing.send(asked, new Date())
      await onShared(name)
    } catch (error) {
      setFailure(error)
      setIsBusy(false)
    }
  }

  if (isSure)
    return (
      <ShareSure asked={asked} name={name} isBusy={isBusy} onYes={() => void share()} onChange={() => setIsSure(false)}>
        {failure !== undefined && sharing.mayHold() && <p role="alert">{text('mayHold')}</p>}
        {failure !== undefined && <Trouble failure={failure} onRetry={() => void share()} />}
      </ShareSure>
    )
  return (
    <form className="card share-form" onSubmit={goOn} noValidate>
      <StepHeading>{text('shareNew')}</StepHeading>
      {isTried && problems.length > 0 && (
        <ErrorSummary ref={summary} heading={text('mend')}>
          {problems.map((problem) => (
            <ErrorSummary.Item key={problem} href={`#share-${problem}`}>
              {text(`${problem}Needed`)}
            </ErrorSummary.Item>
          ))}
        </ErrorSummary>
      )}
      <WhoFields
        known={known}
        written={{ ...person, who }}
        onChange={(changed) => setPerson((before) => ({ ...before, ...changed }))}
        errorOf={errorOf}
        onWrong={async (wrong) => {
          await onWrong(wrong)
          setIsTried(false)
        }}
      />
      <RadioGroup legend={text('what')} value={isAll ? 'all' : 'some'} onChange={(value) => setIsAll(value === 'all')}>
        <Radio value="some">{text('some')}</Radio>
        <Radio value="all">{text('all')}</Radio>
      </RadioGroup>
      {!isAll && (
        <CheckboxGroup
          legend={text('kinds')}
          id="share-shares"
          tabIndex={-1}
          value={[...shares]}
          onChange={setShares}
          error={errorOf('shares')}
        >
          {SHARES.map((one) => (
            <Checkbox key={one} value={one}>
              {text(`${one}Long`)}
            </Checkbox>
          ))}
        </CheckboxGroup>
      )}
      <RadioGroup legend={text('howLong')} value={period} onChange={setPeriod}>
        {PERIODS.map((one) => (
          <Radio key={one} value={one}>
            {text(one)}
          </Radio>
        ))}
      </RadioGroup>
      <div className="buttons">
        <Button type="submit">{text('goOn')}</Button>
        <Button type="button" variant="secondary" onClick={() => onCancel(sharing.mayHold())}>
          {text('cancel')}
        </Button>
      </div>
    </form>
  )
}
