import { expect, test } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import { cors } from './cors.ts'

const APP = 'https://app.example.org'
const OTHER = 'https://evil.example.org'
const app = express()
app.use(
  '/fhir',
  cors(async (origin) => origin === APP),
)
app.use((_req, res) => {
  res.json({})
})

const preflight = (path: string, origin: string) =>
  request(app).options(path).set({ Origin: origin, 'Access-Control-Request-Method': 'PUT' })

test('a page of a registered client may call, and read the headers of the answer', async () => {
  const { headers } = await request(app).get('/fhir/Patient').set('Origin', APP)
  expect(headers['access-control-allow-origin']).toBe(APP)
  expect(headers['access-control-expose-headers']).toContain('ETag')
  expect(headers.vary).toBe('Origin')
})

test('its preflight is answered without anything behind it being asked', async () => {
  const answer = await preflight('/fhir/Patient/1', APP)
  expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([204, APP])
  expect(answer.headers['access-control-allow-methods']).toContain('PATCH')
  expect(answer.headers['access-control-allow-headers']).toContain('If-None-Exist')
})

test('a page of another origin gets no permission', async () => {
  expect(
    (await request(app).get('/fhir/Patient').set('Origin', OTHER)).headers['access-control-allow-origin'],
  ).toBeUndefined()
  const answer = await preflight('/fhir/Patient', OTHER)
  expect([answer.status, answer.headers['access-control-allow-methods']]).toEqual([204, undefined])
})

test.each(['/fhir/metadata', '/fhir/.well-known/smart-configuration'])('any page may read %s', async (path) => {
  expect((await request(app).get(path).set('Origin', OTHER)).headers['access-control-allow-origin']).toBe('*')
  expect((await preflight(path, OTHER)).headers['access-control-allow-origin']).toBe('*')
})

test('without an origin nothing is added', async () => {
  const { headers } = await request(app).get('/fhir/Patient')
  expect([headers['access-control-allow-origin'], headers.vary]).toEqual([undefined, undefined])
})
