import { expect, test } from '@jest/globals'
import { expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import { keptCount } from '../harness/kept-on-phone.ts'
import { isKept, type PatientApp, recordRead } from '../harness/patient-app.ts'

/** Signing in and out, opening without a net, languages, sizes. */
export function tell(app: () => PatientApp): void {
  test('one click on the start page opens it as Line, and nothing of it is where other pages can read it', async () => {
    const { page, complaints } = await app().newVisit()
    await page.goto(`${app().server.baseUrl}/`)
    await page.locator('a[href*="apps/patient"]').click()
    await page.getByRole('heading', { name: 'Hei, Line' }).waitFor()
    expect(page.url()).toBe(app().address)
    const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
    expect(stored).not.toMatch(/token|Danser|demo-line/i)
    // As it comes over the net: what is loaded for the first screen, and not what its worker keeps for later.
    const scripts = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .flatMap((one) => (one.name.endsWith('.js') ? [(one as PerformanceResourceTiming).encodedBodySize] : [])),
    )
    expect(scripts.length).toBeGreaterThan(0)
    expect(Math.min(...scripts)).toBeGreaterThan(0)
    expect(scripts.reduce((sum, size) => sum + size, 0)).toBeLessThan(250_000)
    expect(complaints).toEqual([])
  })

  test('opened by itself it asks to sign in, by SMART with PKCE, and keeps the person through a reload', async () => {
    const { page, complaints } = await app().comeAnew()
    await page.goto(app().address)
    await page.getByRole('button', { name: 'Logg inn', exact: true }).waitFor()
    await expectNoFaultsInAnySize(page)
    const asked = page.waitForRequest(/\/auth\/authorize\?/)
    await page.getByRole('button', { name: 'Logg inn', exact: true }).click()
    const { searchParams } = new URL((await asked).url())
    expect([searchParams.get('code_challenge_method'), searchParams.get('scope')]).toEqual([
      'S256',
      expect.stringContaining('launch/patient'),
    ])
    await page.locator('button[value=demo-line]').click()
    await page.getByRole('heading', { name: 'Hei, Line' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Hei, Line' }).waitFor()
    expect(page.url()).not.toMatch(/code=|state=/)
    expect(complaints).toEqual([])
    // Whoever has the phone next is asked anew.
    await page.goto(`${app().address}more`)
    await page.getByRole('button', { name: 'Logg ut' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Logg ut' }).click()
    await page.getByRole('button', { name: 'Logg inn', exact: true }).click()
    await page.locator('button[value=demo-line]').waitFor()
  })

  test('from a server that is not configured nobody is asked to sign in', async () => {
    const { page } = await app().comeAnew()
    await page.goto(`${app().address}?iss=${encodeURIComponent('https://evil.example.org/fhir')}`)
    await page.getByText('Denne adressen er ikke godkjent').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('it can be installed, and opens without a net with what it knew last', async () => {
    // On a phone to which it has not been brought yet.
    const { page } = await app().newVisit()
    await page.goto(`${app().address}?demo=patient`)
    await recordRead(page)
    const manifest = await page.evaluate(async () => {
      const { href } = document.querySelector('link[rel=manifest]') as HTMLLinkElement
      return (await (await fetch(href)).json()) as { display: string; icons: { sizes: string }[] }
    })
    expect([manifest.display, manifest.icons.map(({ sizes }) => sizes)]).toEqual([
      'standalone',
      expect.arrayContaining(['192x192', '512x512']),
    ])
    await isKept(page)
    await page.context().setOffline(true)
    await page.goto(`${app().address}plan`)
    await page.getByRole('heading', { name: 'Rød sone – mye verre' }).waitFor()
    await page.getByText('Uten nett', { exact: true }).waitFor()
    await page.goto(app().address)
    await page.getByRole('heading', { name: 'Hei, Line' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('who signs out leaves nothing on the phone', async () => {
    const { page } = await app().visit('more')
    expect(await keptCount(page)).toBeGreaterThan(1)
    await page.getByRole('button', { name: 'Logg ut' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Logg ut' }).click()
    await page.getByRole('heading', { name: 'Velkommen til Fylgje' }).waitFor()
    expect(await keptCount(page)).toBe(0)
    await page.reload()
    await page.getByRole('heading', { name: 'Velkommen til Fylgje' }).waitFor()
  })

  test('what is kept on the phone cannot be read there', async () => {
    const { page } = await app().visit()
    const kept = await page.evaluate(
      () =>
        new Promise<{ text: string; extractable: boolean }>((resolve, reject) => {
          const request = indexedDB.open('fylgje-me')
          request.onerror = () => reject(request.error)
          request.onsuccess = () => {
            const transaction = request.result.transaction(['kept', 'keys'])
            const values = transaction.objectStore('kept').getAll()
            const keys = transaction.objectStore('keys').getAll()
            transaction.oncomplete = () => {
              const read = (bytes: ArrayBuffer) => new TextDecoder('latin1').decode(bytes)
              resolve({
                text: values.result.map(({ bytes }: { bytes: ArrayBuffer }) => read(bytes)).join(),
                extractable: keys.result.some((key: CryptoKey) => key.extractable),
              })
            }
          }
        }),
    )
    expect(kept.text.length).toBeGreaterThan(10_000)
    expect(kept.text).not.toMatch(/Danser|resourceType|accessToken/)
    expect(kept.extractable).toBe(false)
  })

  test.each([
    ['', 'Hei, Line'],
    ['measure', 'Hva vil du måle?'],
    ['measure/pressure', 'Blodtrykk'],
    ['plan', 'Planen min'],
    ['sending', 'Sendt og ikke sendt'],
    ['more', 'Mer'],
    ['settings', 'Innstillinger'],
    ['messages', 'Meldinger'],
    ['history', 'Min utvikling'],
    ['data', 'Mine data og rettigheter'],
    ['sharing', 'Del med pårørende'],
  ])('"%s" is accessible, light and dark, down to 320 px, and with large text', async (path, title) => {
    const { page, complaints } = await app().visit(path)
    await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    await expectNoFaultsInAnySize(page)
    await page.evaluate(() => document.documentElement.classList.add('large-text'))
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test.each([
    ['Nynorsk', 'Innstillingar', 'nn'],
    ['English', 'Settings', 'en'],
  ])('in %s everything is called so, and stays so', async (name, title, language) => {
    const { page } = await app().visit('settings')
    await page.getByRole('radio', { name }).check()
    await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(language)
    await recordRead(page)
  })
}
