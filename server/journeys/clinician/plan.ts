import { expect, test } from '@jest/globals'
import type { Bundle, CarePlan, Goal, Provenance, Resource, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import { answerForbidden, type ClinicianApp, faultsOfApp, SIZES } from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'
import { eventually } from '../harness/eventually.ts'

const TEAM = 'CareTeam/demo-responssenter'
const RUN = Date.now().toString(36)
const DAY_MILLIS = 86_400_000

/** The plan of one person: what holds, what it would have meant, and how it is changed. */
export function tell(app: () => ClinicianApp): void {
  const { send } = tasksOf(app)
  const stored = async <R extends Resource>(type: R['resourceType'], query: string): Promise<R[]> =>
    ((await send<Bundle>('GET', `${type}?${query}`)).entry ?? []).map(({ resource }) => resource as R)
  const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MILLIS).toISOString()

  /** Somebody of their own for each test, in the plan for COPD since two months. */
  async function enrolled(patient: string, plan: string, careTeam = TEAM): Promise<CarePlan> {
    return send<CarePlan>('POST', `PlanDefinition/${plan}/$enrol`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'subject', valueString: `Patient/${patient}` },
        { name: 'careTeam', valueReference: { reference: careTeam } },
        { name: 'period', valuePeriod: { start: daysAgo(60) } },
      ],
    })
  }
  async function newPatient(slug: string): Promise<{ id: string; carePlan: string }> {
    const id = `plan-${slug}-${RUN}`
    await send('PUT', `Patient/${id}`, {
      ...{ resourceType: 'Patient', id, active: true, birthDate: '1950-05-05' },
      name: [{ use: 'official', given: ['Prøve'], family: slug }],
    })
    const carePlan = await enrolled(id, 'copd')
    return { id, carePlan: String(carePlan.id) }
  }
  /** Long past, so that nobody has to act on it now. */
  const measured = (patient: string, value: number, days: number) =>
    send('POST', 'Observation', {
      ...{ resourceType: 'Observation', status: 'final', subject: { reference: `Patient/${patient}` } },
      category: [
        {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
        },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
      effectiveDateTime: daysAgo(days),
      valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    })
  const dialogOf = (page: Page) => page.getByRole('dialog')
  const writeReason = (page: Page, reason: string) =>
    dialogOf(page)
      .getByRole('textbox', { name: /Begrunnelse|Mer om årsaken|Hva foreslår du/ })
      .fill(reason)
  const day = (days: number) =>
    new Date(Date.now() + days * DAY_MILLIS).toLocaleDateString('nb-NO', {
      ...{ day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'Europe/Oslo' },
    })

  test('limits are tried on what she has measured before they are saved, with a reason; undone, they are as before', async () => {
    const { id, carePlan } = await newPatient('Grenser')
    for (const days of [20, 15]) await measured(id, 90, days)
    const { page, complaints } = await app().visit(`patient/${id}?tab=limits`)
    await page.getByRole('button', { name: 'Endre grensene for SpO₂' }).click()
    const dialog = dialogOf(page)
    const save = dialog.getByRole('button', { name: 'Lagre grensene' })
    await dialog.getByRole('textbox', { name: /^Gul under/ }).fill('87')
    await dialog.getByText('Motsier en annen grense.').first().waitFor()
    await dialog.getByRole('textbox', { name: /^Gul under/ }).fill('95,5')
    await dialog.getByRole('textbox', { name: /^Rød under/ }).fill('91')
    await dialog.getByText('Ville gitt 0 gule og 2 røde de siste 90 dagene.').waitFor()
    // What there would have been with those of now is asked by itself, and may be answered later.
    await dialog.getByRole('row', { name: /^Grensene nå 0/ }).waitFor()
    await save.click()
    await dialog.getByText('Skriv en begrunnelse.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await writeReason(page, 'Høyere enn før.')
    await save.click()
    await page.getByText('Nye grenser for SpO₂ gjelder nå for Prøve Grenser.').waitFor()
    await page.getByRole('row', { name: /SpO₂ % < 91 < 95,5 – – egne grenser/ }).waitFor()
    const told = await stored<Provenance>('Provenance', `patient=${id}`)
    expect(told.some(({ reason }) => reason?.[0]?.text === 'Høyere enn før.')).toBe(true)
    await page.getByRole('button', { name: 'Angre' }).click()
    await page.getByText('Grensene for SpO₂ er som før.').waitFor()
    await page.getByRole('row', { name: /SpO₂ % < 88 < 92 – – forløpets grenser/ }).waitFor()
    expect((await send<CarePlan>('GET', `CarePlan/${carePlan}`)).status).toBe('active')
    expect(complaints).toEqual([])
  })

  test('how often something is asked for is changed with a reason, and taken back; somebody else’s change is not lost', async () => {
    const { id } = await newPatient('Tidsplan')
    const { page } = await app().visit(`patient/${id}?tab=limits`)
    const change = page.getByRole('button', { name: 'Endre tidsplanen for: Mål oksygenmetning og puls' })
    const request = async () =>
      (await stored<ServiceRequest>('ServiceRequest', `patient=${id}`)).find(({ code }) =>
        code?.text?.startsWith('Mål oksygenmetning'),
      ) as ServiceRequest
    const before = (await request()).occurrenceTiming
    await change.click()
    const dialog = dialogOf(page)
    await dialog.getByText('Bestemte ukedager').click()
    await dialog.getByRole('textbox', { name: 'Klokkeslett' }).fill('tidlig')
    await dialog.getByText('Skriv klokkeslett som 08:00.').waitFor()
    await dialog.getByRole('textbox', { name: 'Klokkeslett' }).fill('8')
    await dialog.getByText('mandag, onsdag og fredag kl. 08:00, i stedet for hver dag kl. 09:00. Det blir 12').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await writeReason(page, 'Stabil.')
    await dialog.getByRole('button', { name: 'Lagre tidsplanen' }).click()
    await page.getByText('gjelder nå for Prøve Tidsplan').waitFor()
    expect((await request()).occurrenceTiming?.repeat).toMatchObject({
      ...{ dayOfWeek: ['mon', 'wed', 'fri'], timeOfDay: ['08:00:00'], periodUnit: 'wk' },
    })
    await page.getByRole('button', { name: 'Angre' }).click()
    await page.getByText('er som før.').waitFor()
    expect((await request()).occurrenceTiming).toEqual(before)
    // Somebody else changes it while the dialog is open.
    await change.click()
    const now = await request()
    await send('PUT', `ServiceRequest/${now.id}`, { ...now, priority: 'urgent' })
    await dialog.getByText('Bestemte ukedager').click()
    await writeReason(page, 'Likevel ikke.')
    await dialog.getByRole('button', { name: 'Lagre tidsplanen' }).click()
    await dialog.getByText('Noen andre endret dette mens du skrev. Ingenting er overskrevet.').waitFor()
    await dialog.getByRole('row', { name: /^Prioritet routine urgent$/ }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect((await request()).priority).toBe('urgent')
    expect((await request()).occurrenceTiming).toEqual(before)
    // On top of theirs, what they have changed stays.
    await dialog.getByRole('button', { name: 'Bruk min, oppå deres' }).click()
    await page.getByText('gjelder nå for Prøve Tidsplan').waitFor()
    expect(await request()).toMatchObject({
      priority: 'urgent',
      occurrenceTiming: { repeat: { dayOfWeek: ['mon', 'wed', 'fri'] } },
    })
  })

  test('limits and pauses that somebody else has changed meanwhile stand beside what was wanted, field by field', async () => {
    const { id, carePlan } = await newPatient('Samtidig')
    const { page } = await app().visit(`patient/${id}?tab=limits`)
    const dialog = dialogOf(page)
    await page.getByRole('button', { name: 'Endre grensene for SpO₂' }).click()
    await dialog.getByRole('textbox', { name: /^Rød under/ }).fill('85')
    const goal = (await stored<Goal>('Goal', `patient=${id}`)).find(({ target }) =>
      JSON.stringify(target).includes('59408-5'),
    ) as Goal
    const theirs = JSON.parse(JSON.stringify(goal).replaceAll('"value":92', '"value":93')) as Goal
    await send('POST', `CarePlan/${carePlan}/$set-limits`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'goal', resource: theirs },
        { name: 'reason', valueString: 'Legen ba om det.' },
      ],
    })
    await writeReason(page, 'Lavere enn før.')
    await dialog.getByRole('button', { name: 'Lagre grensene' }).click()
    await dialog.getByText('«Legen ba om det.»').waitFor()
    await dialog.getByRole('row', { name: /^Gul under < 92 < 93$/ }).waitFor()
    await dialog.getByRole('row', { name: /^Rød under < 85 < 88$/ }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Behold deres' }).click()
    await page.getByRole('row', { name: /SpO₂ % < 88 < 93/ }).waitFor()
    // A plan that has changed is not paused without looking.
    await page.getByRole('button', { name: 'Sett på pause …' }).click()
    await dialog.getByRole('textbox', { name: /^Går videre/ }).fill(day(9))
    await writeReason(page, 'Tur.')
    const before = await send<CarePlan>('GET', `CarePlan/${carePlan}`)
    await send('PUT', `CarePlan/${carePlan}`, { ...before, careTeam: [{ reference: TEAM, display: 'Et annet navn' }] })
    await dialog.getByRole('button', { name: 'Sett på pause', exact: true }).click()
    await dialog.getByRole('row', { name: /^Team .* Et annet navn$/ }).waitFor()
    expect((await send<CarePlan>('GET', `CarePlan/${carePlan}`)).status).toBe('active')
    await dialog.getByRole('button', { name: 'Bruk min, oppå deres' }).click()
    await page.getByText(/settes på pause til/).waitFor()
  })

  test('a pause has an end and a cause, on a phone too; planned it can be withdrawn, begun it is resumed', async () => {
    const { id, carePlan } = await newPatient('Pause')
    const { page } = await app().visit(`patient/${id}?tab=limits`, SIZES.phone)
    const status = async () => (await send<CarePlan>('GET', `CarePlan/${carePlan}`)).status
    const open = () => page.getByRole('button', { name: 'Sett på pause …' }).click()
    await open()
    const dialog = dialogOf(page)
    const pause = dialog.getByRole('button', { name: 'Sett på pause', exact: true })
    await writeReason(page, 'Syden')
    await pause.click()
    await dialog.getByText('Velg en dag da oppfølgingen går videre').last().waitFor()
    await dialog.getByText('En dag fram i tid').click()
    await dialog.getByRole('textbox', { name: 'Første dag på pause' }).fill(day(3))
    await dialog.getByRole('textbox', { name: 'Går videre fra' }).fill(day(10))
    await dialog.getByText(/^Fra .* 00:00 til .* 00:00 blir Prøve Pause ikke bedt om målinger/).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await pause.click()
    await page.getByText(/settes på pause fra .* til /).waitFor()
    await page.locator('.planned li').nth(1).waitFor()
    expect(await page.locator('.planned li').first().innerText()).toContain('Ferie: Syden')
    await page.getByRole('button', { name: 'Angre' }).click()
    await page.locator('.planned').waitFor({ state: 'detached' })
    await open()
    await dialog.getByText('Innleggelse', { exact: true }).click()
    await dialog.getByRole('textbox', { name: 'Går videre fra' }).fill(day(5))
    await writeReason(page, 'Lungebetennelse')
    await pause.click()
    await page.getByRole('button', { name: 'Gjenoppta …' }).waitFor()
    expect(await status()).toBe('on-hold')
    await page.getByRole('button', { name: 'Gjenoppta …' }).click()
    await writeReason(page, 'Hjemme igjen')
    await dialog.getByRole('button', { name: 'Gjenoppta', exact: true }).click()
    await page.getByRole('button', { name: 'Sett på pause …' }).waitFor()
    expect(await status()).toBe('active')
  })

  test('an end says what it means and can be called off; then it is done, with a summary to read', async () => {
    const { id, carePlan } = await newPatient('Slutt')
    // Whoever has the last plan ended has the patient no more.
    await enrolled(id, 'heart-failure')
    const { page } = await app().visit(`patient/${id}?tab=limits`)
    const card = page.getByRole('region', { name: /^KOLS/ })
    const end = async (reason: string) => {
      await card.getByRole('button', { name: 'Avslutt …' }).click()
      await dialogOf(page).getByText('Åpne oppgaver i forløpet lukkes').waitFor()
      await writeReason(page, reason)
      await dialogOf(page).getByRole('button', { name: 'Avslutt oppfølgingen' }).click()
      await page.getByText('avsluttes for Prøve Slutt om noen sekunder').waitFor()
    }
    await end('Feil person')
    await page.getByRole('button', { name: 'Angre' }).click()
    await page.getByText('Det er angret.').waitFor()
    expect((await send<CarePlan>('GET', `CarePlan/${carePlan}`)).extension ?? []).toEqual([])
    await end('Målet er nådd')
    await page.getByRole('heading', { name: 'Avsluttede forløp' }).waitFor()
    expect((await send<CarePlan>('GET', `CarePlan/${carePlan}`)).status).toBe('completed')
    await card.waitFor({ state: 'detached' })
    const summary = page.getByRole('button', { name: 'Vis sluttrapporten' })
    // It is written by the same clock, a moment later.
    if (!(await summary.isVisible())) {
      await eventually(
        () => stored('Composition', `patient=${id}`),
        (found) => found.length === 1,
      )
      await page.reload()
    }
    await summary.click()
    await dialogOf(page).getByRole('row', { name: 'Avsluttet som fullført' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('what another team owns is to be seen, and a change of it is suggested to them', async () => {
    const { id } = await newPatient('Delt')
    const team = `others-${RUN}`
    await send('PUT', `Organization/${team}`, { resourceType: 'Organization', id: team, name: 'Andre sykehus' })
    await send('PUT', `CareTeam/${team}`, {
      ...{ resourceType: 'CareTeam', id: team, status: 'active', name: 'Hjerteteamet' },
      managingOrganization: [{ reference: `Organization/${team}` }],
    })
    const theirs = await enrolled(id, 'heart-failure', `CareTeam/${team}`)
    const { page } = await app().visit(`patient/${id}?tab=limits`)
    const card = page.getByRole('region', { name: /^Hjertesvikt/ })
    await card.getByText('Hjerteteamet eier dette forløpet.').waitFor()
    expect(await card.getByRole('button').allTextContents()).toEqual(['Foreslå en endring …'])
    await card.getByRole('button', { name: 'Foreslå en endring …' }).click()
    await writeReason(page, 'Vekt hver dag, ikke hver uke.')
    await dialogOf(page).getByRole('button', { name: 'Send forslaget' }).click()
    await page.getByText('Forslaget er sendt til Hjerteteamet.').waitFor()
    const [task] = await stored<Task>('Task', `patient=${id}&intent=proposal`)
    expect(task).toMatchObject({
      ...{ owner: { reference: `CareTeam/${team}` }, focus: { reference: `CarePlan/${theirs.id}` } },
      ...{ description: 'Vekt hver dag, ikke hver uke.', requester: { reference: 'Practitioner/demo-nurse' } },
    })
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('a newer version is told for this person before she is moved, and the move is taken back', async () => {
    const { id } = await newPatient('Versjon')
    const url = `http://example.org/fhir/PlanDefinition/versions-${RUN}`
    for (const version of ['1.9.0', '1.10.0'])
      await send('PUT', `PlanDefinition/versions-${RUN}-${version}`, {
        ...{ resourceType: 'PlanDefinition', id: `versions-${RUN}-${version}`, url, version, status: 'active' },
        ...{ title: 'Vekt hjemme', action: [{ id: version === '1.9.0' ? 'old' : 'new', title: 'Vei deg' }] },
      })
    const carePlan = await send<CarePlan>('POST', 'CarePlan', {
      ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: `Patient/${id}` } },
      ...{ instantiatesCanonical: [`${url}|1.9.0`], careTeam: [{ reference: TEAM }], period: { start: daysAgo(9) } },
    })
    const version = async () =>
      (await send<CarePlan>('GET', `CarePlan/${carePlan.id}`)).instantiatesCanonical?.[0]?.split('|')[1]
    const { page } = await app().visit(`patient/${id}?tab=limits`)
    await page.getByRole('button', { name: 'Bytt versjon …' }).click()
    const dialog = dialogOf(page)
    await dialog.getByText('kommer til').first().waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await writeReason(page, 'Ny mal.')
    await dialog.getByRole('button', { name: 'Flytt til ny versjon' }).click()
    await page.getByText('Prøve Versjon følger nå versjon 1.10.0.').waitFor()
    expect(await version()).toBe('1.10.0')
    await page.getByRole('button', { name: 'Angre' }).click()
    await page.getByText('er tilbake på versjonen fra før.').waitFor()
    await eventually(version, (now) => now === '1.9.0')
  })

  test('a patient is enrolled by what was edited of the proposal, once, with legal basis, reason and equipment', async () => {
    const { id } = await newPatient('Innmelding')
    const { page, complaints } = await app().visit(`patient/${id}/enrol`, SIZES.phone)
    const go = page.getByRole('button', { name: 'Start forløpet …' })
    await go.click()
    await page.getByRole('link', { name: 'Velg et forløp.' }).waitFor()
    expect(await page.getByRole('option', { name: /^KOLS.*følges allerede/ }).isDisabled()).toBe(true)
    await page
      .getByRole('combobox', { name: 'Forløp' })
      .selectOption({ label: 'Hjertesvikt: digital hjemmeoppfølging' })
    await page.getByText('Ingen diagnose i journalen passer').waitFor()
    for (const words of [/^Pasienten kan måle/, /^Pasienten har fått vite/, /^Pasienten vet at/])
      await page.getByRole('checkbox', { name: words }).check()
    await page.getByRole('combobox', { name: 'Grunnlag' }).selectOption({ index: 1 })
    await page.getByRole('combobox', { name: 'Team' }).selectOption(TEAM)
    await page.getByRole('checkbox', { name: 'Be teamet dele ut utstyr' }).check()
    await page.getByRole('textbox', { name: 'Hva som skal deles ut' }).fill('Badevekt')
    await page.getByRole('checkbox', { name: 'Mål blodtrykk og puls' }).uncheck()
    await page.getByRole('button', { name: /^Endre tidene for: Vei deg/ }).click()
    await page.getByText('Bestemte ukedager').click()
    await page.getByText('mandag, onsdag og fredag').first().waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await go.click()
    await dialogOf(page)
      .getByText(/følges fra nå av Responssenteret, KOLS-teamet/)
      .waitFor()
    await writeReason(page, 'Henvist fra fastlegen.')
    await dialogOf(page).getByRole('button', { name: 'Start forløpet' }).click()
    await page
      .getByRole('heading', {
        name: 'Prøve Innmelding meldes inn i «Hjertesvikt: digital hjemmeoppfølging» om noen sekunder.',
      })
      .waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    const held = page.locator('.held-act')
    await held.getByRole('button', { name: 'Angre' }).click()
    // What was filled in is still there, and nobody is followed.
    expect(await page.getByRole('textbox', { name: 'Hva som skal deles ut' }).inputValue()).toBe('Badevekt')
    const before = await stored<CarePlan>('CarePlan', `patient=${id}`)
    expect(JSON.stringify(before)).not.toContain('heart-failure')
    await go.click()
    await writeReason(page, 'Henvist fra fastlegen.')
    await dialogOf(page).getByRole('button', { name: 'Start forløpet' }).click()
    await held.getByRole('button', { name: 'Gjør det nå' }).click()
    await page
      .getByRole('heading', { name: 'Prøve Innmelding følges nå i «Hjertesvikt: digital hjemmeoppfølging».' })
      .waitFor()
    const plans = await stored<CarePlan>('CarePlan', `patient=${id}`)
    const made = plans.find(({ instantiatesCanonical }) => instantiatesCanonical?.[0]?.includes('heart-failure'))
    expect(JSON.stringify(made?.extension)).toContain('https://lovdata.no/lov/1999-07-02-64')
    const eligible = made?.extension?.filter(({ url }) => url.endsWith('/StructureDefinition/eligibility'))
    expect(
      eligible?.map(({ extension = [] }) => [
        extension[0]?.valueCodeableConcept?.coding?.[0]?.code,
        extension[1]?.valueBoolean,
      ]),
    ).toEqual([
      ['can-measure', true],
      ['informed', true],
      ['knows-hours', true],
    ])
    const requests = (await stored<ServiceRequest>('ServiceRequest', `patient=${id}`)).filter(({ basedOn }) =>
      basedOn?.some(({ reference }) => reference === `CarePlan/${made?.id}`),
    )
    expect(requests.find(({ code }) => code?.text?.startsWith('Vei'))?.occurrenceTiming?.repeat?.dayOfWeek).toEqual([
      ...['mon', 'wed', 'fri'],
    ])
    expect(requests.some(({ code }) => code?.text?.startsWith('Mål blodtrykk'))).toBe(false)
    const tasks = await stored<Task>('Task', `patient=${id}&focus=CarePlan/${made?.id}`)
    expect(tasks.map(({ description }) => description)).toContain('Del ut utstyr: Badevekt')
    const told = await stored<Provenance>('Provenance', `patient=${id}`)
    expect(told.some(({ reason }) => reason?.[0]?.text === 'Henvist fra fastlegen.')).toBe(true)
    // Next, the patient gets the app.
    await page.getByRole('button', { name: 'Lag lenke', exact: true }).click()
    await page.getByRole('img', { name: 'QR-kode med lenken' }).waitFor()
    const link = await page.locator('.invitation-link code').innerText()
    expect(link).toMatch(/\/apps\/patient\/welcome#[\w-]{22}$/)
    expect(await faultsOfApp(page)).toEqual([])
    const [invited] = await stored<Task>('Task', `patient=${id}&owner=Patient/${id}&status=requested`)
    expect(invited?.code?.coding?.[0]?.code).toBe('start-app')
    await page.getByRole('button', { name: 'Se planen' }).click()
    await page.getByRole('region', { name: /^Hjertesvikt/ }).waitFor()
    expect(complaints).toEqual([])
  })

  test('without contact the plans stay and say how old they are; who may not see them is told what is missing', async () => {
    const { page } = await app().visit('patient/demo-line?tab=limits', { colorScheme: 'dark' })
    await page.getByRole('button', { name: 'Endre grensene for SpO₂' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.route('**/fhir/ServiceRequest/_search', answerForbidden)
    await page.reload()
    await page.getByText('Tilgangen din omfatter ikke forløpene').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.unroute('**/fhir/ServiceRequest/_search')
    await page.reload()
    await page.getByRole('button', { name: 'Avslutt …' }).click()
    await page.route('**/fhir/**', (route) => route.abort())
    await writeReason(page, 'Ferdig')
    await dialogOf(page).getByRole('button', { name: 'Avslutt oppfølgingen' }).click()
    await dialogOf(page).getByText('Vi vet ikke om det ble gjort').waitFor()
    expect(await dialogOf(page).getByRole('textbox').inputValue()).toBe('Ferdig')
  })
}
