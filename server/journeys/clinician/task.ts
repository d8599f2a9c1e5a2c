import { expect, test } from '@jest/globals'
import type { Bundle, Communication, Observation, Task } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import { type ClinicianApp, faultsOfApp, SIZES } from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'

const RUN = Date.now().toString(36)

/** One Task, as a nurse deals with it. */
export function tell(app: () => ClinicianApp): void {
  const { send, newTask: newTaskOf, stored, someoneNew } = tasksOf(app)
  const newTask = async (reason: string, zone: 'yellow' | 'green', patient?: string) =>
    newTaskOf(reason, zone, patient ?? (await someoneNew()))
  const panelOf = (page: Page) => page.locator('.task-panel')
  const act = (page: Page, name: string) =>
    panelOf(page).getByRole('toolbar', { name: 'Hva gjør du?' }).getByRole('button', { name, exact: true })
  const composerOf = (page: Page) => panelOf(page).locator('form.composer')
  const held = (page: Page) => page.locator('.held-act')
  const goOn = (page: Page) => held(page).getByRole('button', { name: 'Gjør det nå' }).click()
  const saidTo = async (patient: string) =>
    ((await send<Bundle<Communication>>('GET', `Communication?patient=${patient}&_count=50`)).entry ?? []).map(
      ({ resource }) => resource,
    )
  const patientOf = (task: Task) => String(task.for?.reference?.slice('Patient/'.length))
  /** A red one that a rule has made, with what it looked at. */
  async function redOf(patient: string, reading: Observation): Promise<Task> {
    const { entry = [] } = await send<Bundle<Task>>('GET', `Task?patient=${patient}&status=requested,accepted`)
    const found = entry.find(({ resource }) => resource?.focus?.reference === `Observation/${reading.id}`)?.resource
    if (!found) throw new Error(`${patient} has no red Task.`)
    return found
  }

  test('beside the list stands why: the value and its limits, rule and version, course, answers, what was agreed', async () => {
    const { page, complaints } = await app().visit()
    const row = page.locator('.task-row', { hasText: 'Solveig Blåklokke' })
    await row.locator('.reason').click()
    await panelOf(page).locator('.limits-seen tr[data-hit]').first().waitFor()
    expect((await panelOf(page).locator('.limits-seen').innerText()).replaceAll('\u00a0', ' ')).toMatch(
      /SpO2 \d+ %[\s\S]*under 89 %[\s\S]*utenfor · pasientens egen/,
    )
    await panelOf(page).getByText('Etterprøvd').first().waitFor()
    expect(await panelOf(page).locator('.rule-line').first().innerText()).toMatch(
      /Regel COPD-R1.*[\s\S]*KOLS, versjon \d+\.\d+\.\d+/,
    )
    await panelOf(page)
      .getByRole('group', { name: /^SpO₂:/ })
      .waitFor()
    await panelOf(page).locator('.short-answers > div').first().waitFor()
    await panelOf(page).locator('.agreed[data-zone=red]').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await faultsOfApp(page)).toEqual([])
    await page.setViewportSize(SIZES.phone.viewport)
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints).toEqual([])
    // Who it is stands on the page alone; Esc leads back to where one was.
    expect(page.url()).not.toMatch(/Solveig|\d{11}/)
    await page.setViewportSize(SIZES.pane.viewport)
    await page.keyboard.press('Escape')
    await panelOf(page).waitFor({ state: 'detached' })
    await page.waitForFunction(() => document.activeElement?.classList.contains('reason'))
  })

  test('a call is noted once, after ten seconds in which it can be undone; what was written is there again', async () => {
    const task = await newTask(`Prøve ringe ${RUN}`, 'yellow')
    const { page } = await app().visit(`task/${task.id}`)
    await act(page, 'Ring').click()
    await composerOf(page).getByRole('button', { name: 'Lagre' }).click()
    await composerOf(page).getByText('Skriv et notat.').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('act-field-note')
    expect(await faultsOfApp(page)).toEqual([])
    await composerOf(page).getByLabel('Sett inn mal').selectOption({ label: 'Svarte, stabil' })
    await composerOf(page).getByRole('button', { name: 'Lagre' }).click()
    await held(page)
      .getByText(/Samtalen lagres om \d+ s/)
      .waitFor()
    // Taken by who begins; nothing else has left the window.
    expect(await stored(task)).toMatchObject({ status: 'accepted', owner: { reference: 'Practitioner/demo-nurse' } })
    expect(await faultsOfApp(page)).toEqual([])
    await page.keyboard.press('z')
    await page.getByText('Angret. Ingenting ble sendt').first().waitFor()
    expect(await saidTo(patientOf(task))).toEqual([])
    await act(page, 'Ring').click()
    await composerOf(page).getByText('Det du skrev sist, er beholdt.').waitFor()
    expect(await composerOf(page).getByRole('textbox', { name: 'Notat' }).inputValue()).toMatch(
      /^Ringte pasienten\. Føler seg som vanlig/,
    )
    await composerOf(page).getByRole('button', { name: 'Lagre' }).click()
    // Its answer is lost on the way: it is sent again, and is there once.
    let isLost = true
    await page.route(/\/fhir\/?$/, async (route) => {
      if (!isLost) return route.continue()
      isLost = false
      await route.fetch()
      return route.abort()
    })
    await goOn(page)
    await held(page).getByText('Ikke sendt ennå').waitFor()
    await held(page).getByText('Samtalen er lagret.').waitFor()
    const said = await saidTo(patientOf(task))
    expect(said).toMatchObject([
      {
        status: 'completed',
        medium: [{ coding: [{ code: 'PHONE' }] }],
        sender: { reference: 'Practitioner/demo-nurse' },
        about: [{ reference: `Task/${task.id}` }],
      },
    ])
    await panelOf(page).locator('.done-list').getByText('Ringte').first().waitFor()
  })

  test('several of one patient end together with an outcome; or, when one was changed meanwhile, none, and both versions are shown', async () => {
    const first = await newTask(`Prøve lukke 1 ${RUN}`, 'yellow')
    const second = await newTask(`Prøve lukke 2 ${RUN}`, 'green', patientOf(first))
    const { page } = await app().visit(`task/${first.id}`)
    await act(page, 'Avslutt oppgaven').click()
    await composerOf(page).getByRole('button', { name: 'Avslutt oppgaven' }).click()
    await composerOf(page).getByText('Velg et utfall.').waitFor()
    await composerOf(page).getByRole('radio', { name: 'Vurdert, ingen tiltak' }).check()
    expect(await composerOf(page).getByRole('textbox', { name: 'Notat' }).inputValue()).toMatch(/ingen tiltak/)
    await composerOf(page).getByRole('radiogroup', { name: 'Var dette en forverring?' }).getByLabel('Nei').check()
    await composerOf(page)
      .getByRole('checkbox', { name: /Prøve lukke 2/ })
      .check()
    expect(await faultsOfApp(page)).toEqual([])
    await composerOf(page).getByRole('button', { name: 'Avslutt oppgaven' }).click()
    await held(page)
      .getByText(/2 oppgaver avsluttes om/)
      .waitFor()
    await send('PUT', `Task/${second.id}`, { ...(await stored(second)), note: [{ text: 'Fastlegen har ringt.' }] })
    await goOn(page)
    await held(page).getByRole('button', { name: 'Sammenlign' }).waitFor()
    expect((await stored(first)).status).toBe('accepted')
    const conflict = page.locator('.conflict')
    await conflict.getByText('Fastlegen har ringt.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await conflict.getByRole('button', { name: 'Bruk min, oppå deres' }).click()
    await held(page).getByText('2 oppgaver er avsluttet.').waitFor()
    expect(await stored(first)).toMatchObject({
      status: 'completed',
      statusReason: { text: 'Vurdert, ingen tiltak' },
      output: [{ type: { coding: [{ code: 'deterioration' }] }, valueBoolean: false }],
    })
    expect((await stored(second)).note?.map(({ text }) => text)).toEqual([
      'Fastlegen har ringt.',
      expect.stringMatching(/ingen tiltak/),
    ])
    await page.getByText('avsluttet', { exact: true }).first().waitFor()
  })

  test('what waits is sent when the page is left; what a doctor is asked they answer in words, and it comes in where it was asked', async () => {
    const patient = await someoneNew({ generalPractitioner: [{ reference: 'Practitioner/demo-gp' }] })
    const task = await newTask(`Prøve forlate ${RUN}`, 'yellow', patient)
    const { page } = await app().visit(`task/${task.id}`)
    await act(page, 'Spør lege').click()
    await composerOf(page).getByLabel('Spørsmål').fill('Skal dosen økes?')
    await page.reload()
    await act(page, 'Spør lege').click()
    expect(await composerOf(page).getByLabel('Spørsmål').inputValue()).toBe('Skal dosen økes?')
    await composerOf(page).getByLabel('Lege').selectOption('Practitioner/demo-gp')
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await held(page)
      .getByText(/Spørsmålet sendes om/)
      .waitFor()
    await page.reload()
    await panelOf(page)
      .locator('.done-list')
      .getByText(/Spørsmål til lege: Skal dosen økes\?/)
      .waitFor()
    const { entry } = await send<Bundle<Task>>('GET', `Task?part-of=Task/${task.id}`)
    expect(entry?.map(({ resource }) => resource)).toMatchObject([
      {
        status: 'requested',
        owner: { reference: 'Practitioner/demo-gp' },
        reasonCode: { text: 'Skal dosen økes?' },
      },
    ])
    const gp = await app().newVisit()
    await gp.page.goto(`${app().address}task/${entry?.[0]?.resource?.id}`)
    await gp.page.getByRole('button', { name: 'Åpne som Henrik Skogvei, fastlege' }).click()
    await act(gp.page, 'Avslutt oppgaven').click()
    const answer = composerOf(gp.page).getByRole('textbox', { name: 'Svaret, eller hva som er gjort' })
    await answer.waitFor()
    // How an alarm ended is no question to whoever is asked something.
    expect(await composerOf(gp.page).getByRole('radio').count()).toBe(0)
    expect(await faultsOfApp(gp.page)).toEqual([])
    await composerOf(gp.page).getByRole('button', { name: 'Avslutt oppgaven' }).click()
    await gp.page.getByText('Skriv svaret, eller hva som er gjort.').waitFor()
    await answer.fill('Nei. Se an til i morgen.')
    await composerOf(gp.page).getByRole('button', { name: 'Avslutt oppgaven' }).click()
    await goOn(gp.page)
    // On the page that is open, and is not asked again.
    await panelOf(page).locator('.done-list').getByText('Nei. Se an til i morgen.').waitFor()
    const answered = await stored(entry?.[0]?.resource as Task)
    expect(answered).toMatchObject({ status: 'completed', note: [{ text: 'Nei. Se an til i morgen.' }] })
    expect(answered.statusReason).toBeUndefined()
  })

  test('a message goes to the patient in their words, a new measurement is theirs to do, and a form too', async () => {
    const task = await newTask(`Prøve melding ${RUN}`, 'yellow')
    const { page } = await app().visit(`task/${task.id}`)
    await act(page, 'Send melding').click()
    await composerOf(page).getByLabel('Sett inn mal').selectOption({ label: 'Hvordan går det?' })
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await goOn(page)
    await held(page).getByText('Meldingen er sendt.').waitFor()
    expect(await saidTo(patientOf(task))).toMatchObject([
      {
        recipient: [{ reference: task.for?.reference }],
        payload: [{ contentString: expect.stringMatching(/^Hei\./) }],
      },
    ])
    await act(page, 'Be om ny måling').click()
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await goOn(page)
    await held(page).getByText('Pasienten er bedt om ny måling.').waitFor()
    await act(page, 'Send skjema').click()
    await composerOf(page).getByLabel('Skjema').selectOption({ index: 1 })
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await goOn(page)
    await held(page).getByText('Skjemaet er sendt.').waitFor()
    const { entry } = await send<Bundle<Task>>('GET', `Task?part-of=Task/${task.id}&_sort=-authored-on`)
    expect(entry?.map(({ resource }) => [resource?.code?.coding?.[0]?.code, resource?.owner?.reference])).toEqual([
      ['answer-questionnaire', task.for?.reference],
      ['measure-again', task.for?.reference],
    ])
    // What the patient is to do does not stand in the nurses' list.
    await page.goto(`${app().address}worklist`)
    await page.locator('.task-row', { hasText: `Prøve melding ${RUN}` }).waitFor()
    expect(await page.locator('.task-row', { hasText: 'Mål på nytt' }).count()).toBe(0)
  })

  test('a handover is a question: it can be withdrawn, and whoever is asked says no with a reason', async () => {
    const task = await newTask(`Prøve overføre ${RUN}`, 'yellow')
    const { page } = await app().visit(`task/${task.id}`)
    const ask = async () => {
      await act(page, 'Overfør').click()
      await composerOf(page).getByLabel('Til').selectOption({ label: 'Fjordvik kommune' })
      await composerOf(page).getByLabel('Begrunnelse').fill('Trenger tilsyn hjemme i kveld.')
      await composerOf(page).getByRole('button', { name: 'Send' }).click()
      await goOn(page)
      await panelOf(page)
        .getByText(/Spurt: Fjordvik kommune/)
        .waitFor()
    }
    await ask()
    expect(await faultsOfApp(page)).toEqual([])
    await panelOf(page).getByRole('button', { name: 'Trekk spørsmålet' }).click()
    await panelOf(page).getByText('Spørsmålet til Fjordvik kommune ble trukket.').waitFor()
    await ask()
    const { entry = [] } = await send<Bundle<Task>>('GET', `Task?focus=Task/${task.id}&status=requested`)
    const [question] = entry.map(({ resource }) => resource)
    await send('PUT', `Task/${question?.id}`, {
      ...question,
      status: 'rejected',
      statusReason: { text: 'Ingen ledig i kveld.' },
    })
    await page.reload()
    await panelOf(page).getByText('Fjordvik kommune sa nei: Ingen ledig i kveld.').waitFor()
    expect((await stored(task)).owner?.reference).toBe('Practitioner/demo-nurse')
  })

  test('a reading that is not believed is kept with the reason, and its Task is withdrawn by the rules', async () => {
    const at = new Date(Date.now() - 60_000).toISOString()
    const reading = await send<Observation>('POST', 'Observation', {
      ...{ resourceType: 'Observation', status: 'final', subject: { reference: 'Patient/demo-gullris' } },
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
      effectiveDateTime: at,
      valueQuantity: { value: 84, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    })
    let task: Task | undefined
    for (let i = 0; i < 100 && !task; i++) {
      task = await redOf('demo-gullris', reading).catch(() => undefined)
      if (!task) await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const { page } = await app().visit(`task/${task?.id}`)
    await act(page, 'Ugyldig måling').click()
    await composerOf(page).getByLabel('Måling', { exact: true }).selectOption(String(reading.id))
    await composerOf(page).getByLabel('Begrunnelse').fill('Kalde fingre; 93 % på ny måling i telefonen.')
    await composerOf(page).getByRole('button', { name: 'Lagre' }).click()
    await goOn(page)
    await panelOf(page).getByText('Vurdert på nytt: oppgaven er trukket tilbake.').waitFor()
    expect(await send<Observation>('GET', `Observation/${reading.id}`)).toMatchObject({
      status: 'entered-in-error',
      note: [{ text: 'Kalde fingre; 93 % på ny måling i telefonen.' }],
    })
    expect((await stored(task as Task)).status).toBe('cancelled')
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('in nynorsk and English too; what another has taken can be read and not changed', async () => {
    const task = await newTask(`Prøve annens ${RUN}`, 'yellow')
    await send('POST', `Task/${task.id}/$claim`, {
      ...{ resourceType: 'Parameters' },
      parameter: [{ name: 'performer', valueReference: { reference: 'Practitioner/demo-nurse-2' } }],
    })
    const { page } = await app().visit(`task/${task.id}`)
    await panelOf(page)
      .getByText(/Jonas Kveldsbris har oppgaven/)
      .waitFor()
    expect(await panelOf(page).getByRole('toolbar').count()).toBe(0)
    for (const [name, words] of [
      ['Nynorsk', 'Kvifor'],
      ['English', 'Why'],
    ] as const) {
      await page.locator('button.settings').click()
      await page.getByRole('menuitemradio', { name }).click()
      await page.keyboard.press('Escape')
      await page.getByRole('menu').waitFor({ state: 'detached' })
      await panelOf(page).getByRole('heading', { name: words }).waitFor()
      expect(await faultsOfApp(page)).toEqual([])
    }
    await send('POST', `Task/${task.id}/$release`, { resourceType: 'Parameters' })
  })

  test('a Task that is not there, or not for who asks, is told as such', async () => {
    const { page } = await app().visit('task/nothing-at-all')
    await page.locator('.failure').first().waitFor()
    expect(await faultsOfApp(page)).toEqual([])
  })
}
