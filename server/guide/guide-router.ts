import { Router } from 'express'
import { type Guide, type GuideRooms, openGuide } from './guide.ts'
import type { GuideFile } from './layout.ts'

const CONTENT_TYPES: Record<GuideFile['type'], string> = {
  html: 'text/html; charset=utf-8',
  json: 'application/fhir+json; charset=utf-8',
  css: 'text/css; charset=utf-8',
  tgz: 'application/gzip',
}

/** The guide changes with the server's version alone; a browser asks again after an hour. */
const CACHE = 'public, max-age=3600'

/**
 * Serves the implementation guide, to be mounted at its path. Needs no token: it says nothing of anybody. The definitions are read
 * when somebody first asks.
 */
export function guideRouter(rooms: GuideRooms): Router {
  const router = Router({ strict: true })
  let opened: Guide | undefined
  router.get(['/', '/:name'], async (req, res, next) => {
    // Links on the pages are relative to the folder.
    if (req.originalUrl.split('?', 1)[0] === req.baseUrl) {
      res.redirect(301, `${req.baseUrl.split('/').at(-1)}/`)
      return
    }
    opened ??= openGuide(rooms)
    const file = await opened.file(String(req.params.name ?? 'index.html'))
    if (!file) {
      next()
      return
    }
    res.set({ 'Content-Type': CONTENT_TYPES[file.type], 'Cache-Control': CACHE }).send(file.content)
  })
  return router
}
