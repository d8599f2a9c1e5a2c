import { createDecipheriv, createECDH, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importJWK, jwtVerify } from 'jose'

/** A device as its browser would tell of it. */
export type TestDevice = { endpoint: string; p256dh: string; auth: string }

/** What came, as the device reads it; the service itself cannot. */
export type Pushed = { endpoint: string; notice: unknown; topic: string | undefined; ttl: number; contact: string }

export type TestPushService = {
  newDevice(): TestDevice
  received: Pushed[]
  /** Status of the next answers; 201 when there is none. */
  answers: number[]
  /** How many have been asked for a notice, answered or not. */
  askedCount(): number
  /** Answers nobody until what it gives is called. */
  fallSilent(): () => void
  stop(): Promise<void>
}

type Keys = { ecdh: ReturnType<typeof createECDH>; auth: Buffer }

/** A push service as browsers have them: it takes nothing that is not signed by one whom the device knows (RFC 8292). */
export async function startPushService(): Promise<TestPushService> {
  const devices = new Map<string, Keys>()
  const received: Pushed[] = []
  const answers: number[] = []
  let askedCount = 0
  let silence = Promise.resolve()
  const server = createServer(async (req, res) => {
    const endpoint = `${origin}${req.url}`
    const keys = devices.get(endpoint)
    const body = await bodyOf(req)
    askedCount++
    await silence
    const contact = await signerOf(req, origin).catch(() => undefined)
    const status = !keys ? 404 : contact === undefined ? 403 : (answers.shift() ?? 201)
    if (keys && contact !== undefined && status === 201) {
      const { topic, ttl } = req.headers
      received.push({
        ...{ endpoint, contact, ttl: Number(ttl), topic: topic as string | undefined },
        notice: JSON.parse(opened(body, keys)),
      })
    }
    res.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    received,
    answers,
    askedCount: () => askedCount,
    fallSilent() {
      const { promise, resolve } = Promise.withResolvers<void>()
      silence = promise
      return resolve
    },
    newDevice() {
      const ecdh = createECDH('prime256v1')
      const p256dh = ecdh.generateKeys('base64url')
      const auth = randomBytes(16)
      const endpoint = `${origin}/send/${randomUUID()}`
      devices.set(endpoint, { ecdh, auth })
      return { endpoint, p256dh, auth: auth.toString('base64url') }
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** @returns whom it names as who can be asked. @throws for a signature that is none */
async function signerOf(req: IncomingMessage, audience: string): Promise<string> {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=([\w-]+)$/.exec(req.headers.authorization ?? '') ?? []
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'))
  const publicKey = await importJWK({ kty: 'EC', crv: 'P-256', x, y } as Parameters<typeof importJWK>[0], 'ES256')
  const { payload } = await jwtVerify(token, publicKey, { audience, algorithms: ['ES256'] })
  return String(payload.sub)
}

/** As the device opens it. https://www.rfc-editor.org/rfc/rfc8291#section-3.4 */
function opened(body: Buffer, { ecdh, auth }: Keys): string {
  const salt = body.subarray(0, 16)
  const sender = body.subarray(21, 21 + (body[20] ?? 0))
  const sealed = body.subarray(21 + sender.length)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender])
  const secret = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(sender), auth, info, 32))
  const derived = (name: string, length: number) => Buffer.from(hkdfSync('sha256', secret, salt, `${name}\0`, length))
  const cipher = createDecipheriv(
    'aes-128-gcm',
    derived('Content-Encoding: aes128gcm', 16),
    derived('Content-Encoding: nonce', 12),
  )
  cipher.setAuthTag(sealed.subarray(-16))
  const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()])
  return padded.subarray(0, padded.lastIndexOf(2)).toString()
}
