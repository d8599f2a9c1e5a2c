import type { RequestHandler } from 'express'
import { languageOf, page, pageHeaders } from '../authorization-server/page.ts'
import { refuse } from '../core/fhir/outcome.ts'

const TEXTS = {
  nb: {
    title: 'Siden finnes ikke',
    help: 'Adressen kan være skrevet feil, eller siden er flyttet.',
    start: 'Til startsiden',
  },
  nn: {
    title: 'Sida finst ikkje',
    help: 'Adressa kan vere skriven feil, eller sida er flytta.',
    start: 'Til startsida',
  },
  en: {
    title: 'There is no such page',
    help: 'The address may be mistyped, or the page has moved.',
    start: 'To the start page',
  },
}

/**
 * What no other handler has answered: a page for people, an OperationOutcome for programs.
 * @param startPage its address
 */
export function nothingHere(startPage: string): RequestHandler {
  return (req, res, next) => {
    const isPerson = req.method === 'GET' && req.accepts(['application/fhir+json', 'text/html']) === 'text/html'
    if (!isPerson) {
      next(
        refuse(
          'not-found',
          `Nothing answers ${req.method} ${req.path}. FHIR is below /fhir; /fhir/metadata says what it does.`,
        ),
      )
      return
    }
    const language = languageOf(undefined, req.headers['accept-language'])
    const { title, help, start } = TEXTS[language]
    const content = `<h1>${title}</h1><p>${help}</p><p><a href="${startPage}">${start}</a></p>`
    res
      .status(404)
      .set(pageHeaders())
      .send(page(language, title, content))
  }
}
