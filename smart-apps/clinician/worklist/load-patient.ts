import { loadScreen } from '../screens.tsx'

/** Whoever looks at the list opens a patient next: what draws one is loaded while the browser has nothing else to do. */
export function loadPatientSoon(): void {
  const load = () => loadScreen('patient/next')
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) window.requestIdleCallback(load)
  else setTimeout(load, 1_000)
}
