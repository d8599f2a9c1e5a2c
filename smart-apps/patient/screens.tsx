import { type Lazily, lazily } from '../place/lazily.tsx'

type Screen = { path: string; component: Lazily<object> }

/** Every screen by its path below the app; the first that fits is shown. */
export const SCREENS: readonly Screen[] = [
  { path: '', component: lazily(() => import('./today/today-screen.tsx')) },
  { path: 'measure', component: lazily(() => import('./measure/choose-screen.tsx')) },
  { path: 'measure/:kind', component: lazily(() => import('./measure/measure-screen.tsx')) },
  { path: 'form', component: lazily(() => import('./form/form-screen.tsx')) },
  { path: 'plan', component: lazily(() => import('./plan/plan-screen.tsx')) },
  { path: 'sending', component: lazily(() => import('./sending/sending-screen.tsx')) },
  { path: 'messages', component: lazily(() => import('./messages/messages-screen.tsx')) },
  { path: 'ask/:subject', component: lazily(() => import('./asking/asking-screen.tsx')) },
  { path: 'history', component: lazily(() => import('./history/history-screen.tsx')) },
  { path: 'data', component: lazily(() => import('./my-data/my-data-screen.tsx')) },
  { path: 'sharing', component: lazily(() => import('./sharing/sharing-screen.tsx')) },
  { path: 'learn', component: lazily(() => import('./learn/learn-screen.tsx')) },
  { path: 'more', component: lazily(() => import('./more/more-screen.tsx')) },
  { path: 'welcome', component: lazily(() => import('./start/start-screen.tsx')) },
  { path: 'settings', component: lazily(() => import('./more/settings-screen.tsx')) },
]
