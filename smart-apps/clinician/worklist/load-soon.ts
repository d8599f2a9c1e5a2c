import { loadScreen } from '../screens.tsx'

/**
 * Whoever looks at the list opens a patient or a Task next: what draws them is loaded while the browser has nothing else to do.
 * @param loadTask what draws a Task beside the list
 */
export function loadSoon(loadTask: () => void): void {
  const load = () => {
    loadScreen('patient/next')
    loadTask()
  }
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) window.requestIdleCallback(load)
  else setTimeout(load, 1_000)
}
