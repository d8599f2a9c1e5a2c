import { execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RunningServer, runServer, type ServerOptions, startServer } from './harness/start-server.ts'

const NOBODY = 65534
const CHECKOUT = join(import.meta.dirname, '../..')
const SELF = process.getuid?.()

test('whoever runs the tests starts a server whose database is theirs', async () => {
  const server = await startServer({ env: { DEMO: 'off' } })
  try {
    expect(await ownerOf(join(server.dataDir, 'postgres'))).toBe(SELF)
    await expectAnswers(server)
  } finally {
    await server.dispose()
  }
})

// Only root can start a server as somebody else; for a user the test above is all that there is to see.
if (SELF === 0) describe('PostgreSQL refuses root, and the server starts all the same', asRoot)

function asRoot(): void {
  let folder: string
  let root: string
  const servers: RunningServer[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fylgje-user-'))
    await chmod(folder, 0o755)
    await mkdir(join(folder, 'home'))
    root = join(folder, 'home/checkout')
    await copyCheckout(root)
  })
  /** Whether other users than root can enter the checkout; like one below /root, they cannot. */
  const open = (isOpen: boolean) => chmod(join(folder, 'home'), isOpen ? 0o755 : 0o700)
  afterAll(async () => {
    for (const server of servers.toReversed()) await server.dispose()
    await rm(folder, { recursive: true, force: true })
  })

  test('as root, in a checkout that other users cannot enter', async () => {
    await open(false)
    const server = await start({ root, dataDir: join(root, '.data') })
    expect(await ownerOf(join(server.dataDir, 'postgres'))).toBe(0)
    await expectAnswers(server)
  })

  test('as root, where user namespaces are forbidden: as nobody, who alone with root can enter the data', async () => {
    await open(false)
    const dataDir = join(root, '.data-of-nobody')
    // A data directory's owner decides who runs it, so this takes the same way.
    await mkdir(join(dataDir, 'postgres'), { recursive: true, mode: 0o700 })
    await chown(join(dataDir, 'postgres'), NOBODY, NOBODY)
    const server = await start({ root, dataDir, env: { TMPDIR: folder } })
    const { uid, mode } = await stat(join(dataDir, 'postgres'))
    expect({ uid, closed: (mode & 0o077) === 0 }).toEqual({ uid: NOBODY, closed: true })
    await expectAnswers(server)
    expect((await server.stop()).code).toBe(0)
    const again = await start({ root, dataDir, env: { TMPDIR: folder } })
    await expectAnswers(again)
  })

  test('as a user who is not root', async () => {
    await open(true)
    const dataDir = join(folder, 'data-of-user')
    await mkdir(dataDir)
    await chown(dataDir, NOBODY, NOBODY)
    const server = await start({ root, dataDir, uid: NOBODY })
    expect(await ownerOf(join(dataDir, 'postgres'))).toBe(NOBODY)
    await expectAnswers(server)
  })

  test('a user who may not write to DATA_DIR is told so in one line', async () => {
    await open(true)
    const dataDir = join(folder, 'data-of-root')
    await mkdir(dataDir, { mode: 0o755 })
    const { code, stderr } = await runServer({ root, uid: NOBODY, env: { DATA_DIR: dataDir } })
    expect(stderr).toMatch(
      /^DATA_DIR \S+ cannot be written to \(EACCES\); make it writable for this user, or set another\.\n$/,
    )
    expect(code).toBe(1)
  })

  async function start(options: ServerOptions): Promise<RunningServer> {
    // Without demo data, which is another ten seconds, and no matter of who the user is.
    const server = await startServer({ ...options, env: { DEMO: 'off', ...options.env } })
    servers.push(server)
    return server
  }
}

/** Hard links, so that it costs neither time nor space; the links to programs in node_modules are relative. */
async function copyCheckout(target: string): Promise<void> {
  await mkdir(target, { mode: 0o755 })
  const sources = ['server', 'fhir-profiles', 'plandefinitions', 'smart-apps', 'node_modules', 'package.json'].map(
    (name) => join(CHECKOUT, name),
  )
  execFileSync('cp', ['-al', ...sources, target])
}

const ownerOf = async (path: string) => (await stat(path)).uid

async function expectAnswers(server: RunningServer): Promise<void> {
  expect((await fetch(`${server.baseUrl}/readyz`)).status).toBe(200)
}
