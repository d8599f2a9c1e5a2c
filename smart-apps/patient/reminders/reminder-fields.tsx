import { Checkbox, LocalAlert, Switch, TextField } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useMe, useSigned } from '../me-context.ts'
import { isKin } from '../sign-in/whose.ts'
import { NIGHT, pushState, type Reminding, readReminding, remind } from './push.ts'
import { REMINDER_TEXTS } from './texts.ts'

type Trouble = 'denied' | 'unsupported' | 'failed'

/** Whether and when this phone tells that there is something to do. Next of kin are not reminded of what the patient is to do. */
export function ReminderFields() {
  const text = useTexts(REMINDER_TEXTS)
  const language = useLanguage()
  const { fhir, vault } = useMe()
  const { session } = useSigned()
  const [reminding, setReminding] = useState<Reminding>()
  const [times, setTimes] = useState<{ from: string; until: string }>(NIGHT)
  const [isBusy, setIsBusy] = useState(false)
  const [trouble, setTrouble] = useState<Trouble | undefined>(troubleNow)
  useEffect(() => {
    void readReminding(vault).then((kept) => {
      setReminding(kept)
      if (kept.quiet) setTimes(kept.quiet)
    })
  }, [vault])
  if (isKin(session) || !reminding) return null
  const isSame = times.from === times.until
  const change = async (wish: Reminding) => {
    setIsBusy(true)
    setTrouble(undefined)
    try {
      const isTold = await remind(wish, { fhir, vault, language, patient: session.patient ?? '' })
      setReminding({ ...wish, isOn: isTold })
      if (wish.isOn && !isTold) setTrouble(troubleNow() ?? 'denied')
    } catch {
      setTrouble('failed')
    } finally {
      setIsBusy(false)
    }
  }
  const changeTimes = (next: { from: string; until: string }) => {
    setTimes(next)
    if (next.from && next.until && next.from !== next.until) void change({ ...reminding, quiet: next })
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
      {trouble !== 'unsupported' && (
        <Switch
          checked={reminding.isOn}
          loading={isBusy}
          onChange={({ target }) => void change({ ...reminding, isOn: target.checked })}
        >
          {text('remind')}
        </Switch>
      )}
      {reminding.isOn && (
        <>
          <Checkbox
            checked={reminding.quiet !== undefined}
            onChange={({ target }) =>
              void change({ isOn: true, ...(target.checked && !isSame ? { quiet: times } : {}) })
            }
          >
            {text('quiet')}
          </Checkbox>
          {reminding.quiet && (
            <>
              <div className="clock-row">
                <TextField
                  type={'time' as 'text'}
                  label={text('quietFrom')}
                  value={times.from}
                  onChange={({ target }) => changeTimes({ ...times, from: target.value })}
                />
                <TextField
                  type={'time' as 'text'}
                  label={text('quietUntil')}
                  value={times.until}
                  error={isSame ? text('quietSame') : undefined}
                  onChange={({ target }) => changeTimes({ ...times, until: target.value })}
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
