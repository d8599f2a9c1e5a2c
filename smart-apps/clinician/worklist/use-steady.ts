import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Group } from './row.ts'
import { type Placed, steady } from './steady-order.ts'

/** After the pointer has rested or gone, the list may move again. */
const HELD_MILLIS = 4_000

/**
 * The groups in an order that does not change under somebody's hand: while the pointer has just moved over the list, or the keyboard
 * stands in it, what is new waits behind a button.
 * @param view another view is drawn anew
 * @param isWhole  false while the first answers come: what was there all along is not new, and stands where it belongs at once
 */
export function useSteady(groups: readonly Group[], view: string, isWhole: boolean) {
  const drawn = useRef<{ view: string; isWhole: boolean; placed: Placed }>({ view, isWhole, placed: new Map() })
  const heldUntil = useRef(0)
  const [, redraw] = useState(0)
  useEffect(() => {
    const onMove = ({ target }: Event) => {
      if (target instanceof Element && target.closest('table.tasks')) heldUntil.current = Date.now() + HELD_MILLIS
    }
    const names = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const
    for (const name of names) document.addEventListener(name, onMove, { passive: true })
    return () => {
      for (const name of names) document.removeEventListener(name, onMove)
    }
  }, [])
  const isHeld =
    drawn.current.view === view &&
    drawn.current.isWhole &&
    (Date.now() < heldUntil.current || document.activeElement?.closest('table.tasks') != null || window.scrollY > 40)
  const { shown, waiting, risen, placed } = steady(drawn.current.placed, groups, isHeld)
  useLayoutEffect(() => {
    drawn.current = { view, isWhole, placed }
  })
  const letIn = () => {
    drawn.current = { view, isWhole, placed: new Map() }
    window.scrollTo({ top: 0 })
    redraw((count) => count + 1)
  }
  return { shown, waiting, risen, letIn }
}
