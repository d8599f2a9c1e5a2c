import { expect, test } from '@jest/globals'
import type { Bundle, Communication, Task } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import { TASK_CODE } from '../../core/decide/plan/vocabulary.ts'
import { type ClinicianApp, expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import { tasksOf } from '../harness/clinician-tasks.ts'
import { eventually } from '../harness/eventually.ts'

const RUN = Date.now().toString(36)
const MINUTE_MILLIS = 60_000

/** What is passed on to others, what is put aside, and what comes from others: in the panel of the Task. */
export function tell(app: () => ClinicianApp): void {
  const { send, newTask, stored, someoneNew } = tasksOf(app)
  const panelOf = (page: Page) => page.locator('.task-panel')
  const act = (page: Page, name: string) =>
    panelOf(page).getByRole('toolbar', { name: 'Hva gjør du?' }).getByRole('button', { name, exact: true })
  const composerOf = (page: Page) => panelOf(page).locator('form.composer')
  const goOn = (page: Page) => page.locator('.held-act').getByRole('button', { name: 'Gjør det nå' }).click()
  const found = async <R>(query: string): Promise<R[]> =>
    ((await send<Bundle>('GET', query)).entry ?? []).map(({ resource }) => resource as R)

  /** A Task of somebody else's, and their question whether the nurse's team takes it over. */
  async function askedOver(reason: string): Promise<{ task: Task; question: Task }> {
    const task = await newTask(`${reason} ${RUN}`, 'yellow', await someoneNew(), 'Organization/demo-fjordvik')
    const question = await send<Task>('POST', `Task/${task.id}/$handover`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'to', valueReference: { reference: 'CareTeam/demo-responssenter' } },
        { name: 'reason', valueString: 'Kommunen har ingen på vakt i kveld.' },
      ],
    })
    return { task, question }
  }

  test('who is asked to take something over says yes, and it is theirs; what they took over is one step away', async () => {
    const { task, question } = await askedOver('Prøve ta imot')
    const { page, complaints } = await app().visit(`task/${question.id}`)
    const asked = panelOf(page).getByRole('region', { name: 'Dere blir spurt om å ta over' })
    await asked.getByText('«Kommunen har ingen på vakt i kveld.»').waitFor()
    await expectNoFaultsInAnySize(page)
    await asked.getByRole('button', { name: 'Ta over ansvaret' }).click()
    await panelOf(page).getByText('Ansvaret er deres.').waitFor()
    expect((await stored(task)).owner?.reference).toBe('CareTeam/demo-responssenter')
    await panelOf(page).getByRole('link', { name: 'Åpne oppgaven det gjelder' }).click()
    await page.waitForURL(`**/task/${task.id}`)
    await panelOf(page).getByRole('button', { name: 'Ta oppgaven' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('who is asked and says no says why, or nothing is answered', async () => {
    const { task, question } = await askedOver('Prøve si nei')
    const { page } = await app().visit(`task/${question.id}`)
    const asked = panelOf(page).getByRole('region', { name: 'Dere blir spurt om å ta over' })
    await asked.getByRole('button', { name: 'Si nei' }).click()
    await asked.getByRole('button', { name: 'Si nei' }).click()
    await asked.getByText('Skriv en begrunnelse.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect((await stored(question)).status).toBe('requested')
    await asked.getByRole('textbox').fill('Vi er fullt bemannet på KOLS alene.')
    await asked.getByRole('button', { name: 'Si nei' }).click()
    await asked.getByText('Dere har sagt nei.').waitFor()
    expect(await stored(question)).toMatchObject({
      status: 'rejected',
      statusReason: { text: 'Vi er fullt bemannet på KOLS alene.' },
    })
    expect((await stored(task)).owner?.reference).toBe('Organization/demo-fjordvik')
  })

  test('a referral between care levels: what the plan asks the GP they answer in the app; against their answers somebody says yes with a reason', async () => {
    const [plan, form] = ['http://example.org/refers-shown', 'http://example.org/Questionnaire/refers-shown']
    const put = (resource: { resourceType: string; id: string } & Record<string, unknown>) =>
      send('PUT', `${resource.resourceType}/${resource.id}`, resource)
    await put({
      ...{ resourceType: 'Questionnaire', id: 'refers-shown', url: form, version: '1', status: 'active' },
      item: [
        { linkId: 'score', text: 'Poeng', type: 'integer' },
        {
          ...{ linkId: 'born', text: 'Født', type: 'date' },
          extension: [
            {
              url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression',
              valueExpression: { language: 'text/fhirpath', expression: '%patient.birthDate' },
            },
          ],
        },
      ],
    })
    const expression = "%answers.item.where(linkId = 'score').answer.value >= 10"
    const url = 'http://fylgje.no/fhir/StructureDefinition'
    await put({
      ...{ resourceType: 'PlanDefinition', id: 'refers-shown', url: plan, version: '1.0.0', status: 'active' },
      title: 'KOLS i kommunen',
      extension: [
        {
          url: `${url}/eligibility-questions`,
          extension: [{ url: 'questionnaire', valueCanonical: `${form}|1` }],
        },
        { url: `${url}/eligible-when`, valueExpression: { language: 'text/fhirpath', expression } },
      ],
    })
    const patient = await someoneNew({ generalPractitioner: [{ reference: 'Practitioner/demo-gp' }] })
    const referral = await send<Task>('POST', 'Task', {
      ...{ resourceType: 'Task', status: 'requested', intent: 'order', instantiatesCanonical: plan },
      code: { coding: [{ system: TASK_CODE, code: 'referral' }] },
      ...{ for: { reference: `Patient/${patient}` }, owner: { reference: 'CareTeam/demo-responssenter' } },
      ...{ requester: { reference: 'Practitioner/demo-gp' }, authoredOn: new Date().toISOString() },
      reasonCode: { text: `Prøve henvise ${RUN}` },
    })
    const asked = async () => (await found<Task>(`Task?part-of=Task/${referral.id}`))[0]
    const question = await eventually(asked, (one) => one !== undefined)
    const { page } = await app().visit(`task/${referral.id}`)
    const region = panelOf(page).getByRole('region', { name: 'Dere blir spurt om å følge opp pasienten' })
    await region.getByText(/har ikke svart ennå/).waitFor()
    await region.getByRole('button', { name: 'Si ja' }).click()
    await region.getByRole('button', { name: 'Si ja' }).click()
    await region.getByText('Skriv en begrunnelse.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect((await stored(referral)).status).toBe('requested')
    // The GP has the questions in their own list, and answers them where they stand.
    const gp = await app().newVisit()
    let tellWho = () => {}
    const isWhoTold = new Promise<void>((resolve) => {
      tellWho = resolve
    })
    await gp.page.route(`**/fhir/Patient/${patient}`, async (route) => {
      await isWhoTold
      await route.continue()
    })
    await gp.page.goto(`${app().address}task/${question?.id}`)
    await gp.page.getByRole('button', { name: 'Åpne som Henrik Skogvei, fastlege' }).click()
    const score = gp.page.getByRole('textbox', { name: 'Poeng' })
    await score.fill('tre')
    // What it begins with of the patient comes later than the first answer, and takes the place of none.
    const born = gp.page.getByLabel('Født')
    expect(await born.inputValue()).toBe('')
    tellWho()
    await eventually(
      () => born.inputValue(),
      (value) => value !== '',
    )
    expect(await score.inputValue()).toBe('tre')
    await gp.page.getByRole('button', { name: 'Send svarene' }).click()
    await gp.page.getByText('Skriv et tall.').waitFor()
    expect(await faultsOfApp(gp.page)).toEqual([])
    expect((await stored(question as Task)).status).toBe('requested')
    await score.fill('3')
    await gp.page.getByRole('button', { name: 'Send svarene' }).click()
    await goOn(gp.page)
    await gp.page.locator('.held-act').getByText('Svarene er sendt.').waitFor()
    const answers = await stored(question as Task)
    expect(answers).toMatchObject({ status: 'completed', owner: { reference: 'Practitioner/demo-gp' } })
    expect(await send('GET', String(answers.output?.[0]?.valueReference?.reference))).toMatchObject({
      ...{ resourceType: 'QuestionnaireResponse', questionnaire: `${form}|1`, status: 'completed' },
      ...{ source: { reference: 'Practitioner/demo-gp' }, subject: { reference: `Patient/${patient}` } },
      item: [
        { linkId: 'score', answer: [{ valueInteger: 3 }] },
        { linkId: 'born', answer: [{ valueDate: '1950-05-17' }] },
      ],
    })
    expect(gp.complaints).toEqual([])
    await eventually(
      async () => (await stored(referral)).output,
      (output) => output?.length === 2,
    )
    await page.reload()
    await region.getByText(/Svarene taler mot å følge opp\./).waitFor()
    await region.getByText(/ svarte /).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await region.getByRole('button', { name: 'Si ja' }).click()
    await region.getByRole('textbox', { name: 'Hvorfor dere likevel sier ja' }).fill('Kartlagt på hjemmebesøk i går.')
    await region.getByRole('button', { name: 'Si ja' }).click()
    await region.getByText(/Dere har sagt ja/).waitFor()
    expect(await stored(referral)).toMatchObject({
      status: 'accepted',
      statusReason: { text: 'Kartlagt på hjemmebesøk i går.' },
    })
    await region.getByRole('link', { name: 'Start forløp' }).waitFor()
  })

  test('what cannot wait is escalated: a named doctor is asked to answer within half an hour, and it stays until then', async () => {
    const task = await newTask(`Prøve eskalere ${RUN}`, 'red', await someoneNew())
    const { page } = await app().visit(`task/${task.id}`)
    await act(page, 'Eskaler').click()
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await composerOf(page).getByText('Velg hvem.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    const doctor = 'Amina Morgendugg (Lungelege, Fjordvik sykehus, lungeavdelingen)'
    await composerOf(page).getByLabel('Til').selectOption({ label: doctor })
    await composerOf(page).getByLabel('Begrunnelse').fill('84 % og tungpusten i telefonen.')
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await goOn(page)
    await panelOf(page)
      .getByText(/Spurt: Amina Morgendugg/)
      .waitFor()
    const [question] = await found<Task>(`Task?focus=Task/${task.id}`)
    expect(question).toMatchObject({ status: 'requested', owner: { reference: 'Practitioner/demo-doctor' } })
    const { start, end } = question?.restriction?.period ?? {}
    expect(Date.parse(String(end)) - Date.parse(String(start))).toBeLessThanOrEqual(31 * MINUTE_MILLIS)
    expect((await stored(task)).owner?.reference).toBe('Practitioner/demo-nurse')
  })

  test('a visit is asked of a team, with a reason and a time; it is a Task of theirs that came of this one', async () => {
    const task = await newTask(`Prøve besøk ${RUN}`, 'yellow', await someoneNew())
    const { page } = await app().visit(`task/${task.id}`)
    await act(page, 'Bestill besøk').click()
    await composerOf(page).getByLabel('Hvem skal dra?').selectOption({ label: 'Fjordvik kommune' })
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await composerOf(page).getByText('Skriv en begrunnelse.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await composerOf(page).getByRole('textbox').fill('Se til at inhalatoren brukes riktig.')
    await composerOf(page).getByRole('radio', { name: 'I morgen' }).check()
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await goOn(page)
    await panelOf(page)
      .locator('.done-list')
      .getByText(/Besøk pasienten: Se til at inhalatoren brukes riktig\./)
      .waitFor()
    const [visit] = await found<Task>(`Task?part-of=Task/${task.id}`)
    expect(visit).toMatchObject({ status: 'requested', owner: { reference: 'Organization/demo-fjordvik' } })
    expect(Date.parse(String(visit?.restriction?.period?.end))).toBeGreaterThan(Date.now() + 4 * 60 * MINUTE_MILLIS)
  })

  test('the advice that was agreed for the zone is what the patient is sent, and can be changed before', async () => {
    const task = await newTask(`Prøve råd ${RUN}`, 'yellow', 'demo-fjellrev')
    const { page } = await app().visit(`task/${task.id}`)
    await act(page, 'Råd fra planen').click()
    const words = composerOf(page).getByRole('textbox')
    const agreed = await words.inputValue()
    const card = await panelOf(page).locator('.agreed[data-zone=yellow] dd').first().innerText()
    expect(agreed.split('\n')[0]).toBe(card)
    await words.fill(`${agreed}\nRing oss hvis det ikke hjelper.`)
    await composerOf(page).getByRole('button', { name: 'Send' }).click()
    await goOn(page)
    await page.locator('.held-act').getByText('Meldingen er sendt.').waitFor()
    const said = await found<Communication>('Communication?patient=demo-fjellrev&_sort=-sent&_count=5')
    expect(said.find(({ about }) => about?.some(({ reference }) => reference === `Task/${task.id}`))).toMatchObject({
      payload: [{ contentString: `${agreed}\nRing oss hvis det ikke hjelper.` }],
      recipient: [{ reference: 'Patient/demo-fjellrev' }],
    })
    // Nobody else's test meets it.
    await send('PUT', `Task/${task.id}`, { ...(await stored(task)), status: 'completed' })
  })

  test('put aside in the panel it says until when, and is taken up again there; red ones are not put aside', async () => {
    const task = await newTask(`Prøve vente i panelet ${RUN}`, 'yellow', await someoneNew())
    const { page } = await app().visit(`worklist?task=${task.id}`)
    await panelOf(page).getByRole('button', { name: 'Sett på vent …' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill('Fastlegen ringer i morgen.')
    await dialog.getByRole('button', { name: 'Sett på vent' }).click()
    await dialog.waitFor({ state: 'detached' })
    await panelOf(page)
      .getByText(/På vent til/)
      .waitFor()
    expect(await stored(task)).toMatchObject({
      status: 'on-hold',
      statusReason: { text: 'Fastlegen ringer i morgen.' },
    })
    // Also the list beside it knows.
    await page.locator('.task-row', { hasText: `Prøve vente i panelet ${RUN}` }).waitFor({ state: 'detached' })
    expect(await faultsOfApp(page)).toEqual([])
    await panelOf(page).getByRole('button', { name: 'Hent fram igjen' }).click()
    await panelOf(page).getByRole('button', { name: 'Ta oppgaven' }).waitFor()
    expect((await stored(task)).status).toBe('requested')
    const red = await newTask(`Prøve rød i panelet ${RUN}`, 'red', await someoneNew())
    await page.goto(`${app().address}task/${red.id}`)
    await panelOf(page).getByRole('button', { name: 'Ta oppgaven' }).waitFor()
    expect(await panelOf(page).getByRole('button', { name: 'Sett på vent …' }).count()).toBe(0)
  })

  test('a session that ends while somebody writes in the panel takes nothing: they sign in and it is sent, once', async () => {
    const patient = await someoneNew()
    const task = await newTask(`Prøve økt i panelet ${RUN}`, 'yellow', patient)
    const { page } = await app().visit(`task/${task.id}`)
    await act(page, 'Ring').click()
    await composerOf(page).getByRole('textbox', { name: 'Notat' }).fill('Svarte ikke første gang. Ringer igjen kl. 14.')
    // What the page asks by itself goes on: the end is met by what is sent.
    await page.route(/\/fhir(?:\/(?!.*_search|Subscription)|$)/, (route) =>
      route.request().method() === 'GET' ? route.continue() : route.fulfill({ status: 401, body: '' }),
    )
    await page.route('**/auth/token', (route) =>
      route.fulfill({ status: 400, contentType: 'application/json', body: '{"error":"invalid_grant"}' }),
    )
    await composerOf(page).getByRole('button', { name: 'Lagre' }).click()
    const over = page.getByRole('dialog', { name: 'Økten er utløpt' })
    await over.waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.unrouteAll()
    await over.getByRole('button', { name: 'Logg inn igjen' }).click()
    await over.waitFor({ state: 'detached' })
    expect(await composerOf(page).getByRole('textbox', { name: 'Notat' }).inputValue()).toBe(
      'Svarte ikke første gang. Ringer igjen kl. 14.',
    )
    await composerOf(page).getByRole('button', { name: 'Lagre' }).click()
    await goOn(page)
    await page.locator('.held-act').getByText('Samtalen er lagret.').waitFor()
    expect(await found<Communication>(`Communication?patient=${patient}`)).toMatchObject([
      { payload: [{ contentString: 'Svarte ikke første gang. Ringer igjen kl. 14.' }] },
    ])
  })
}
