/** What Enter or Space presses by itself. */
const PRESSED = 'a[href],button,summary,[role=button],[role=tab],[role=menuitem],[role=switch]'

/** Whether a key presses what it is pressed on: no shortcut may take it from a button or a link. */
export const isPressing = (key: string, target: Pick<Element, 'closest'>): boolean =>
  (key === 'Enter' || key === ' ') && target.closest(PRESSED) !== null
