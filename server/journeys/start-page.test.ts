import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { pathwayNames } from '../plans/load-pathways.ts'
import { openChromium } from './harness/chromium.ts'
import { decidedHere, decidedInBrowser, openCore } from './harness/core-in-browser.ts'
import { faultsOf } from './harness/page-faults.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let browser: Browser

beforeAll(async () => {
  server = await startServer()
  browser = await openChromium()
})
afterAll(async () => {
  await browser?.close()
  await server?.dispose()
})

// A page that stays open goes on asking.
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
})

type Visit = { page: Page; errors: string[] }

/** Opens the start page, and keeps everything that the browser complains of or asks another host for. */
async function visit(options: BrowserContextOptions = {}, baseUrl = server.baseUrl): Promise<Visit> {
  const context = await browser.newContext({ locale: 'nb-NO', viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(baseUrl)) errors.push(`asked another host: ${request.url()}`)
  })
  await page.goto(`${baseUrl}/`)
  return { page, errors }
}

async function measure(value: number): Promise<void> {
  const response = await fetch(`${server.fhir}/Observation`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
      subject: { reference: 'Patient/demo-line' },
      effectiveDateTime: new Date().toISOString(),
      valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    }),
  })
  expect(response.status).toBe(201)
}

/** Somebody may have more than one, by the hour at which the demo's days begin: the most urgent is the first. */
const rowOf = (page: Page, name: string) => page.locator('.row', { hasText: name })

test('the list shows the open Tasks, red first, each with colour, word, patient, reason, age and deadline', async () => {
  const { page, errors } = await visit()
  await page.locator('.row summary').first().waitFor()
  const rows = await page
    .locator('.row')
    .evaluateAll((found) => found.map((row) => (row as HTMLElement).dataset.colour))
  expect(rows.length).toBeGreaterThanOrEqual(6)
  expect(rows).toEqual(
    [...rows].sort(
      (one, other) => 'red yellow grey green'.indexOf(one ?? '') - 'red yellow grey green'.indexOf(other ?? ''),
    ),
  )
  const solveig = rowOf(page, 'Solveig Blåklokke').first()
  expect(await solveig.innerText()).toMatch(
    /Rød\s+Solveig Blåklokke[\s\S]*SpO2 \d+\s%, rød grense \d+\s%[\s\S]*(siden|nettopp)[\s\S]*frist/i,
  )
  expect(await solveig.locator('svg.shape').count()).toBe(1)
  expect(await rowOf(page, 'Line Danser').count()).toBe(0)
  // What the Task says stands in it in each language.
  await page.locator('[data-language="en"]').first().click()
  await page.locator('.reason[lang="en"]', { hasText: 'red limit' }).first().waitFor()
  expect(errors).toEqual([])
})

test('84 % for Line Danser shows as a red row by itself, is told to those who listen, and opens to why', async () => {
  const { page, errors } = await visit()
  await page.locator('.row summary').first().waitFor()
  await measure(84)
  const row = rowOf(page, 'Line Danser').filter({ hasText: 'SpO2 84 %, rød grense 88 %' })
  await row.waitFor()
  expect(await row.locator('.years').innerText()).toMatch(/^\d\d år$/)
  expect(await row.getAttribute('data-colour')).toBe('red')
  expect(await row.getAttribute('class')).toContain('fresh')
  expect(await page.locator('[role=status][aria-live=polite]').innerText()).toMatch(/Ny oppgave, Rød: Line Danser/)

  await row.locator('summary').click()
  const why = row.locator('.why')
  await why.locator('svg.sparkline').waitFor()
  const words = await why.innerText()
  expect(words).toContain('COPD-R1')
  expect(words).toMatch(/SpO2 84\s%/)
  expect(await why.locator('svg.sparkline').getAttribute('aria-label')).toMatch(/sist 84.*gul grense 90.*rød grense 88/)
  expect(errors).toEqual([])
})

test('the page itself can send the measurement', async () => {
  const { page, errors } = await visit()
  await page.locator('#send').click()
  await page.locator('#sent', { hasText: 'Lagret' }).waitFor()
  await rowOf(page, 'Line Danser').first().waitFor()
  expect(errors).toEqual([])
})

