/**
 * Whoever looks at the list opens a patient next: what draws one is loaded while the browser has nothing else to do. One that cannot
 * be loaded now is asked for again when it is needed, and fails then.
 */
export function loadPatientSoon(): void {
  const load = () => {
    for (const loading of [import('../patient/patient-screen.tsx'), import('../patient/overview-panel.tsx')])
      loading.catch(() => {})
  }
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) window.requestIdleCallback(load)
  else setTimeout(load, 1_000)
}
