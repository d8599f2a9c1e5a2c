import { hash } from 'node:crypto'
import { Router } from 'express'

/** How an app that is opened beside us can look like us. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#styling */
const STYLE = JSON.stringify({
  color_background: '#ffffff',
  color_error: '#b3261e',
  color_highlight: '#0b5563',
  color_modal_backdrop: '#14232b',
  color_success: '#2e6b3a',
  color_text: '#14232b',
  dim_border_radius: '8px',
  dim_font_size: '16px',
  dim_spacing_size: '16px',
  font_family_body: 'system-ui, -apple-system, "Segoe UI", sans-serif',
  font_family_heading: 'system-ui, -apple-system, "Segoe UI", sans-serif',
})
/** Another content has another address, so that whoever keeps it never shows an old one. */
const PATH = `/auth/style/${hash('sha256', STYLE, 'base64url').slice(0, 16)}.json`

export const styleUrl = (baseUrl: string): string => baseUrl + PATH

export function smartStyle(): Router {
  const router = Router()
  router.get(PATH, (_req, res) => {
    res
      .set({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=31536000, immutable' })
      .type('application/json')
      .send(STYLE)
  })
  return router
}
