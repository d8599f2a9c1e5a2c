import { type ComponentType, lazy } from 'react'

/** A screen of the app, loaded when somebody first goes there. */
type Screen = { path: string; component: ComponentType }

/**
 * Every screen by its path below the app. The first whose pattern fits is shown. Texts, parts and tests of a screen lie in its
 * folder; what is new is one line here.
 */
export const SCREENS: readonly Screen[] = [
  { path: 'worklist', component: lazy(() => import('./worklist/worklist-screen.tsx')) },
  { path: 'team-lead', component: lazy(() => import('./team-lead/team-lead-screen.tsx')) },
  { path: 'patient/:id/enrol', component: lazy(() => import('./plan/enrol-screen.tsx')) },
  { path: 'patient/:id', component: lazy(() => import('./patient/patient-screen.tsx')) },
]

/** Where the app begins without being told more. */
export const FIRST_SCREEN = 'worklist'
