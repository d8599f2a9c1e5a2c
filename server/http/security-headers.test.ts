import express from 'express'
import request from 'supertest'
import { protectAnswers, protectPages } from './security-headers.ts'

const answer = async (baseUrl: string, frameAncestors: string[] = []) => {
  const app = express().use(protectAnswers(baseUrl))
  app.use('/page', protectPages(frameAncestors))
  app.use((_req, res) => void res.end())
  const [api, page] = await Promise.all(['/fhir', '/page'].map((path) => request(app).get(path)))
  return { api: api?.headers ?? {}, page: page?.headers ?? {} }
}

test('an answer of the API is no page: it loads nothing, is in no frame, and its type is not guessed', async () => {
  const { api } = await answer('http://localhost:8080')
  expect(api).toMatchObject({
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  })
})

test.each([
  ['https://dho.example.no', 'max-age=31536000'],
  ['http://localhost:8080', undefined],
])('at %s the browser is told of TLS: %s', async (baseUrl, told) => {
  const { api, page } = await answer(baseUrl)
  expect([api['strict-transport-security'], page['strict-transport-security']]).toEqual([told, told])
})

test.each([
  [[], "frame-ancestors 'none'"],
  [['https://ehr.example.no', 'https://*.example.org'], 'frame-ancestors https://ehr.example.no https://*.example.org'],
])('pages may be shown in a frame of %j', async (ancestors, directive) => {
  const { api, page } = await answer('https://dho.example.no', ancestors)
  expect(page['content-security-policy']?.split('; ')).toContain(directive)
  expect(page['content-security-policy']).not.toMatch(/unsafe|\*;|https:;/)
  expect(page['cross-origin-opener-policy']).toBe('same-origin-allow-popups')
  expect(api['content-security-policy']).toContain("frame-ancestors 'none'")
})
