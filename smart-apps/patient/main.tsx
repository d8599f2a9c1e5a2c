import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { registerServiceWorker } from './service-worker-registration.ts'
import { hearInstall } from './start/install.ts'
import { hearInvitations, takeInvitation } from './start/invitation.ts'
// Aksel without its own index, which loads fonts from another host.
import '@navikt/ds-css/dist/global/tokens.css'
import '@navikt/ds-css/dist/global/reset.css'
import '@navikt/ds-css/dist/global/baseline.css'
import '@navikt/ds-css/dist/components.css'
import '@fontsource-variable/source-sans-3/wght.css'
import '../ui/zones.css'
import './app.css'

const root = document.getElementById('app')
if (!root) throw new Error('The page has no place for the app.')
takeInvitation()
// Kept also while somebody is signing in.
hearInvitations(() => {})
hearInstall()
createRoot(root).render(<App />)
registerServiceWorker()
