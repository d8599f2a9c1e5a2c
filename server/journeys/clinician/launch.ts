import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { APPS_CLIENT_ID } from '../../authorization-server/clients/demo-clients.ts'
import { type ClinicianApp, faultsOfApp } from '../harness/clinician-app.ts'
import { adminToken } from '../harness/smart-app.ts'

/** How the app is opened: by the EHR, by itself, with one click in the demo; and how a session ends. */
export function tell(app: () => ClinicianApp): void {
  const inApp = (page: Page) => page.locator('header.bar').waitFor()
  const signInAsNurse = (page: Page) => page.locator('button[value=demo-nurse]').click()
  const sessionOf = (page: Page) =>
    page.evaluate(() => JSON.parse(sessionStorage.getItem('fylgje.session') ?? 'null') as Record<string, string>)

  async function launch(patient: string): Promise<string> {
    const { server } = app()
    const response = await fetch(`${server.baseUrl}/auth/launch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await adminToken(server.baseUrl, 'fylgje/launch.create')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ client_id: APPS_CLIENT_ID, patient, launch_uri: `${app().address}launch` }),
    })
    const { launch_url } = (await response.json()) as { launch_url: string }
    return launch_url
  }

  test('one click on the start page opens it, signed in', async () => {
    const { page, complaints } = await app().newVisit()
    await page.goto(`${app().server.baseUrl}/`)
    await page.locator('a[href*="apps/clinician"]').click()
    await inApp(page)
    expect(new URL(page.url()).pathname).toBe('/apps/clinician/worklist')
    expect(complaints).toEqual([])
  })

  test('opened by itself it asks to sign in, and comes back to where somebody wanted to go', async () => {
    const { page, complaints } = await app().comeAnew()
    await page.goto(`${app().address}worklist?zone=red`)
    await page.getByRole('button', { name: 'Logg inn', exact: true }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Logg inn', exact: true }).click()
    await signInAsNurse(page)
    await inApp(page)
    expect(page.url()).toBe(`${app().address}worklist?zone=red`)
    expect(complaints).toEqual([])
    expect(await sessionOf(page)).toMatchObject({ fhirUser: 'Practitioner/demo-nurse', isDemo: false })
    await page.reload()
    await inApp(page)
  })

  test('an EHR launches it for a patient; a second launch has another, and the first window keeps its own', async () => {
    const { page, complaints } = await app().comeAnew()
    await page.goto(await launch('demo-line'))
    await signInAsNurse(page)
    await page.waitForURL('**/apps/clinician/patient/demo-line')
    await inApp(page)
    const second = await page.context().newPage()
    await second.goto(await launch('demo-fjellrev'))
    await inApp(second)
    await page.reload()
    await inApp(page)
    expect([(await sessionOf(page)).patient, (await sessionOf(second)).patient]).toEqual(['demo-line', 'demo-fjellrev'])
    // Nothing of it is where other windows find it, or in an address.
    expect(await page.evaluate(() => Object.values(localStorage).join())).not.toMatch(/token/i)
    expect(page.url()).not.toMatch(/code=|state=/)
    expect(complaints).toEqual([])
  })

  test('from a server that is not configured nobody is asked to sign in', async () => {
    const { page, complaints } = await app().comeAnew()
    await page.goto(`${app().address}launch?iss=${encodeURIComponent('https://evil.example.org/fhir')}&launch=1`)
    await page.getByText('ikke godkjent for innlogging: https://evil.example.org/fhir').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('a sign-in that nobody here began, or that was refused, is told as such', async () => {
    const { page } = await app().comeAnew()
    await page.goto(`${app().address}?code=stolen&state=foreign`)
    await page.getByText('tok for lang tid eller er brukt opp').waitFor()
    expect(await sessionOf(page)).toBeNull()
  })

  test('who declines at the sign-in and tries again is still launched for the patient', async () => {
    const { page } = await app().comeAnew()
    await page.goto(await launch('demo-line'))
    await page.locator('button[value=demo-nurse]').waitFor()
    // As the server sends the browser back when somebody declines.
    const state = await page.evaluate(() =>
      Object.keys(sessionStorage)
        .find((key) => key.startsWith('fylgje.sign-in.'))
        ?.replace('fylgje.sign-in.', ''),
    )
    await page.goto(`${app().address}?error=access_denied&state=${state}`)
    await page.getByText('Innloggingen ble avbrutt').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page
      .getByRole('link', { name: 'Logg inn' })
      .or(page.getByRole('button', { name: 'Logg inn' }))
      .click()
    await signInAsNurse(page)
    await inApp(page)
    expect((await sessionOf(page)).patient).toBe('demo-line')
  })

  test('a token that ends is renewed unseen; a session that is over asks, over the page as it is', async () => {
    const { page } = await app().comeAnew()
    await page.goto(`${app().address}worklist`)
    await page.getByRole('button', { name: 'Logg inn', exact: true }).click()
    await signInAsNurse(page)
    await inApp(page)
    const before = await sessionOf(page)
    expect(before.refreshToken).toEqual(expect.any(String))
    const change = (changes: object) =>
      page.evaluate((wanted) => {
        const session = JSON.parse(sessionStorage.getItem('fylgje.session') ?? '{}')
        sessionStorage.setItem('fylgje.session', JSON.stringify({ ...session, ...wanted }))
      }, changes)
    await change({ accessToken: 'ended' })
    await page.reload()
    await page.waitForFunction(
      (old) => !['ended', old].includes(JSON.parse(sessionStorage.getItem('fylgje.session') ?? '{}').accessToken),
      before.accessToken,
    )
    await change({ accessToken: 'ended', refreshToken: 'used' })
    await page.reload()
    const dialog = page.getByRole('dialog', { name: 'Økten er utløpt' })
    await dialog.waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      dialog.getByRole('button', { name: 'Logg inn igjen' }).click(),
    ])
    // The server still knows the browser; whoever has signed in there is not asked twice.
    if (!popup.isClosed()) await popup.waitForEvent('close')
    await dialog.waitFor({ state: 'detached' })
    expect((await sessionOf(page)).accessToken).not.toBe('ended')
  })

  test('where nobody is for half an hour the page is hidden and its tokens are taken back; whoever comes proves who they are', async () => {
    const { page } = await app().newVisit()
    await page.clock.install()
    await page.goto(`${app().address}worklist`)
    await page.getByRole('button', { name: 'Logg inn', exact: true }).click()
    await signInAsNurse(page)
    await inApp(page)
    const over = page.getByRole('dialog', { name: 'Økten er utløpt' })
    await page.clock.fastForward('20:00')
    await page.mouse.move(200, 200)
    await page.clock.fastForward('20:00')
    await inApp(page)
    expect(await over.count()).toBe(0)
    const revoked = page.waitForResponse('**/auth/revoke')
    await page.clock.fastForward('20:00')
    await over.waitFor()
    expect((await revoked).status()).toBe(200)
    await page.locator('header.bar').waitFor({ state: 'hidden' })
    expect(await over.getByText('Ingen har brukt appen på en stund').isVisible()).toBe(true)
    const { refreshToken = '', clientId = '' } = await sessionOf(page)
    const renewed = await fetch(`${app().server.baseUrl}/auth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId }),
    })
    expect([renewed.status, (await renewed.json()).error]).toEqual([400, 'invalid_grant'])
    // Loading it anew is no way around.
    await page.reload()
    await over.waitFor()
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      over.getByRole('button', { name: 'Logg inn igjen' }).click(),
    ])
    await signInAsNurse(popup)
    await over.waitFor({ state: 'detached' })
    await inApp(page)
  })

  test('a screen that cannot be loaded leaves the rest of the app, and can be loaded again', async () => {
    const { page } = await app().newVisit()
    await page.route('**/assets/patient-screen*.js', (route) => route.abort())
    await page.goto(`${app().address}launch?demo=nurse`)
    await page.locator('.task-link').first().click()
    await page.getByRole('heading', { name: 'Denne siden kan ikke vises' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('navigation').getByRole('link', { name: 'Arbeidsliste' }).click()
    await page.locator('.task-link').first().click()
    await page.unroute('**/assets/patient-screen*.js')
    await page.getByRole('button', { name: 'Last på nytt' }).click()
    await page.locator('.patient h1').waitFor()
  })

  test('what is granted decides what is offered', async () => {
    // Of its own, for the session is changed.
    const { page } = await app().comeAnew()
    await page.goto(`${app().address}launch?demo=nurse`)
    await page.locator('.task-row').first().waitFor()
    const scope = 'openid fhirUser user/Patient.rs user/Task.rs'
    await page.evaluate((granted) => {
      const session = JSON.parse(sessionStorage.getItem('fylgje.session') ?? '{}')
      sessionStorage.setItem('fylgje.session', JSON.stringify({ ...session, scope: granted }))
    }, scope)
    await page.reload()
    await page.locator('.task-row').first().waitFor()
    expect(await page.getByRole('button', { name: /^Ta oppgaven/ }).count()).toBe(0)
  })

  test('other sites may not show it in a frame', async () => {
    const ehr = createServer((_req, res) =>
      res
        .setHeader('content-type', 'text/html')
        .end(`<!doctype html><title>EPJ</title><iframe src="${app().address}" width="1200" height="700"></iframe>`),
    ).listen(0, '127.0.0.1')
    await new Promise((resolve) => ehr.once('listening', resolve))
    const { page, complaints } = await app().newVisit()
    await page.goto(`http://127.0.0.1:${(ehr.address() as AddressInfo).port}/`)
    await expect(page.waitForFunction(() => window.frames.length > 0)).resolves.toBeTruthy()
    const frame = page.frames()[1]
    expect(await frame?.locator('#app').count()).toBe(0)
    expect(complaints.join()).toMatch(/frame-ancestors/)
    ehr.close()
    ehr.closeAllConnections()
  })
}
