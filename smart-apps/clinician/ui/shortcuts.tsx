import { BodyShort, Button, Modal, Switch } from '@navikt/ds-react'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { isPressing } from './pressing.ts'
import { UI_TEXTS } from './texts.ts'

/** A key, or two after each other (`g a`), and what it does. Called with what it was pressed on. */
export type Shortcut = {
  keys: string
  label: string
  run: () => void
  /** Done again and again while the key is held down, such as to go on. */
  repeats?: true
}

type Book = {
  add: (group: readonly Shortcut[]) => () => void
  isOn: boolean
  openList: () => void
}

const Shortcuts = createContext<Book | undefined>(undefined)
const REMEMBERED = 'fylgje.shortcuts'
const SECOND_KEY_MILLIS = 1_000

/** Somebody is writing, or a dialog is open: then a key is a letter. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest('dialog[open],[role=dialog],[role=menu],[role=listbox]') !== null
  )
}

/** Listens to single keys, shows the list of them at `?`, and lets people turn them off (WCAG 2.1.4). */
export function ShortcutProvider({ children }: { children: ReactNode }) {
  const groups = useRef(new Set<readonly Shortcut[]>())
  const [isOn, setIsOn] = useState(() => remembered())
  const [listed, setListed] = useState<readonly Shortcut[]>()

  const first = useRef<{ key: string; at: number }>(undefined)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
      if (event.target instanceof Element && isPressing(event.key, event.target)) return
      if (event.key === '?') {
        event.preventDefault()
        setListed([...groups.current].flat())
        return
      }
      if (!isOn) return
      const before = first.current && Date.now() - first.current.at < SECOND_KEY_MILLIS ? `${first.current.key} ` : ''
      // The screen comes after the frame, and has the last word.
      const all = [...groups.current].reverse().flat()
      const found = all.find(({ keys }) => keys === before + event.key) ?? all.find(({ keys }) => keys === event.key)
      first.current = { key: event.key, at: Date.now() }
      if (!found) return
      first.current = undefined
      event.preventDefault()
      if (!event.repeat || found.repeats) found.run()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [isOn])

  const book = useMemo<Book>(
    () => ({
      add: (group) => {
        groups.current.add(group)
        return () => void groups.current.delete(group)
      },
      isOn,
      openList: () => setListed([...groups.current].flat()),
    }),
    [isOn],
  )
  const change = (next: boolean) => {
    setIsOn(next)
    remember(next)
  }
  return (
    <Shortcuts value={book}>
      {children}
      {listed && <ShortcutList shortcuts={listed} isOn={isOn} onChange={change} onClose={() => setListed(undefined)} />}
    </Shortcuts>
  )
}

/** The keys of a screen, as long as it is shown. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const book = useContext(Shortcuts)
  const add = book?.add
  // What a key does changes with each drawing; which keys there are does not.
  const latest = useRef(shortcuts)
  latest.current = shortcuts
  const names = shortcuts.map(({ keys, label }) => `${keys} ${label}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `names` says when there are others
  useEffect(() => {
    const group = latest.current.map((one, i) => ({ ...one, run: () => latest.current[i]?.run() }))
    return add?.(group)
  }, [add, names])
}

export const useShortcutBook = () => useContext(Shortcuts)

type ListProps = {
  shortcuts: readonly Shortcut[]
  isOn: boolean
  onChange: (isOn: boolean) => void
  onClose: () => void
}

function ShortcutList({ shortcuts, isOn, onChange, onClose }: ListProps) {
  const text = useTexts(UI_TEXTS)
  return (
    <Modal open onClose={onClose} header={{ heading: text('shortcuts'), size: 'small' }} width="small">
      <Modal.Body>
        <dl className="shortcut-list">
          {shortcuts.map(({ keys, label }) => (
            <div key={keys}>
              <dt>
                {keys.split(' ').map((key, i) => (
                  <span key={key}>
                    {i > 0 && ` ${text('andThen')} `}
                    <kbd>{key}</kbd>
                  </span>
                ))}
              </dt>
              <dd>{label}</dd>
            </div>
          ))}
        </dl>
        <Switch checked={isOn} onChange={(event) => onChange(event.target.checked)}>
          {text('shortcutsOn')}
        </Switch>
        <BodyShort size="small">{text('shortcutsHelp')}</BodyShort>
      </Modal.Body>
      <Modal.Footer>
        <Button size="small" onClick={onClose}>
          {text('close')}
        </Button>
      </Modal.Footer>
    </Modal>
  )
}

function remembered(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) !== 'off'
  } catch {
    return true
  }
}

function remember(isOn: boolean): void {
  try {
    localStorage.setItem(REMEMBERED, isOn ? 'on' : 'off')
  } catch {
    // It lasts as long as the page.
  }
}