test('a Task that somebody completes leaves the list', async () => {
  const { page } = await visit()
  const row = rowOf(page, 'Gunnar Lundefugl').first()
  await row.first().waitFor()
  const headers = { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/fhir+json' }
  const bundle = await (await fetch(`${server.fhir}/Task?patient=demo-lundefugl`, { headers })).json()
  for (const { resource } of bundle.entry) {
    const body = JSON.stringify({ ...resource, status: 'completed' })
    expect((await fetch(`${server.fhir}/Task/${resource.id}`, { method: 'PUT', headers, body })).status).toBe(200)
  }
  await row.first().waitFor({ state: 'detached' })
})

test.each([320, 390, 768, 1024, 1920])('at a width of %i nothing must be scrolled sideways', async (width) => {
  const { page, errors } = await visit({ viewport: { width, height: 844 } })
  await page.locator('.row summary').first().click()
  await page.locator('svg.sparkline').first().waitFor()
  await page.locator('.curl summary').click()
  const widest = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(widest).toBeLessThanOrEqual(width)
  expect(errors).toEqual([])
})

test('by keyboard alone: to the list, a row opened, and the focus stays while others come in', async () => {
  const { page } = await visit()
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  await page.locator('.row summary').first().waitFor()
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Gå til arbeidslisten')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  const before = await focused()
  expect(before).toContain('Rød')
  await page.keyboard.press('Enter')
  expect(await page.locator('.row details[open]').count()).toBe(1)
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)
  expect(outline).toBe('solid')
  await measure(83)
  await rowOf(page, 'Line Danser').filter({ hasText: '83 %' }).first().waitFor()
  expect((await focused()).slice(0, 12)).toBe(before.slice(0, 12))
  expect(await page.locator('.row details[open]').count()).toBe(1)
})

test('nynorsk and English are a click away, and are remembered', async () => {
  const { page } = await visit()
  await page.getByRole('button', { name: 'Nynorsk' }).click()
  expect(await page.locator('html').getAttribute('lang')).toBe('nn')
  await page.locator('.badge', { hasText: 'Raud' }).first().waitFor()
  await page.getByRole('button', { name: 'English' }).click()
  await page.reload()
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
  expect(await page.locator('#worklist-title').innerText()).toBe('Worklist')
})

test('a list without contact says so and stays, and goes on when the server answers again', async () => {
  const { page } = await visit()
  await page.locator('.row summary').first().waitFor()
  await page.context().setOffline(true)
  const notice = page.locator('#offline')
  await notice.filter({ hasText: /Listen er slik den var \d\d:\d\d/ }).waitFor()
  expect(await page.locator('.row').count()).toBeGreaterThan(3)
  await page.context().setOffline(false)
  await notice.waitFor({ state: 'hidden', timeout: 15_000 })
})

/** Opens the page with another answer to the question for Tasks. */
async function visitWith(answer: { status: number; body: unknown; delayMillis?: number }): Promise<Page> {
  const page = await (await browser.newContext({ locale: 'nb-NO' })).newPage()
  await page.route('**/fhir/Task?**', async (route) => {
    if (answer.delayMillis) await new Promise((resolve) => setTimeout(resolve, answer.delayMillis))
    await route.fulfill({ status: answer.status, json: answer.body })
  })
  await page.goto(`${server.baseUrl}/`)
  return page
}

const EMPTY = { resourceType: 'Bundle', type: 'searchset' }

test('while the list is on its way, rows hold its place', async () => {
  const page = await visitWith({ status: 200, body: EMPTY, delayMillis: 1500 })
  await page.locator('.row.skeleton').first().waitFor()
  expect(await page.locator('#rows').getAttribute('aria-busy')).toBe('true')
  await page.locator('.row.skeleton').first().waitFor({ state: 'detached' })
  expect(await page.locator('#rows').getAttribute('aria-busy')).toBe('false')
})

test('an empty list says that it is empty, and what will come', async () => {
  const page = await visitWith({ status: 200, body: EMPTY })
  await page.locator('#blank', { hasText: 'Ingen åpne oppgaver' }).waitFor()
  expect(await page.locator('.row').count()).toBe(0)
})

test('a list that is refused says why', async () => {
  const issue = [{ severity: 'error', code: 'forbidden', diagnostics: 'The token does not reach Task.' }]
  const page = await visitWith({ status: 403, body: { resourceType: 'OperationOutcome', issue } })
  await page.locator('#blank', { hasText: 'The token does not reach Task.' }).waitFor()
})

