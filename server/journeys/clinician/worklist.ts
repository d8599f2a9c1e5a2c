import { expect, test } from '@jest/globals'
import type { Bundle, Patient, Task } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import {
  type ClinicianApp,
  expectNoFaultsInAnySize,
  faultsOfApp,
  SIZES,
  socketInBetween,
} from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'

/** A demo that runs already may have been here before. */
const RUN = Date.now().toString(36)

/** The list of open Tasks, as a nurse works with it. */
export function tell(app: () => ClinicianApp): void {
  const rowOf = (page: Page, text: string) => page.locator('.task-row', { hasText: text })
  const zonesOf = (page: Page) =>
    page.locator('.task-row').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.zone))
  const idOf = (task: Task) => String(task.id)

  const { send, newTask, someoneNew, stored } = tasksOf(app)

  test('most urgent first, each with colour, shape, word, who, why, since when and until when; no fault in any size or theme', async () => {
    const { page, complaints } = await app().visit()
    await page.locator('.task-row').first().waitFor()
    const zones = await zonesOf(page)
    const order = ['red', 'yellow', 'grey', 'green']
    expect(zones).toEqual([...zones].sort((one, other) => order.indexOf(one ?? '') - order.indexOf(other ?? '')))
    const solveig = rowOf(page, 'Solveig Blåklokke')
    expect(await solveig.locator('.zone-badge svg').count()).toBe(1)
    expect((await solveig.innerText()).replaceAll('\u00a0', ' ')).toMatch(
      // Perhaps with what else there is to do for her, folded into the row.
      /Rød\s+Solveig Blåklokke\s*\d\d år[^%]*?\sSpO2 \d+ %, rød grense \d+ %\s+Vurder måling/,
    )
    // One row for each person, whatever there is to do.
    expect(await rowOf(page, 'Arne Fjellrev').count()).toBe(1)
    await expectNoFaultsInAnySize(page)
    expect(complaints).toEqual([])
  })

  test('beside why stands the course of the last days, small; nothing moves when it comes', async () => {
    const { page } = await app().comeAnew()
    let letThrough = () => {}
    const isAllowed = new Promise<void>((resolve) => {
      letThrough = resolve
    })
    await page.route('**/fhir/Observation/_search', async (route) => {
      await isAllowed
      await route.continue()
    })
    await page.goto(`${app().address}worklist`)
    await page.getByRole('button', { name: /demo/i }).click()
    const solveig = rowOf(page, 'Solveig Blåklokke')
    await solveig.waitFor()
    // By their ids: what others do meanwhile may bring rows, and take some away.
    const heightsOf = async () =>
      Object.fromEntries(
        await page
          .locator('.task-row')
          .evaluateAll((rows) =>
            rows.map((row) => [(row as HTMLElement).dataset.id ?? '', row.getBoundingClientRect().height]),
          ),
      ) as Record<string, number>
    const before = await heightsOf()
    letThrough()
    const figure = solveig.locator('.cell-trend').getByRole('img', { name: /^SpO₂: .*Siste: \d+/ })
    await figure.waitFor()
    const after = await heightsOf()
    const id = (await solveig.getAttribute('data-id')) ?? ''
    expect([after[id], after[id]]).toEqual([before[id], expect.any(Number)])
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('what others are asked is told by their name and is theirs to answer; a question is answered, not taken', async () => {
    const asked = await newTask(`Prøve spurt ${RUN}`, 'yellow', undefined, 'Practitioner/demo-doctor')
    const task = await newTask(`Prøve spørsmål ${RUN}`, 'yellow', undefined, 'Organization/demo-fjordvik')
    await send('POST', `Task/${task.id}/$handover`, {
      ...{ resourceType: 'Parameters' },
      parameter: [
        { name: 'to', valueReference: { reference: 'CareTeam/demo-responssenter' } },
        { name: 'reason', valueString: `Prøve svar ${RUN}` },
      ],
    })
    const { page } = await app().visit()
    const row = rowOf(page, `Prøve spurt ${RUN}`)
    await row.getByText('Spurt: Amina Morgendugg').waitFor()
    expect(await row.getByRole('button', { name: /^Ta oppgaven/ }).count()).toBe(0)
    const patient = String(task.for?.reference?.slice('Patient/'.length))
    const { name } = await send<Patient>('GET', `Patient/${patient}`)
    const folded = rowOf(page, `${name?.[0]?.given?.[0]} ${name?.[0]?.family}`).first()
    const more = folded.getByRole('button', { name: /^\+/ })
    if (await more.count()) await more.click()
    const question = rowOf(page, `Prøve svar ${RUN}`)
    await question.getByRole('button', { name: /^Svar på spørsmålet om / }).click()
    await page.getByRole('region', { name: 'Dere blir spurt om å ta over' }).getByText(`«Prøve svar ${RUN}»`).waitFor()
    for (const one of [asked, task])
      await send('PUT', `Task/${idOf(one)}`, { ...(await stored(one)), status: 'cancelled' })
  })

  test('in nynorsk and English everything is said, the reasons too, and the choice is remembered', async () => {
    const { page } = await app().visit()
    const menu = page.getByRole('button', { name: 'Innstillinger' })
    await menu.click()
    await page.getByRole('menuitemradio', { name: 'Nynorsk' }).click()
    await page.getByRole('heading', { name: 'Arbeidsliste' }).waitFor()
    await rowOf(page, 'raud grense').first().waitFor()
    // The menu stays, so that one can look at what one has chosen.
    await page.getByRole('menuitemradio', { name: 'English' }).click()
    await rowOf(page, 'red limit').first().waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Worklist' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('filters stand in the address, and what is empty says why', async () => {
    const { page } = await app().visit('worklist?zone=red')
    await page.locator('.task-row').first().waitFor()
    expect(new Set(await zonesOf(page))).toEqual(new Set(['red']))
    await page.getByRole('button', { name: /^Rød/ }).click()
    await page.locator('.task-row[data-zone=yellow]').first().waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.getByRole('tab', { name: /^Satt på vent/ }).click()
    await page.getByText('Ingenting her akkurat nå').waitFor()
    expect(new URL(page.url()).search).toBe('?tab=snoozed')
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('taken, it is hers; given back, it is free; and who comes second is told', async () => {
    const task = await newTask(`Prøve tas ${RUN}`, 'yellow')
    const { page } = await app().visit()
    const row = rowOf(page, `Prøve tas ${RUN}`)
    await row.getByRole('button', { name: /^Ta oppgaven for / }).click()
    await page.getByText('Du har tatt oppgaven for').waitFor()
    expect(await row.locator('.cell-who strong').innerText()).toBe('Du')
    expect(await stored(task)).toMatchObject({ status: 'accepted', owner: { reference: 'Practitioner/demo-nurse' } })
    await page.getByRole('tab', { name: /^Mine/ }).click()
    await row.getByRole('button', { name: /^Gi tilbake oppgaven for / }).click()
    await page.getByText('er gitt tilbake.').waitFor()
    expect(await stored(task)).toMatchObject({ status: 'requested' })
    // Somebody else changes it, and this page has not seen that yet.
    await page.getByRole('tab', { name: /^Alle/ }).click()
    await row.waitFor()
    await page.route('**/fhir/Task/_search', (route) => route.abort())
    await send('POST', `Task/${idOf(task)}/$claim`, {
      ...{ resourceType: 'Parameters' },
      parameter: [{ name: 'performer', valueReference: { reference: 'Practitioner/demo-nurse-2' } }],
    })
    await row.getByRole('button', { name: /^Ta oppgaven/ }).click()
    await page.getByText('Noen andre var raskere').waitFor()
    await page.unroute('**/fhir/Task/_search')
    await send('POST', `Task/${idOf(task)}/$release`, { resourceType: 'Parameters' })
  })

  test('a yellow one is put aside with a reason, and comes back; a red one cannot be', async () => {
    const task = await newTask(`Prøve vente ${RUN}`, 'yellow')
    const red = await newTask(`Prøve rød ${RUN}`, 'red')
    const { page } = await app().visit()
    await rowOf(page, `Prøve rød ${RUN}`).waitFor()
    expect(
      await rowOf(page, `Prøve rød ${RUN}`)
        .getByRole('button', { name: /^Handlinger/ })
        .count(),
    ).toBe(0)
    const row = rowOf(page, `Prøve vente ${RUN}`)
    await row.getByRole('button', { name: /^Handlinger/ }).click()
    // What leaves the list above it meanwhile closes nothing.
    await page.getByRole('menuitem', { name: 'Sett på vent …' }).waitFor()
    await send('PUT', `Task/${idOf(red)}`, { ...(await stored(red)), status: 'completed' })
    await rowOf(page, `Prøve rød ${RUN}`).waitFor({ state: 'detached' })
    await page.getByRole('menuitem', { name: 'Sett på vent …' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Sett på vent' }).click()
    await dialog.getByText('Skriv en begrunnelse.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await dialog.getByRole('textbox').fill('Fastlegen har økt dosen.')
    await dialog.getByRole('button', { name: 'Sett på vent' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(await stored(task)).toMatchObject({ status: 'on-hold', statusReason: { text: 'Fastlegen har økt dosen.' } })
    await page.getByRole('tab', { name: /^Satt på vent/ }).click()
    await row.getByRole('button', { name: /^Hent fram igjen/ }).click()
    await page.getByText('er hentet fram igjen').waitFor()
    expect((await stored(task)).status).toBe('requested')
  })

  test('greens are assessed together, after ten seconds in which it can be undone; one that somebody changed stays', async () => {
    const [first, second, third] = [
      await newTask(`Prøve grønn 1 ${RUN}`, 'green'),
      await newTask(`Prøve grønn 2 ${RUN}`, 'green'),
      await newTask(`Prøve grønn 3 ${RUN}`, 'green'),
    ]
    const { page } = await app().visit('worklist?zone=green')
    const held = page.locator('.held-act')
    const assess = async (names: readonly string[]) => {
      for (const name of names) await rowOf(page, name).getByRole('checkbox').check()
      await page
        .getByRole('toolbar', { name: `${names.length} valgt` })
        .getByRole('button', { name: 'Marker som vurdert' })
        .click()
      const dialog = page.getByRole('dialog', { name: `Marker ${names.length} grønne oppgaver som vurdert?` })
      await dialog.getByRole('button', { name: 'Marker som vurdert' }).click()
    }
    const all = [1, 2, 3].map((number) => `Prøve grønn ${number} ${RUN}`)
    await assess(all)
    await held.getByText(/3 oppgaver markeres som vurdert om \d+ s/).waitFor()
    // Nobody begins with what ends in a moment.
    await rowOf(page, all[0] ?? '')
      .getByText('avsluttes …')
      .waitFor()
    expect(
      await rowOf(page, all[0] ?? '')
        .getByRole('button', { name: /^Ta oppgaven/ })
        .count(),
    ).toBe(0)
    expect(await faultsOfApp(page)).toEqual([])
    await page.keyboard.press('z')
    await rowOf(page, all[0] ?? '')
      .getByRole('button', { name: /^Ta oppgaven/ })
      .waitFor()
    for (const task of [first, second, third]) expect((await stored(task)).status).toBe('requested')
    await assess(all)
    await send('PUT', `Task/${idOf(third)}`, { ...(await stored(third)), note: [{ text: 'Fastlegen har ringt.' }] })
    await held.getByRole('button', { name: 'Gjør det nå' }).click()
    await held.getByText('2 er vurdert; 1 kunne ikke lukkes og står igjen.').waitFor()
    for (const task of [first, second])
      expect(await stored(task)).toMatchObject({
        status: 'completed',
        statusReason: { coding: [{ code: 'no-action' }], text: 'Vurdert, ingen tiltak' },
        note: [{ text: 'Gjennomgått; ingen tiltak.' }],
      })
    expect((await stored(third)).status).toBe('requested')
    await rowOf(page, all[0] ?? '').waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: /^Ferdig i dag/ }).click()
    await rowOf(page, all[1] ?? '').waitFor()
  })

  test('what was just done can be taken back, by its button or by a key', async () => {
    const task = await newTask(`Prøve angre ${RUN}`, 'yellow')
    const { page } = await app().visit()
    const row = rowOf(page, `Prøve angre ${RUN}`)
    const undo = page.getByRole('button', { name: 'Angre', exact: true })
    await row.getByRole('button', { name: /^Ta oppgaven for / }).click()
    await undo.waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await undo.click()
    await page.getByText('er som før').waitFor()
    // What is taken back is not taken back again.
    expect(await undo.count()).toBe(0)
    expect((await stored(task)).status).toBe('requested')
    await row.getByRole('button', { name: /^Handlinger/ }).click()
    await page.getByRole('menuitem', { name: 'Sett på vent …' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill('Feil pasient.')
    await dialog.getByRole('button', { name: 'Sett på vent' }).click()
    await dialog.waitFor({ state: 'detached' })
    await undo.waitFor()
    expect((await stored(task)).status).toBe('on-hold')
    await page.keyboard.press('z')
    await page.getByText('er som før').waitFor()
    expect((await stored(task)).status).toBe('requested')
    // Woken, it can be put aside again as it was.
    const until = new Date(Date.now() + 7_200_000).toISOString()
    await send('POST', `Task/${idOf(task)}/$snooze`, {
      ...{ resourceType: 'Parameters' },
      parameter: [
        { name: 'reason', valueString: 'Ringer i kveld.' },
        { name: 'until', valueInstant: until },
      ],
    })
    await page.getByRole('tab', { name: /^Satt på vent/ }).click()
    await row.getByRole('button', { name: /^Hent fram igjen/ }).click()
    await undo.click()
    await page.getByText('er som før').waitFor()
    expect(await stored(task)).toMatchObject({ status: 'on-hold', statusReason: { text: 'Ringer i kveld.' } })
    expect(JSON.stringify(await stored(task))).toContain(until.slice(0, 19))
  })

  test('taken back too late, what somebody else has done meanwhile stands', async () => {
    const task = await newTask(`Prøve angre sent ${RUN}`, 'yellow')
    const { page } = await app().visit()
    const row = rowOf(page, `Prøve angre sent ${RUN}`)
    await row.getByRole('button', { name: /^Ta oppgaven for / }).click()
    const undo = page.getByRole('button', { name: 'Angre', exact: true })
    await undo.waitFor()
    const taken = await stored(task)
    await send('PUT', `Task/${idOf(task)}`, { ...taken, status: 'in-progress' })
    await undo.click()
    await page.getByText('Noen andre var raskere').waitFor()
    expect((await stored(task)).status).toBe('in-progress')
  })

  test('greens are assessed together on a phone too', async () => {
    const task = await newTask(`Prøve grønn mobil ${RUN}`, 'green')
    const { page } = await app().visit('worklist?zone=green', SIZES.phone)
    await rowOf(page, `Prøve grønn mobil ${RUN}`).getByRole('checkbox').check()
    const toolbar = page.getByRole('toolbar', { name: '1 valgt' })
    await toolbar.waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await toolbar.getByRole('button', { name: 'Marker som vurdert' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Marker som vurdert' }).click()
    expect(await faultsOfApp(page)).toEqual([])
    await page.locator('.held-act').getByRole('button', { name: 'Gjør det nå' }).click()
    await page.locator('.held-act').getByText('1 oppgave er vurdert.').waitFor()
    expect((await stored(task)).status).toBe('completed')
  })

  test('a view is kept by a name of its own, found again, and removed', async () => {
    const { page } = await app().visit('worklist?zone=red&overdue=true')
    const menu = page.getByRole('search', { name: 'Avgrens listen' }).getByRole('button', { name: 'Visninger' })
    await menu.click()
    await page.getByRole('menuitem', { name: 'Lagre denne visningen …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Lagre visningen' })
    await dialog.getByRole('button', { name: 'Lagre denne visningen' }).click()
    await dialog.getByText('Gi visningen et navn.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await dialog.getByRole('textbox').fill('Røde over fristen')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.goto(`${app().address}worklist`)
    await menu.click()
    await page.getByRole('menuitemradio', { name: 'Røde over fristen' }).click()
    await page.waitForURL('**/worklist?*')
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ zone: 'red', overdue: 'true' })
    await page.keyboard.press('Escape')
    const kept = page.getByRole('search', { name: 'Avgrens listen' }).getByRole('button', { name: 'Røde over fristen' })
    await kept.click()
    await page.getByRole('menuitem', { name: 'Slett «Røde over fristen»' }).click()
    await menu.waitFor()
    await page.goto(`${app().address}worklist`)
    await page.getByRole('heading', { name: 'Arbeidsliste' }).waitFor()
    await page.locator('.task-row').first().waitFor()
    expect(await menu.count()).toBe(0)
  })

  test('what is new waits while somebody points at the list, and comes in by itself else', async () => {
    const { page } = await app().visit()
    const first = page.locator('.task-row').first()
    await first.hover()
    await first.locator('.task-link').focus()
    const before = await first.getAttribute('data-id')
    await newTask(`Prøve ny rød ${RUN}`, 'red')
    // The others that come at this time, such as of a measurement that a demo patient has missed, are counted with it.
    const shown = page.getByRole('button', { name: /^Vis \d+ nye? · \d+ rød/ })
    await shown.waitFor()
    expect(await page.locator('.task-row').first().getAttribute('data-id')).toBe(before)
    expect(await rowOf(page, `Prøve ny rød ${RUN}`).count()).toBe(0)
    expect(await faultsOfApp(page)).toEqual([])
    await shown.click()
    await rowOf(page, `Prøve ny rød ${RUN}`).waitFor()
  })

  test('who is at the list before the whole of it has come sees the rest where it belongs, and not as new', async () => {
    const reason = `Prøve sein rød ${RUN}`
    const task = await newTask(reason, 'red')
    let letThrough = () => {}
    const isAllowed = new Promise<void>((resolve) => {
      letThrough = resolve
    })
    let isFirst = true
    const { page } = await app().visit('worklist', {}, async (empty) => {
      await empty.route('**/fhir/Task/_search', async (route) => {
        if (!isFirst) {
          await isAllowed
          return route.continue()
        }
        isFirst = false
        // The first page of a longer list than the demo's, which one red is not on.
        const answer = await route.fetch()
        const bundle = (await answer.json()) as Bundle<Task>
        await route.fulfill({
          response: answer,
          json: {
            ...bundle,
            entry: bundle.entry?.filter(({ resource }) => resource?.id !== task.id),
            link: [...(bundle.link ?? []), { relation: 'next', url: `${app().server.fhir}/Task?_count=250` }],
          },
        })
      })
    })
    await page.locator('.task-row').first().waitFor()
    await page.getByText('Henter resten av listen').waitFor()
    // How many there are of each is not told by what has come so far.
    const countOf = (name: string) => page.locator(`.zone-chip[data-zone=${name}] b`).innerText()
    expect(await countOf('red')).toBe('…')
    await page.getByRole('tab', { name: 'Alle (…)' }).waitFor()
    await page.keyboard.press('j')
    expect(await page.evaluate(() => document.activeElement?.closest('table.tasks') !== null)).toBe(true)
    expect(await rowOf(page, reason).count()).toBe(0)
    letThrough()
    await rowOf(page, reason).waitFor()
    expect(await page.getByRole('button', { name: /^Vis \d+ nye?/ }).count()).toBe(0)
    const zones = await zonesOf(page)
    expect(zones.lastIndexOf('red')).toBe(zones.filter((zone) => zone === 'red').length - 1)
    await page.getByText('Henter resten av listen').waitFor({ state: 'detached' })
    expect(await countOf('red')).toMatch(/^\d+$/)
    await send('PUT', `Task/${idOf(task)}`, { ...(await stored(task)), status: 'cancelled' })
  })

  test('a patient who becomes red where she stands, with somebody at the list, is said to be', async () => {
    const patient = await someoneNew()
    // Of the same deadline, the one that has waited longer stands above her.
    await newTask(`Prøve gul foran ${RUN}`, 'yellow', await someoneNew())
    await newTask(`Prøve gul først ${RUN}`, 'yellow', patient)
    const { page } = await app().visit()
    await rowOf(page, `Prøve gul først ${RUN}`).waitFor()
    await page.locator('.task-link').first().focus()
    await newTask(`Prøve så rød ${RUN}`, 'red', patient)
    const risen = page.getByRole('button', { name: /1 er blitt rød og hører hjemme øverst$/ })
    await risen.waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    const zones = await zonesOf(page)
    expect(zones.lastIndexOf('red')).toBeGreaterThan(zones.indexOf('yellow'))
    await risen.click()
    await risen.waitFor({ state: 'detached' })
    const after = await zonesOf(page)
    expect(after.lastIndexOf('red')).toBe(after.filter((zone) => zone === 'red').length - 1)
  })

  test('by keyboard alone: down, up, take, open; the keys are listed, and can be turned off', async () => {
    await newTask(`Prøve tast ${RUN}`, 'red')
    const { page } = await app().visit('worklist?zone=red')
    await rowOf(page, `Prøve tast ${RUN}`).waitFor()
    const focused = () => page.evaluate(() => document.activeElement?.closest('[data-id]')?.getAttribute('data-id'))
    const ids = await page
      .locator('.task-row')
      .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.id))
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    expect(await focused()).toBe(ids[1])
    await page.keyboard.press('k')
    expect(await focused()).toBe(ids[0])
    await page.keyboard.press('?')
    const list = page.getByRole('dialog', { name: 'Hurtigtaster' })
    await list.getByText('Neste i listen').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await list.getByRole('switch').or(list.getByRole('checkbox')).uncheck()
    await page.keyboard.press('Escape')
    await list.waitFor({ state: 'detached' })
    await page.keyboard.press('/')
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('INPUT')
    await page.keyboard.press('?')
    await list.getByRole('switch').or(list.getByRole('checkbox')).check()
    await page.keyboard.press('Escape')
    await page.keyboard.press('/')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search')
    await page.keyboard.press('Escape')
    await page.locator('.task-link').first().focus()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/apps/clinician/patient/*')
    await page.getByRole('tab', { name: 'Oversikt' }).waitFor()
  })

  test('a patient is found by name or number, and the number is in no address', async () => {
    const addresses: string[] = []
    const { page } = await app().visit()
    page.on('request', (request) => void addresses.push(request.url()))
    const field = page.getByRole('searchbox')
    for (const words of ['131169 00216', 'danser']) {
      await field.fill(words)
      await field.press('Enter')
      await page.locator('.found', { hasText: 'Line Danser' }).getByText('131169 00216').waitFor()
      expect(await page.locator('.found a').getAttribute('href')).toBe('/apps/clinician/patient/demo-line')
    }
    await field.fill('Ingensomheterdet')
    await field.press('Enter')
    await page.getByText('Ingen pasienter du har tilgang til').waitFor()
    expect(addresses.concat(page.url()).join()).not.toMatch(/1311|danser/i)
    expect(await faultsOfApp(page)).toEqual([])
  })

  test('the next one is the most urgent that is free, and hers', async () => {
    const { page } = await app().visit()
    await page.getByRole('button', { name: 'Neste oppgave' }).click()
    await page.getByText('Du har tatt den mest presserende').waitFor()
    const mine = await send<Bundle<Task>>('GET', 'Task?owner=Practitioner/demo-nurse&status=accepted')
    expect(mine.entry?.some(({ resource }) => resource?.priority === 'stat')).toBe(true)
    for (const { resource } of mine.entry ?? [])
      await send('POST', `Task/${resource?.id}/$release`, { resourceType: 'Parameters' })
  })

  test('without contact the list stays and says how old it is; refused, it says what is missing; failed, where to ask', async () => {
    const socket = socketInBetween()
    const { page } = await app().visit('worklist', {}, socket.stand)
    await page.locator('.task-row').first().waitFor()
    await page.route('**/fhir/**', (route) => route.abort())
    await socket.cut()
    await page.getByText(/Sist oppdatert \d\d:\d\d · uten kontakt med serveren/).waitFor()
    expect(await page.locator('.task-row').count()).toBeGreaterThan(0)
    expect(await faultsOfApp(page)).toEqual([])
    await page.reload()
    await page.getByText('Får ikke kontakt med serveren').waitFor()
    const answer = (status: number, code: string) =>
      page.route('**/fhir/**', (route) =>
        route.fulfill({
          ...{ status, contentType: 'application/fhir+json', headers: { 'x-request-id': 'abc-7' } },
          body: JSON.stringify({
            resourceType: 'OperationOutcome',
            issue: [{ severity: 'error', code, diagnostics: 'No.' }],
          }),
        }),
      )
    await answer(403, 'forbidden')
    await page.reload()
    await page.getByText('Tilgangen din omfatter ikke oppgavene').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await answer(500, 'exception')
    await page.reload()
    await page.getByText('abc-7').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.unroute('**/fhir/**')
    await page.getByRole('button', { name: 'Prøv igjen' }).click()
    await page.locator('.task-row').first().waitFor()
  })

  test('of a patient whom she may not see, nothing is in the list', async () => {
    const { entry = [] } = await send<Bundle<Patient>>('GET', 'Patient?_count=200')
    const { page } = await app().visit()
    await page.locator('.task-row').first().waitFor()
    const allowed = await page.evaluate(async () => {
      const { accessToken, iss } = JSON.parse(sessionStorage.getItem('fylgje.session') ?? '{}')
      const response = await fetch(`${iss}/Patient?_count=200`, { headers: { authorization: `Bearer ${accessToken}` } })
      return ((await response.json()).entry ?? []).map(
        ({ resource }: { resource: { id: string } }) => resource.id,
      ) as string[]
    })
    const other = entry.map(({ resource }) => String(resource?.id)).find((id) => !allowed.includes(id))
    expect(other).toEqual(expect.any(String))
    await newTask(`Prøve skjult ${RUN}`, 'red', String(other), 'Organization/of-others')
    await newTask(`Prøve synlig ${RUN}`, 'red')
    await rowOf(page, `Prøve synlig ${RUN}`).waitFor()
    expect(await rowOf(page, `Prøve skjult ${RUN}`).count()).toBe(0)
  })
}
