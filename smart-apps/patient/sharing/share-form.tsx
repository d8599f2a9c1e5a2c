import {
  Button,
  Checkbox,
  CheckboxGroup,
  ErrorSummary,
  Heading,
  Radio,
  RadioGroup,
  Select,
  TextField,
} from '@navikt/ds-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { RELATIONS, relationOf, SHARES, type Share, type StoredKin } from '../../sharing/grants.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { nameOf } from '../../ui/person.ts'
import { useMe, useSigned } from '../me-context.ts'
import { Trouble } from '../my-data/trouble.tsx'
import { openSharing } from './send-sharing.ts'
import { type Asked, endOf, numberOf, PERIODS, type Period, problemsOf, startOf } from './share.ts'
import { SHARING_TEXTS } from './texts.ts'
import { WrongPerson } from './wrong-person-view.tsx'

const SOMEBODY_NEW = 'new'

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
  const language = useLanguage()
  const { fhir } = useMe()
  const { session } = useSigned()
  // From when the form is opened: sent twice, it is one sharing.
  const [sharing] = useState(() => openSharing(fhir, session.patient ?? ''))
  const [chosen, setWho] = useState('')
  const [name, setName] = useState('')
  const [nationalNumber, setNationalNumber] = useState('')
  const [relation, setRelation] = useState('')
  const [isAll, setIsAll] = useState(false)
  const [shares, setShares] = useState<readonly Share[]>([])
  const [period, setPeriod] = useState<Period>('year')
  const [isTried, setIsTried] = useState(false)
  const [isSure, setIsSure] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>()
  const summary = useRef<HTMLDivElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  // Whoever reads by ear is told that the page has changed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each step
  useEffect(() => heading.current?.focus(), [isSure])
  const kin = known.find(({ id }) => id === chosen)
  const who = kin?.id ?? (known.length === 0 || chosen === SOMEBODY_NEW ? SOMEBODY_NEW : '')
  // What was written for somebody else is not for one whose number is known.
  const written = numberOf(kin) === undefined ? nationalNumber : ''
  const asked: Asked = { kin, name, nationalNumber: written, relation, isAll, shares, period }
  const problems = [...(who === '' ? (['who'] as const) : problemsOf(asked))]
  const errorOf = (problem: (typeof problems)[number]) =>
    isTried && problems.includes(problem) && text(`${problem}Needed`)
  const called = kin ? (nameOf(kin.name) ?? '') : name.trim()

  const begins = (number: string | undefined) => number && text('numberBegins', { start: startOf(number) })

  const writeAnew = async (wrong: StoredKin) => {
    await onWrong(wrong)
    setWho(SOMEBODY_NEW)
    setName(nameOf(wrong.name) ?? '')
    setNationalNumber('')
    setRelation(RELATIONS.find(({ words }) => words[language] === relationOf(wrong, language))?.coding.code ?? '')
    setIsTried(false)
  }
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
      await onShared(called)
    } catch (error) {
      setFailure(error)
      setIsBusy(false)
    }
  }

  if (isSure) {
    const end = endOf(period, new Date())
    const what = isAll ? text('everything') : shares.map((one) => text(one)).join(', ')
    return (
      <section className="card" aria-labelledby="sure">
        <Heading size="medium" level="2" id="sure" ref={heading} tabIndex={-1}>
          {text('sure', { name: called })}
        </Heading>
        <p>{begins(numberOf(kin) ?? nationalNumber)}</p>
        <p>{text('sees', { what })}</p>
        <p>{text('helps')}</p>
        <p>{end ? text('until', { date: date(end, language) }) : text('noEnd')}</p>
        <p className="quiet">{text('anyTime')}</p>
        {failure !== undefined && sharing.mayHold() && <p role="alert">{text('mayHold')}</p>}
        {failure !== undefined && <Trouble failure={failure} onRetry={() => void share()} />}
        <div className="buttons">
          <Button loading={isBusy} onClick={() => void share()}>
            {text('yes')}
          </Button>
          <Button variant="secondary" onClick={() => setIsSure(false)}>
            {text('change')}
          </Button>
        </div>
      </section>
    )
  }
  return (
    <form className="card share-form" onSubmit={goOn} noValidate>
      <Heading size="medium" level="2" ref={heading} tabIndex={-1}>
        {text('shareNew')}
      </Heading>
      {isTried && problems.length > 0 && (
        <ErrorSummary ref={summary} heading={text('mend')}>
          {problems.map((problem) => (
            <ErrorSummary.Item key={problem} href={`#share-${problem}`}>
              {text(`${problem}Needed`)}
            </ErrorSummary.Item>
          ))}
        </ErrorSummary>
      )}
      {known.length > 0 && (
        <RadioGroup
          legend={text('who')}
          id="share-who"
          tabIndex={-1}
          value={who}
          onChange={setWho}
          error={errorOf('who')}
        >
          {known.map((one) => (
            <Radio
              key={one.id}
              value={one.id}
              description={[relationOf(one, language), begins(numberOf(one))].filter(Boolean).join('. ')}
            >
              {nameOf(one.name)}
            </Radio>
          ))}
          <Radio value={SOMEBODY_NEW}>{text('somebodyNew')}</Radio>
        </RadioGroup>
      )}
      {kin && numberOf(kin) !== undefined && <WrongPerson key={kin.id} name={called} onWrong={() => writeAnew(kin)} />}
      {who === SOMEBODY_NEW && (
        <>
          <TextField
            id="share-name"
            label={text('name')}
            autoComplete="off"
            value={name}
            error={errorOf('name')}
            onChange={({ target }) => setName(target.value)}
          />
          <Select
            id="share-relation"
            label={text('relation')}
            value={relation}
            error={errorOf('relation')}
            onChange={({ target }) => setRelation(target.value)}
          >
            <option value="">{text('choose')}</option>
            {RELATIONS.map(({ coding, words }) => (
              <option key={coding.code} value={coding.code}>
                {words[language]}
              </option>
            ))}
          </Select>
        </>
      )}
      {who !== '' && numberOf(kin) === undefined && (
        <TextField
          id="share-number"
          label={text('number')}
          description={text('numberHelp')}
          inputMode="numeric"
          autoComplete="off"
          value={nationalNumber}
          error={errorOf('number')}
          onChange={({ target }) => setNationalNumber(target.value)}
        />
      )}
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
