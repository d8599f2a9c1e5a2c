// A stand-in for Norsk helsenett's service for measurements (Pasientens måledata), as strict as it is known to be: for tests, and to see what this
// server sends. `node scripts/pmd.ts <issuer>`, the issuer of the HelseID that `scripts/jft.ts` has; its first line says where it is.
import { freePort } from './helseid/free-port.ts'
import type { Environment } from './pmd/refuse-batch.ts'
import { pmdService } from './pmd/service.ts'

const [issuer, environment = 'real'] = process.argv.slice(2)
if (!issuer) throw new Error('Usage: node scripts/pmd.ts <issuer> [real|synthetic]')

const port = await freePort()
const baseUrl = `http://127.0.0.1:${port}`
pmdService({ issuer, baseUrl, environment: environment as Environment }).listen(port, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ url: baseUrl })}\n`),
)
