import { BASE } from '../launch/settings.ts'

/** From the second time on the app opens without a net. A browser without service workers has it while there is one. */
export function registerServiceWorker(): void {
  if (!('serviceWorker' in navigator)) return
  void navigator.serviceWorker.register(`${BASE}service-worker.js`, { scope: BASE }).catch(() => {})
}
