import {
  type AnchorHTMLAttributes,
  createContext,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useContext,
  useSyncExternalStore,
} from 'react'
import { BASE } from '../launch/settings.ts'

/** Where in the app somebody is. The address holds ids, filters and nothing that tells who a person is. */
export type Place = {
  /** Below the app, without a slash at either end: `patient/7`. */
  path: string
  query: URLSearchParams
}

const CHANGED = 'fylgje-place'
let known = read()

function read(): { href: string; place: Place } {
  const { href, pathname, search } = location
  const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : ''
  return { href, place: { path: path.replace(/\/+$/, ''), query: new URLSearchParams(search) } }
}

export function currentPlace(): Place {
  if (known.href !== location.href) known = read()
  return known.place
}

function subscribe(listener: () => void): () => void {
  for (const name of ['popstate', CHANGED]) addEventListener(name, listener)
  return () => {
    for (const name of ['popstate', CHANGED]) removeEventListener(name, listener)
  }
}

export const usePlace = (): Place => useSyncExternalStore(subscribe, currentPlace)

export const addressOf = (to: string): string => BASE + to

/** @param to below the app: `patient/7?tab=plan`. @param replace when going back should not come by here, such as for a filter */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', addressOf(to))
  dispatchEvent(new Event(CHANGED))
}

/** Sets or (undefined) removes parts of the query of where we are. */
export function changeQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = currentPlace()
  const next = new URLSearchParams(query)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name)
    else next.set(name, value)
  }
  const search = next.toString()
  navigate(search ? `${path}?${search}` : path, { replace: true })
}

/** For Aksel's components too: `<Link as={Go} to="worklist">`. */
export function Go({ to, onClick, onGo, ...rest }: GoProps) {
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || !isPlain(event)) return
    event.preventDefault()
    onGo?.()
    navigate(to)
  }
  // A mouse button is let go of a tenth of a second after it was pressed. A finger that is put down may be about to scroll.
  const press = (event: PointerEvent<HTMLAnchorElement>) => {
    if (event.pointerType === 'mouse' && isPlain(event)) onGo?.()
  }
  return <a {...rest} href={addressOf(to)} onClick={go} onPointerDown={press} />
}

type GoProps = {
  to: string
  /** What can begin before the place is drawn. Called when a mouse is pressed, and when it goes there: twice, then. */
  onGo?: (() => void) | undefined
} & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'onPointerDown'>

/** With a key held down the browser is asked for another window; it gets one. */
const isPlain = (event: MouseEvent): boolean =>
  event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)

/** The parts of a path that a pattern names: `task/:id` of `task/7` is `{ id: '7' }`. undefined when it is another path. */
export function match(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    const value = decodeURIComponent(given[i] ?? '')
    if (part.startsWith(':')) params[part.slice(1)] = value
    else if (part !== value) return undefined
  }
  return params
}

const Params = createContext<Readonly<Record<string, string>>>({})
export const PlaceParams = ({
  params,
  children,
}: {
  params: Readonly<Record<string, string>>
  children: ReactNode
}) => <Params value={params}>{children}</Params>
/** A part of the address of the screen, such as `id` of `task/:id`. */
export function useParam(name: string): string {
  const value = useContext(Params)[name]
  if (value === undefined) throw new Error(`This screen has no :${name}.`)
  return value
}
