import { createServer, type Server, type Socket } from 'node:net'
import { inTransaction, openPool, type Pool } from './pool.ts'
import { isUnavailable } from './unavailable.ts'

// A PostgreSQL that dies at its worst moment: what it says last comes in one piece with its answer.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

/** A message of the protocol: its letter, its length with these four bytes, and what it says. */
function message(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(letter), length, body])
}
const SIGNED_IN = message('R', Buffer.alloc(4))
const READY = message('Z', Buffer.from('I'))
const DONE = message('C', Buffer.from('SELECT 0\0'))
const DYING = message(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
)

let database: Server
let pool: Pool
/** What is answered to each thing that is said on a connection, from its first on. */
async function startDatabase(...answers: readonly Buffer[]) {
  database = createServer((socket: Socket) => {
    let count = 0
    socket.on('error', () => {})
    socket.on('data', () => {
      const answer = answers[count++]
      if (answer) socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve))
  const { port } = database.address() as { port: number }
  pool = openPool(`postgres://fylgje@127.0.0.1:${port}/fylgje`, 1, 'test')
}
afterEach(async () => {
  await pool.end()
  await new Promise((resolve) => database.close(resolve))
})

const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  )

test('a connection that dies as soon as it is open fails who asked for it, and nobody else', async () => {
  await startDatabase(Buffer.concat([SIGNED_IN, READY, DYING]))
  const failure = await failureOf(inTransaction(pool, (tx) => tx.query('SELECT 1')))
  expect(isUnavailable(failure)).toBe(true)
})

test('so does one that dies as it goes from one to the next', async () => {
  await startDatabase(Buffer.concat([SIGNED_IN, READY]), Buffer.concat([DONE, READY, DYING]))
  const first = pool.query('SELECT')
  const second = failureOf(inTransaction(pool, (tx) => tx.query('SELECT 1')))
  await first
  expect(isUnavailable(await second)).toBe(true)
})
