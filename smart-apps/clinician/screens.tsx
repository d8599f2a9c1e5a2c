import { type Lazily, lazily } from '../place/lazily.tsx'
import { match } from '../place/router.tsx'

/** A screen of the app, loaded when somebody first goes there. */
type Screen = { path: string; component: Lazily<object> }

/**
 * Every screen by its path below the app. The first whose pattern fits is shown. Texts, parts and tests of a screen lie in its
 * folder; what is new is one line here.
 */
export const SCREENS: readonly Screen[] = [
  { path: 'worklist', component: lazily(() => import('./worklist/worklist-screen.tsx')) },
  { path: 'messages', component: lazily(() => import('./messages/inbox-screen.tsx')) },
  { path: 'team-lead', component: lazily(() => import('./team-lead/team-lead-screen.tsx')) },
  { path: 'sent', component: lazily(() => import('./sent/sent-screen.tsx')) },
  { path: 'patient/:id/enrol', component: lazily(() => import('./plan/enrol-screen.tsx')) },
  { path: 'task/:id', component: lazily(() => import('./task/task-screen.tsx')) },
  { path: 'patient/:id', component: lazily(() => import('./patient/patient-screen.tsx')) },
]

/** Where the app begins without being told more. */
export const FIRST_SCREEN = 'worklist'

/** Loads what draws a screen, before somebody goes there. @param path below the app; of none, where it begins */
export function loadScreen(path: string): void {
  const found = SCREENS.find(({ path: pattern }) => match(pattern, path))
  const first = SCREENS.find(({ path: pattern }) => pattern === FIRST_SCREEN)
  ;(found ?? first)?.component.load()
}
