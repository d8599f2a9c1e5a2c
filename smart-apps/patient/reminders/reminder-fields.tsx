import { Checkbox, LocalAlert, Switch, TextField } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useMe, useSigned } from '../me-context.ts'
import { isKin } from '../sign-in/whose.ts'
import { NIGHT, pushState, type Reminding, readReminding, remind } from './push.ts'
import { REMINDER_TEXTS } from './texts.ts'

type Trouble = 'denied' | 'unsupported' | 'failed' | 'unread'

/** Whether and when this phone tells that there is something to do. Next of kin are not reminded of what the patient is to do. */
export function ReminderFields() {
  const text = useTexts(REMINDER_TEXTS)
  const language = useLanguage()
  const { fhir, vault } = useMe()
  const { session } = useSigned()
  const [reminding, setReminding] = useState<Reminding>()
  const [times, setTimes] = useState<{ from: string; until: string }>(NIGHT)
  const last = useRef(Promise.resolve())
  const [isBusy, setIsBusy] = useState(false)
  const [trouble, setTrouble] = useState<Trouble | undefined>(troubleNow)
  useEffect(() => {
    readReminding(vault).then(
      (kept) => {
        setReminding(kept)
        if (kept.quiet) setTimes(kept.quiet)
      },
      () => setTrouble('unread'),
    )
  }, [vault])
  if (isKin(session) || (!reminding && trouble !== 'unread')) return null
  const isSame = times.from === times.until
  const send = async (wishOf: (kept: Reminding) => Reminding) => {
    setIsBusy(true)
    setTrouble(undefined)
    try {
      const wish = wishOf(await readReminding(vault))
      const isTold = await remind(wish, { fhir, vault, language, patient: session.patient ?? '' })
      setReminding({ ...wish, isOn: isTold })
      if (wish.isOn && !isTold) setTrouble(troubleNow() ?? 'denied')
    } catch {
      setTrouble('failed')
    } finally {
      setIsBusy(false)
    }
  }
  // One after the other, so that what was wanted last is what holds.
  const change = (wishOf: (kept: Reminding) => Reminding) => {
    last.current = last.current.then(() => send(wishOf))
  }
  const quiet = reminding?.quiet
  /** Whoever types a time has not said it before they go on. */
  const commitTimes = () => {
    const { from, until } = times
    const isAnother = quiet && (quiet.from !== from || quiet.until !== until)
    if (from && until && !isSame && isAnother) change((kept) => ({ ...kept, quiet: times }))
  }
  return (
    <div className="reminding">
      <p>{text('help')}</p>
      <div role="status">
        {trouble && (
          <LocalAlert status="warning">
            <LocalAlert.Header>
              <LocalAlert.Title as="h3">{text(trouble)}</LocalAlert.Title>
            </LocalAlert.Header>
          </LocalAlert>
        )}
      </div>
      {reminding && trouble !== 'unsupported' && (
        <Switch
          checked={reminding.isOn}
          loading={isBusy}
          onChange={({ target: { checked } }) => change((kept) => ({ ...kept, isOn: checked }))}
        >
          {text('remind')}
        </Switch>
      )}
      {reminding?.isOn && (
        <>
          <Checkbox
            checked={reminding.quiet !== undefined}
            onChange={({ target: { checked } }) =>
              change(({ isOn }) => ({ isOn, ...(checked && !isSame ? { quiet: times } : {}) }))
            }
          >
            {text('quiet')}
          </Checkbox>
          {quiet && (
            <>
              <div className="clock-row">
                <TextField
                  type={'time' as 'text'}
                  label={text('quietFrom')}
                  value={times.from}
                  onChange={({ target }) => setTimes({ ...times, from: target.value })}
                  onBlur={commitTimes}
                />
                <TextField
                  type={'time' as 'text'}
                  label={text('quietUntil')}
                  value={times.until}
                  error={isSame ? text('quietSame') : undefined}
                  onChange={({ target }) => setTimes({ ...times, until: target.value })}
                  onBlur={commitTimes}
                />
              </div>
              <p className="quiet">{text('quietHelp')}</p>
            </>
          )}
        </>
      )}
    </div>
  )
}

function troubleNow(): Trouble | undefined {
  const state = pushState()
  return state === 'possible' ? undefined : state
}
