import { Button } from '@navikt/ds-react'
import { Component, type ReactNode } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { FRAME_TEXTS } from './texts.ts'

/** What goes wrong in one screen leaves the rest, and the bar with whom to call, where they are. */
export class ScreenFault extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError() {
    return { hasFailed: true }
  }
  override render() {
    return this.state.hasFailed ? <Fault /> : this.props.children
  }
}

function Fault() {
  const text = useTexts(FRAME_TEXTS)
  return (
    <section className="card">
      <h1>{text('fault')}</h1>
      <p>{text('faultHelp')}</p>
      <Button onClick={() => location.reload()}>{text('reload')}</Button>
    </section>
  )
}
