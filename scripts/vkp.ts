// A stand-in for Velferdsteknologisk knutepunkt (VKP), as far as it reads the EHR of a municipality, and for HelseID before it, as strict as they are known to be.
// `node scripts/vkp.ts '<public JWK of the client>' [client id]`; its first line says where it is.
import express from 'express'
import type { JWK } from 'jose'
import { freePort } from './helseid/free-port.ts'
import { helseId, VKP } from './helseid/helseid.ts'
import { vkpService } from './vkp/service.ts'

const [jwk, clientId = 'fylgje-vkp', without = ''] = process.argv.slice(2)
if (!jwk)
  throw new Error(
    "Usage: node scripts/vkp.ts '<public JWK of the client>' [client id] [a type that the client may not read]",
  )

const port = await freePort()
const baseUrl = `http://127.0.0.1:${port}`
const app = express()
app.use(vkpService({ issuer: baseUrl }))
app.use(
  await helseId({
    ...{ issuer: baseUrl, clientId, clientJwk: JSON.parse(jwk) as JWK, tokenSeconds: 600 },
    vkpId: 'Fylgje_Fylgje_Fjordvik',
    scopes: VKP.scopes.filter((scope) => scope !== `nhn:vkp/api/user/${without}.read`),
  }),
)
app.listen(port, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ url: baseUrl, issuer: baseUrl })}\n`))
