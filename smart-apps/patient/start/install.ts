/** What browsers fire that let a page be installed; no standard, and none on an iPhone. */
type InstallEvent = Event & { prompt(): Promise<void>; userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }> }

let offered: InstallEvent | undefined
const listeners = new Set<() => void>()
const tell = () => {
  for (const listener of listeners) listener()
}

/** It comes once, soon after the page was opened, and would be lost. */
export function hearInstall(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offered = event as InstallEvent
    tell()
  })
  addEventListener('appinstalled', () => {
    offered = undefined
    tell()
  })
}

export function subscribeInstall(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export type Installing = 'installed' | 'offered' | 'by-hand'

/** How the app can be put among the others on this phone. */
export function installing(): Installing {
  if (matchMedia('(display-mode: standalone)').matches) return 'installed'
  return offered ? 'offered' : 'by-hand'
}

/** Only from a click, and once for each offer. */
export async function install(): Promise<void> {
  const event = offered
  offered = undefined
  await event?.prompt()
  tell()
}
