// A stand-in for kjernejournal and for HelseID before it, as strict as they are known to be: for tests, and to see what health personnel here find in it.
// `node scripts/kjernejournal.ts '<public JWK of the client>' <redirect address of the client> [client id]`; its first line says where it is.
import express from 'express'
import type { JWK } from 'jose'
import { boundTokens } from './helseid/bound-token.ts'
import { freePort } from './helseid/free-port.ts'
import { helseId, type Person } from './kjernejournal/helseid.ts'
import { services } from './kjernejournal/service.ts'

const [jwk, redirectUri, clientId = 'fylgje-helseid'] = process.argv.slice(2)
if (!jwk || !redirectUri)
  throw new Error("Usage: node scripts/kjernejournal.ts '<public JWK>' <redirect address> [client id]")

const port = await freePort()
const baseUrl = `http://127.0.0.1:${port}`
const id = await helseId({
  issuer: baseUrl,
  clientId,
  clientJwk: JSON.parse(jwk) as JWK,
  redirectUri,
  tokenSeconds: 600,
})
const app = express()
app.put('/control/person', express.json(), (req, res) => {
  id.person = req.body as Person
  res.status(204).end()
})
app.put('/control/over', express.json(), (req, res) => {
  id.isOver = (req.body as { isOver: boolean }).isOver
  res.status(204).end()
})
app.use(services({ baseUrl, check: boundTokens(baseUrl) }))
app.use(id.app)
app.listen(port, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ url: baseUrl, issuer: baseUrl })}\n`))
