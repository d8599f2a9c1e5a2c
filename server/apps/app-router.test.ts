import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { protectPages } from '../http/security-headers.ts'
import { appRouter } from './app-router.ts'

const SCRIPT = `console.log("${'x'.repeat(2000)}")`
const ISSUER = { iss: 'https://ehr.example.no/fhir', clientId: 'fylgje', origins: ['https://login.example.no'] }

let folder: string
let built: string | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fylgje-app-'))
  await mkdir(join(folder, 'app/assets'), { recursive: true })
  built = join(folder, 'app')
  await writeFile(join(folder, 'secret.js'), 'secret')
  await writeFile(join(built, 'index.html'), '<script src="./assets/a.js"></script>')
  await writeFile(join(built, 'signed-in.html'), 'signed in')
  await writeFile(join(built, 'assets/a.js'), SCRIPT)
  await writeFile(join(built, 'assets/a.js.gz'), gzipSync(SCRIPT))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function app() {
  const frameAncestors = ['https://ehr.example.no']
  const settings = { issuers: [ISSUER], demo: false, idleMinutes: 30 }
  const router = appRouter({ folder: () => built, settings, frameAncestors, path: '/fylgje/apps/clinician/' })
  return express().use(protectPages(frameAncestors)).use('/apps/clinician', router)
}
const get = (path: string) => request(app()).get(`/apps/clinician${path}`)

describe('the page', () => {
  test.each(['/', '/worklist', '/patient/a.b-7', '/launch?iss=https://x.no/fhir'])(
    'is at %s, and names its files by the path of browsers',
    async (path) => {
      const response = await get(path)
      expect([response.status, response.text]).toEqual([
        200,
        '<script src="/fylgje/apps/clinician/assets/a.js"></script>',
      ])
      expect(response.headers['cache-control']).toBe('no-cache')
    },
  )
  test('without a slash leads to the one with it', async () => {
    const { status, headers } = await get('')
    expect([status, headers.location]).toEqual([301, 'clinician/'])
  })
  test('may ask the servers that launch it, and stand in frames that are named, and nothing else', async () => {
    const { headers } = await get('/')
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).toContain(
      "connect-src 'self' https://ehr.example.no https://login.example.no wss://ehr.example.no wss://login.example.no",
    )
    expect(policy).toContain("frame-ancestors 'self' https://ehr.example.no")
    expect(policy).toContain("default-src 'self'")
    expect(policy.join()).not.toMatch(/unsafe|\*/)
    expect(headers['cross-origin-opener-policy']).toBe('same-origin-allow-popups')
  })
  test('that a sign-in ends at stays in reach of the app that opened it', async () => {
    const { text, headers } = await get('/signed-in.html')
    expect([text, headers['cross-origin-opener-policy']]).toEqual(['signed in', undefined])
  })
})

describe('files', () => {
  test('are sent as they were packed, and kept for good', async () => {
    const { headers, text } = await get('/assets/a.js').set('Accept-Encoding', 'gzip')
    expect([headers['content-encoding'], headers['content-type'], text]).toEqual([
      ...['gzip', 'text/javascript; charset=utf-8', SCRIPT],
    ])
    expect(headers['cache-control']).toContain('immutable')
    expect(headers.vary).toContain('Accept-Encoding')
  })
  test('are sent plain to whoever wants that', async () => {
    const { headers, text } = await get('/assets/a.js').set('Accept-Encoding', 'identity')
    expect([headers['content-encoding'], text]).toEqual([undefined, SCRIPT])
  })
  test.each([
    '/assets/b.js',
    '/..%2fsecret.js',
    '/%2e%2e/secret.js',

    '/assets/..%5c..%5csecret.js',
  ])('that are not of the build are not found: %s', async (path) => {
    const { status, text } = await get(path)
    expect([status, text.includes('secret"') || text === 'secret']).toEqual([404, false])
  })
})

test('the app is told from where it may be launched', async () => {
  const { body, headers } = await get('/settings.json')
  expect([body, headers['cache-control']]).toEqual([{ issuers: [ISSUER], demo: false, idleMinutes: 30 }, 'no-store'])
})

test.each([
  ['there is no app yet', () => undefined],
  ['the built app has been removed', () => join(folder, 'removed')],
])('while %s its paths are as unknown as any other', async (_, place) => {
  const folderBefore = built
  built = place()
  expect((await get('/worklist')).status).toBe(404)
  built = folderBefore
})
