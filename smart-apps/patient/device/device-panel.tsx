import { Button, Heading, Loader } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useMe } from '../me-context.ts'
import type { Fetched } from '../measure/from-device.ts'
import type { Kind } from '../measure/kinds.ts'
import {
  type DeviceProblem,
  DeviceTrouble,
  type KnownDevice,
  type Progress,
  type Received,
  receive,
} from './receive.ts'
import { SERVICES } from './services.ts'
import { DEVICE_TEXTS } from './texts.ts'
import { findBluetooth } from './web-bluetooth.ts'

type Props = {
  kind: Kind
  fetched: Fetched | undefined
  onReceived: (received: Received) => void
}

type Stage = { at: 'idle' } | { at: Progress } | { at: 'failed'; problem: DeviceProblem }

/** A number by Bluetooth from a device that measures this. Beside it, and never instead of it, stand the fields in which it is typed. */
export function DevicePanel({ kind, fetched, onReceived }: Props) {
  const text = useTexts(DEVICE_TEXTS)
  const { vault } = useMe()
  const [stage, setStage] = useState<Stage>({ at: 'idle' })
  const [known, setKnown] = useState<KnownDevice>()
  const going = useRef<AbortController>(undefined)
  const bluetooth = findBluetooth()
  const name = `device.${kind.name}`
  useEffect(() => {
    vault.read<KnownDevice>(name).then(setKnown, () => {})
    return () => going.current?.abort()
  }, [vault, name])
  const sent = kind.name
  if (!isSent(sent)) return null
  if (!bluetooth) return <p className="quiet">{text('noBluetooth')}</p>

  const fetch = async (from: KnownDevice | undefined) => {
    const stop = new AbortController()
    going.current = stop
    try {
      const onProgress = (at: Progress) => setStage({ at })
      const onKnown = (device: KnownDevice) => {
        setKnown(device)
        // What cannot be remembered is chosen again.
        void vault.write({ [name]: device }).catch(() => {})
      }
      const received = await receive(bluetooth, kind.name, {
        ...(from ? { known: from } : {}),
        ...{ onProgress, onKnown },
        signal: stop.signal,
      })
      if (stop.signal.aborted) return
      setStage({ at: 'idle' })
      onReceived(received)
    } catch (error) {
      if (stop.signal.aborted) return
      if (!(error instanceof DeviceTrouble)) throw error
      setStage({ at: 'failed', problem: error.problem })
    }
  }
  const cancel = () => {
    going.current?.abort()
    setStage({ at: 'idle' })
  }
  const isBusy = stage.at === 'choosing' || stage.at === 'connecting' || stage.at === 'waiting'
  return (
    <section className="card device" aria-labelledby="device">
      <Heading size="small" level="2" id="device">
        {text('title')}
      </Heading>
      {!known && stage.at === 'idle' && (
        <ol className="guide">
          {(['help1', 'help2', 'help3'] as const).map((line) => (
            <li key={line}>{text(line)}</li>
          ))}
        </ol>
      )}
      {!fetched && <p>{text(`when-${sent}`)}</p>}
      <div role="status" className="device-state">
        {isBusy && (
          <p>
            <Loader size="small" aria-hidden /> {text(stage.at)}
          </p>
        )}
        {stage.at === 'idle' && fetched && <Told fetched={fetched} />}
      </div>
      {stage.at === 'failed' && (
        <p role="alert" className="problem">
          {text(stage.problem)}
        </p>
      )}
      {isBusy ? (
        <Button type="button" variant="secondary" onClick={cancel}>
          {text('cancel')}
        </Button>
      ) : (
        <div className="buttons">
          <Button type="button" className="big" variant="secondary" onClick={() => void fetch(known)}>
            {known?.name ? text('fetch', { name: known.name }) : text('connect')}
          </Button>
          {known && (
            <Button type="button" variant="tertiary" onClick={() => void fetch(undefined)}>
              {text('other')}
            </Button>
          )}
        </div>
      )}
      <p className="quiet">{text('byHand')}</p>
    </section>
  )
}

/** What came, from what, when by whose clock, and what the device itself says against it. */
function Told({ fetched: { received, measured, isLongAgo } }: { fetched: Fetched }) {
  const text = useTexts(DEVICE_TEXTS)
  const language = useLanguage()
  const { reading, count, madeAs } = received
  const at = moment(measured.at, language)
  return (
    <>
      <p>{text('got', { name: madeAs })}</p>
      {reading.user !== undefined && <p>{text('user', { user: reading.user })}</p>}
      {count > 1 && <p>{text('newest', { count })}</p>}
      {measured.how === 'corrected' && <p>{text('corrected', { at })}</p>}
      {measured.how === 'ask' && (
        <p>
          <strong>{text(isLongAgo ? 'askOld' : 'ask', { at })}</strong>
        </p>
      )}
      {reading.disturbances.map((disturbance) => (
        <p key={disturbance}>
          <strong>{text(disturbance)}</strong>
        </p>
      ))}
    </>
  )
}

type Sent = 'oximeter' | 'pressure' | 'weight' | 'temperature' | 'glucose'
const isSent = (name: Kind['name']): name is Sent => SERVICES[name] !== undefined
