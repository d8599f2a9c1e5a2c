import { Button } from '@navikt/ds-react'
import { Component, type ReactNode } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { EmptyView } from '../ui/answer-view.tsx'
import { FRAME_TEXTS } from './texts.ts'

type State = { isBroken: boolean }

/**
 * Keeps a screen that cannot be loaded, as after a new version of the server, or that has a fault, from taking the rest of the app
 * with it. The fault itself is in the console: it may name a patient, and goes nowhere else.
 */
export class ScreenFault extends Component<{ children: ReactNode }, State> {
  override state: State = { isBroken: false }

  static getDerivedStateFromError(): State {
    return { isBroken: true }
  }

  override render(): ReactNode {
    return this.state.isBroken ? <Broken /> : this.props.children
  }
}

function Broken() {
  const text = useTexts(FRAME_TEXTS)
  return (
    <EmptyView title={text('broken')} level="1">
      <p>{text('brokenHelp')}</p>
      <Button size="small" variant="secondary" onClick={() => location.reload()}>
        {text('reload')}
      </Button>
    </EmptyView>
  )
}
