// A stand-in for Norsk helsenett's service for journals (JFT) and for HelseID before it, as strict as they are known to be: for tests, and to see
// what this server sends. `node scripts/jft.ts '<public JWK of the client>' [client id]`; its first line says where it is.
import express from 'express'
import type { JWK } from 'jose'
import { freePort } from './helseid/free-port.ts'
import { helseId } from './helseid/helseid.ts'
import type { Environment } from './jft/refuse-document.ts'
import { jftService } from './jft/service.ts'

const [jwk, clientId = 'fylgje-helseid', environment = 'real'] = process.argv.slice(2)
if (!jwk) throw new Error("Usage: node scripts/jft.ts '<public JWK of the client>' [client id] [real|synthetic]")

const port = await freePort()
const baseUrl = `http://127.0.0.1:${port}`
const app = express()
const { app: service } = jftService({ issuer: baseUrl, baseUrl, environment: environment as Environment })
app.use(service)
app.use(await helseId({ issuer: baseUrl, clientId, clientJwk: JSON.parse(jwk) as JWK, tokenSeconds: 600 }))
app.listen(port, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ url: baseUrl, issuer: baseUrl })}\n`))
