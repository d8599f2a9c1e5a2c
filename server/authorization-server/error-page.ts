import type { ErrorOut } from 'oidc-provider'
import { toHtml } from '../to-html.ts'
import { languageOf, page } from './page.ts'

const TEXTS = {
  nb: {
    title: 'Innloggingen kunne ikke fullføres',
    help: 'Gå tilbake til appen og prøv på nytt. Hvis det gjentar seg, gi teksten nedenfor til den som drifter appen.',
  },
  nn: {
    title: 'Innlogginga kunne ikkje fullførast',
    help: 'Gå tilbake til appen og prøv på nytt. Om det skjer igjen, gi teksten nedanfor til den som driftar appen.',
  },
  en: {
    title: 'The sign-in could not be completed',
    help: 'Go back to the app and try again. If it happens again, give the text below to whoever runs the app.',
  },
}

/** Shown when there is no app to send the browser back to: an unknown client, a redirect that is not registered. */
export function errorPage({ error, error_description }: ErrorOut, acceptLanguage: string | undefined): string {
  const language = languageOf(undefined, acceptLanguage)
  const { title, help } = TEXTS[language]
  const detail = error_description ? `${error}: ${error_description}` : error
  return page(language, title, `<h1>${title}</h1><p>${help}</p><p class="soft"><code>${toHtml(detail)}</code></p>`)
}