test('what a Task says is shown as text, never as markup', async () => {
  const task = {
    resourceType: 'Task',
    id: 'x',
    meta: { versionId: '1', lastUpdated: '2026-11-22T10:00:00Z' },
    status: 'requested',
    intent: 'order',
    for: { reference: 'Patient/x', display: '<img src=x onerror=alert(1)>' },
    reasonCode: { text: '<script>alert(1)</script>' },
  }
  const page = await visitWith({ status: 200, body: { ...EMPTY, entry: [{ resource: task }] } })
  await page.locator('.row', { hasText: '<script>alert(1)</script>' }).waitFor()
  expect(await page.locator('#rows img, #rows script').count()).toBe(0)
})

test('the curl commands that the page shows make a Task', async () => {
  const { page } = await visit()
  const command = (id: string) => page.locator(`#${id}`).evaluate((code) => code.textContent ?? '')
  await page.locator('#curl-token', { hasText: 'curl' }).waitFor({ state: 'attached' })
  const script = `set -e\n${await command('curl-token')}\n${await command('curl-post')}`
  const { execFile } = await import('node:child_process')
  const output = await new Promise<string>((resolve, reject) =>
    execFile('bash', ['-c', script], (error, stdout) => (error ? reject(error) : resolve(stdout))),
  )
  expect(output).toMatch(/^HTTP\/1\.1 201/m)
})

test('without demo mode the page shows what is public, and no list', async () => {
  const bare = await startServer({ env: { DEMO: 'off' } })
  try {
    const { page } = await visit({}, bare.baseUrl)
    await page.locator('#blank', { hasText: 'Arbeidslisten vises etter innlogging' }).waitFor()
    expect(await page.locator('#try').isVisible()).toBe(false)
    expect(await page.getByText('demo-service-secret').isVisible()).toBe(false)
    expect(await page.locator('#health', { hasText: 'I drift' }).count()).toBe(1)
  } finally {
    await bare.dispose()
  }
})

test.each([
  { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
] as const)('the implementation guide, a click away, is without faults: %j', async (look) => {
  const { page, errors } = await visit({ ...look, bypassCSP: true })
  await page.getByRole('link', { name: '/docs/ig/' }).click()
  expect(await page.locator('h1').textContent()).toBe('Implementation guide')
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('link', { name: 'På norsk' }).click()
  expect(await page.locator('h1').textContent()).toBe('Implementasjonsguide')
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('link', { name: 'In English' }).click()
  await page.getByRole('link', { name: 'Oxygen saturation at home' }).click()
  for (const summary of await page.locator('summary').all()) await summary.click()
  expect(await page.locator('h1').textContent()).toBe('Oxygen saturation at home')
  expect(await faultsOf(page)).toEqual([])
  expect(errors).toEqual([])
})

test('whoever looks for faults of a page finds them', async () => {
  const page = await (await browser.newContext()).newPage()
  await page.setContent(
    '<html lang="nb"><title>A</title><main><h1>A</h1><img src="data:,"><p style="color:#eee">Read by nobody</p></main>',
  )
  const faults = await faultsOf(page)
  expect(faults).toEqual([
    expect.stringMatching(/^color-contrast: <p style="color:#eee">/),
    expect.stringMatching(/^image-alt: <img src="data:,">/),
  ])
})

test('what the guide says to send is stored, and once', async () => {
  const { page } = await visit()
  await page.goto(`${server.baseUrl}/docs/ig/`)
  const [body, token] = [await page.locator('pre.json').textContent(), await server.token('system/Observation.cs')]
  const ifNoneExist = /If-None-Exist: (.*)/.exec((await page.locator('pre').first().textContent()) ?? '')?.[1] ?? ''
  const send = async () =>
    (
      await fetch(`${server.fhir}/Observation`, {
        method: 'POST',
        headers: {
          ...{ authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
          'if-none-exist': ifNoneExist,
        },
        body,
      })
    ).status
  expect([await send(), await send()]).toEqual([201, 200])
})

test('the core decides each case of each pathway in the browser, from its source as it stands, as it does here, byte for byte', async () => {
  const core = await openCore(browser)
  for (const pathway of pathwayNames()) {
    // The browser works in another process meanwhile.
    const [there, here] = await Promise.all([decidedInBrowser(core, pathway), decidedHere(pathway)])
    expect(here.length).toBeGreaterThan(50)
    // Which one differs says more than a comparison of all that is equal.
    const different = here.flatMap((decision, i) => (decision === there[i] ? [] : [[decision, there[i]]]))
    expect([pathway, there.length, different[0]]).toEqual([pathway, here.length, undefined])
  }
})
