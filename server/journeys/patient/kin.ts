import { expect, test } from '@jest/globals'
import type { Bundle, Communication, Consent, Observation, RelatedPerson, Resource } from '@medplum/fhirtypes'
import type { Page } from 'playwright-core'
import { syntheticFnr } from '../../demo/fnr.ts'
import { Browser } from '../harness/browser.ts'
import { expectNoFaultsInAnySize, faultsOfApp } from '../harness/clinician-app.ts'
import { type DemoUser, demoSession } from '../harness/demo-session.ts'
import { eventually } from '../harness/eventually.ts'
import { loseNextAnswer } from '../harness/lost-answer.ts'
import { type PatientApp, recordRead } from '../harness/patient-app.ts'
import { comeBackTo, signInAt } from '../harness/signed-in-elsewhere.ts'
import { SmartApp } from '../harness/smart-app.ts'

/** Next of kin: what the patient shares with them, how they sign in, what they see and do, and what they do not. */
export function tell(app: () => PatientApp): void {
  const SCOPE = 'openid fhirUser profile launch/patient patient/*.rs patient/Observation.c patient/Consent.cu'
  const PER = syntheticFnr('1990-02-03', 'male', 77)
  const MAJA = syntheticFnr('1994-05-17', 'female', 420)
  const smart = () =>
    new SmartApp({ baseUrl: app().server.baseUrl }, { client_id: 'fylgje-apps', redirect_uri: app().address })
  const proveIn = (pid: string) => {
    app().idporten.person = { sub: `at-idporten-${pid}`, pid, acr: 'idporten-loa-high' }
  }

  /** What a browser of next of kin ends at when they sign in by ID-porten. */
  const signInByIdPorten = (pid: string, browser = new Browser()) => {
    proveIn(pid)
    return signInAt(smart(), { name: 'idporten', issuer: app().idporten.issuer }, SCOPE, browser)
  }
  const tokenOf = async ({ url, verifier }: { url: URL; verifier: string }): Promise<string> => {
    const response = await smart().redeem(url.searchParams.get('code') ?? '', verifier)
    return ((await response.json()) as { access_token: string }).access_token
  }
  const demoToken = (user: DemoUser) => demoSession(app().server, user)
  const send = (token: string, method: string, path: string, body?: Resource) =>
    fetch(`${app().server.fhir}/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const found = async (token: string, query: string): Promise<Resource[]> => {
    const response = await send(token, 'GET', query)
    expect([query, response.status]).toEqual([query, 200])
    const { entry = [] } = (await response.json()) as Bundle<Resource>
    return entry.flatMap(({ resource }) => (resource && resource.resourceType !== 'OperationOutcome' ? [resource] : []))
  }
  const weight = (patient: string): Observation => ({
    resourceType: 'Observation',
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: new Date().toISOString(),
    valueQuantity: { value: 68.2, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  })

  test('the patient shares one kind of data for a month; they who may see it sign in by ID-porten and see that and no more; taken back in one act, it is closed within five seconds; a number that is not theirs is written anew', async () => {
    // Before, nobody here knows them.
    expect((await signInByIdPorten(PER)).html).toContain('ingen deler noe med deg nå')
    const { page, complaints } = await app().visit('sharing')
    await page.getByText('Maja Danser', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Del med en pårørende' }).click()
    await page.getByRole('button', { name: 'Gå videre' }).click()
    await page.getByRole('link', { name: 'Velg hvem du vil dele med' }).click()
    await page.getByRole('radio', { name: 'En annen' }).check()
    await page.getByRole('link', { name: 'Skriv de 11 sifrene i fødselsnummeret' }).waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByLabel('Fornavn og etternavn').fill('Per Prøve')
    await page.getByLabel('Hvem er det for deg?').selectOption({ label: 'venn' })
    await page.getByLabel('Fødselsnummer (11 siffer)').fill(`${PER.slice(0, 6)} ${PER.slice(6)}`)
    // All of it goes through, but the answer is lost; then the patient wants less.
    await page.getByRole('radio', { name: 'Alt', exact: true }).check()
    await page.getByRole('radio', { name: 'En måned' }).check()
    await page.getByRole('button', { name: 'Gå videre' }).click()
    await loseNextAnswer(page)
    await page.getByRole('button', { name: 'Ja, del' }).click()
    await page.getByText(/Vi fikk ikke svar, så det kan være at det allerede er delt/).waitFor()
    expect(complaints.splice(0).filter((said) => !said.includes('net::ERR_FAILED'))).toEqual([])
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Endre' }).click()
    await page.getByRole('radio', { name: 'Bare noe' }).check()
    await page.getByRole('checkbox', { name: 'Målinger og hvordan det går' }).check()
    await page.getByRole('button', { name: 'Gå videre' }).click()
    await page.getByRole('heading', { name: 'Vil du dele med Per Prøve?' }).waitFor()
    await page.getByText(`Fødselsnummeret begynner med ${PER.slice(0, 6)}.`).waitFor()
    await expectNoFaultsInAnySize(page)
    await page.getByRole('button', { name: 'Ja, del' }).click()
    await page.getByText('Per Prøve kan nå logge inn og se det du deler.').waitFor()
    const [kin, ...doubles] = await app().search<RelatedPerson>(`RelatedPerson?identifier=${PER}`)
    expect(doubles).toEqual([])
    const consents = await app().search<Consent>(`Consent?patient=demo-line&actor=RelatedPerson/${kin?.id}`)
    expect(consents.map(({ meta, provision }) => [meta?.versionId, provision?.class?.map(({ code }) => code)])).toEqual(
      [['2', ['Observation', 'ClinicalImpression', 'Patient']]],
    )

    const token = await tokenOf(await signInByIdPorten(PER))
    const seen = () => found(token, 'Observation?patient=demo-line&_count=3')
    expect(await seen()).toHaveLength(3)
    expect(await found(token, 'CarePlan?patient=demo-line')).toEqual([])

    await page.getByRole('button', { name: 'Ta tilbake fra Per Prøve' }).click()
    await page.getByText('Per Prøve ser ikke opplysningene dine lenger.').waitFor()
    const takenBackAt = Date.now()
    await eventually(seen, (resources) => resources.length === 0)
    expect(Date.now() - takenBackAt).toBeLessThan(5_000)
    expect((await send(token, 'GET', 'Patient/demo-line')).status).toBe(404)
    expect((await signInByIdPorten(PER)).html).toContain('ingen deler noe med deg nå')

    await page.getByRole('button', { name: 'Del med en pårørende' }).click()
    const per = page.getByRole('radio', { name: /Per Prøve/ })
    await per.check()
    await page.getByText(`venn. Fødselsnummeret begynner med ${PER.slice(0, 6)}.`).waitFor()
    await page.getByRole('button', { name: 'Nummeret er ikke rett' }).click()
    await page.getByText('Er nummeret til Per Prøve ikke rett?').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Ja, fjern nummeret' }).click()
    await per.waitFor({ state: 'detached' })
    expect(await page.getByLabel('Fornavn og etternavn').inputValue()).toBe('Per Prøve')
    expect(await page.getByLabel('Hvem er det for deg?').inputValue()).toBe('FRND')
    expect(await page.getByLabel('Fødselsnummer (11 siffer)').inputValue()).toBe('')
    expect((await app().search<RelatedPerson>(`RelatedPerson?identifier=${PER}`)).map(({ active }) => active)).toEqual([
      false,
    ])

    // Whom the team has written only the team changes: they are asked in a message, once.
    await page.getByRole('radio', { name: /Maja Danser/ }).check()
    await page.getByRole('button', { name: 'Nummeret er ikke rett' }).click()
    await page.getByRole('button', { name: 'Ja, fjern nummeret' }).click()
    await page.getByText('Bare teamet kan rette nummeret.').waitFor()
    expect(await faultsOfApp(page)).toEqual([])
    expect(complaints.splice(0).filter((said) => !said.includes('422'))).toEqual([])
    await page.getByRole('button', { name: 'Be teamet rette det' }).dblclick()
    await page.getByText('Teamet får en melding om det.').waitFor()
    await page.getByText('Alt er sendt', { exact: true }).waitFor()
    const ofMaja = async () => {
      const messages = await app().search<Communication>('Communication?patient=demo-line&_count=50')
      return messages.filter(({ payload }) => payload?.[0]?.contentString?.includes('Maja Danser'))
    }
    const asked = await eventually(ofMaja, ({ length }) => length > 0)
    expect(await ofMaja()).toEqual(asked)
    expect(asked).toMatchObject([
      {
        ...{ sender: { reference: 'Patient/demo-line' }, recipient: [{ reference: 'CareTeam/demo-responssenter' }] },
        payload: [{ contentString: expect.stringMatching(/^Fødselsnummeret til Maja Danser.* er ikke rett/) }],
      },
    ])
    expect((await app().search<RelatedPerson>('RelatedPerson?_id=demo-line-kin')).map(({ active }) => active)).toEqual([
      true,
    ])
    expect(complaints).toEqual([])
  })

  const onEachScreen = ['', 'measure', 'plan', 'messages', 'history', 'data', 'more', 'sending', 'settings', 'sharing']

  test('who is next of kin of several chooses one, by ID-porten; each screen says whose it is, and of the other nothing is there', async () => {
    proveIn(MAJA)
    const { page, complaints } = await app().comeAnew()
    await page.goto(app().address)
    await page.getByRole('button', { name: 'Logg inn', exact: true }).click()
    await page.getByRole('link', { name: /ID-porten/ }).click()
    await page.getByRole('heading', { name: 'Hvem gjelder det?' }).waitFor()
    expect(await page.locator('button.user .name').allInnerTexts()).toEqual(['Astrid Linerle', 'Line Danser'])
    await page.getByRole('button', { name: /Line Danser/ }).click()
    await recordRead(page)
    for (const place of onEachScreen) {
      await goTo(page, place)
      await page.getByText('Du ser opplysningene til Line Danser.').waitFor()
    }
    await page.getByText('Bare pasienten selv kan bestemme hvem som får se.').waitFor()
    await goTo(page, '')
    await page.getByText('Sonen til Line', { exact: true }).waitFor()
    await expectNoFaultsInAnySize(page)
    await page.getByRole('button', { name: 'Bytt person' }).click()
    await page.getByRole('link', { name: /ID-porten/ }).click()
    await page.getByRole('button', { name: /Astrid Linerle/ }).click()
    await page.getByText('Du ser opplysningene til Astrid Linerle.').waitFor()
    await recordRead(page)
    for (const place of ['', 'plan', 'history', 'messages']) {
      await goTo(page, place)
      await page.getByText('Du ser opplysningene til Astrid Linerle.').waitFor()
      expect(await page.locator('body').innerText()).not.toMatch(/\bLine\b/)
    }
    // On the way to ID-porten another host is asked.
    expect(complaints.filter((said) => !said.startsWith(`asked ${app().idporten.issuer}/`))).toEqual([])
  })

  test('what next of kin send for the patient says who sent it', async () => {
    const { page } = await app().comeAnew()
    await page.goto(`${app().address}measure/weight?demo=kin`)
    await page.getByText('Du er logget inn som Maja Danser, pårørende.').waitFor()
    await recordRead(page)
    await page.getByLabel(/^Vekt/).fill('68,3')
    await page.getByRole('button', { name: 'Lagre' }).click()
    await page.getByText('Alt er sendt', { exact: true }).waitFor()
    const stored = await eventually(
      () => app().search<Observation>('Observation?patient=demo-line&performer=RelatedPerson/demo-line-kin'),
      (all) => all.length > 0,
    )
    expect(stored).toMatchObject([{ subject: { reference: 'Patient/demo-line' }, valueQuantity: { value: 68.3 } }])
  })

  test.each<[string, string, string, (() => Resource) | undefined, number[]]>([
    ['read another patient', 'GET', 'Patient/demo-fjellrev', undefined, [404]],
    ['read the other patient whose next of kin the same person is', 'GET', 'Patient/demo-linerle', undefined, [404]],
    ['see who else may see', 'GET', 'Consent?patient=demo-line', undefined, [403]],
    ['see who has looked', 'GET', 'Patient/demo-line/$access-log', undefined, [403, 404]],
    ['send a measurement for somebody else', 'POST', 'Observation', () => weight('demo-fjellrev'), [403, 404]],
    ['send a measurement for the other one', 'POST', 'Observation', () => weight('demo-linerle'), [403, 404]],
    [
      'write a message, which was not shared',
      'POST',
      'Communication',
      () => ({ resourceType: 'Communication', status: 'completed', subject: { reference: 'Patient/demo-line' } }),
      [403, 404],
    ],
    [
      'let in somebody else',
      'POST',
      'RelatedPerson',
      () => ({ resourceType: 'RelatedPerson', patient: { reference: 'Patient/demo-line' } }),
      [403],
    ],
    [
      'let themselves see more',
      'POST',
      'Consent',
      () => ({
        ...{ resourceType: 'Consent', status: 'active', patient: { reference: 'Patient/demo-line' } },
        scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
        category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
        policyRule: { text: 'x' },
        provision: {
          type: 'permit',
          actor: [{ role: { text: 'x' }, reference: { reference: 'RelatedPerson/demo-line-kin' } }],
        },
      }),
      [403],
    ],
  ])('next of kin cannot %s', async (_, method, path, body, statuses) => {
    const response = await send(await demoToken('kin'), method, path, body?.())
    expect(statuses).toContain(response.status)
    const { resourceType, issue } = (await response.json()) as { resourceType: string; issue: { code: string }[] }
    expect([resourceType, issue[0]?.code]).toEqual([
      'OperationOutcome',
      response.status === 404 ? 'not-found' : 'forbidden',
    ])
  })

  test.each([
    'QuestionnaireResponse?patient=demo-line',
    'Communication?patient=demo-line',
    'Observation?patient=demo-linerle',
    'Observation?_has:Provenance:target:agent=x',
    'Patient?_has:Observation:patient:code=59408-5&_id=demo-linerle,demo-fjellrev',
    'QuestionnaireResponse?_id:not=x',
    'RelatedPerson?patient=demo-line',
  ])('%s finds nothing for them', async (query) => expect(await found(await demoToken('kin'), query)).toEqual([]))

  test('who may see is told to the patient, by the decision itself: the team, and next of kin until when; to whom the whole record is closed is told too', async () => {
    const { page } = await app().visit('data')
    const seers = page.getByRole('region', { name: 'Hvem kan se opplysningene mine' })
    await seers.getByText('Teamet og andre i helsetjenesten').waitFor()
    await seers.getByRole('listitem').filter({ hasText: 'Maja Danser – målinger, planen – til' }).waitFor()
    expect((await seers.getByRole('listitem').allInnerTexts()).join('\n')).toMatch(/Responssenter/)
    expect(await faultsOfApp(page)).toEqual([])
    await page.getByRole('button', { name: 'Sperr journalen min' }).click()
    await page.getByRole('button', { name: 'Ja, sperr' }).click()
    await page.getByText(/Journalen din er sperret siden/).waitFor()
    const told = await (await send(await demoToken('patient'), 'GET', 'Patient/demo-line/$who-may-see')).text()
    expect([told.includes('"valueBoolean":true'), told.includes('"valueBoolean":false')]).toEqual([true, false])
    await page.getByRole('button', { name: 'Opphev sperringen' }).click()
    await page.getByRole('button', { name: 'Sperr journalen min' }).waitFor()
  })

  test.each([
    ['next of kin', 'kin', 'demo-line', 403],
    ['a nurse of the team', 'nurse', 'demo-line', 404],
    ['another patient', 'patient', 'demo-fjellrev', 404],
  ] as const)('who may see is not told to %s', async (_, user, patient, status) => {
    const response = await send(await demoToken(user), 'GET', `Patient/${patient}/$who-may-see`)
    const { issue } = (await response.json()) as { issue: { code: string }[] }
    expect([response.status, issue[0]?.code]).toEqual([status, status === 403 ? 'forbidden' : 'not-found'])
  })

  test('a parent signs in for a child under 12 without a Consent; what the child has said of others stays the child’s; of one of 17 nothing lets them in', async () => {
    const born = (age: number) => `${new Date().getFullYear() - age}-01-01`
    const service = await app().server.token()
    const put = (resource: Resource) => send(service, 'PUT', `${resource.resourceType}/${resource.id}`, resource)
    const parentOf = async (child: string, age: number, pid: string) => {
      const name = [{ given: ['Barn'], family: 'Prøve' }]
      await put({ resourceType: 'Patient', id: child, active: true, birthDate: born(age), name })
      await put({
        ...{
          resourceType: 'RelatedPerson',
          id: `${child}-mor`,
          active: true,
          patient: { reference: `Patient/${child}` },
        },
        identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: pid }],
        relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] }],
      })
      return signInByIdPorten(pid)
    }
    const token = await tokenOf(await parentOf('kin-child', 7, syntheticFnr('1985-04-04', 'female', 11)))
    expect((await found(token, 'Patient')).map(({ id }) => id)).toEqual(['kin-child'])
    expect((await send(token, 'GET', 'Patient/kin-child/$who-may-see')).status).toBe(403)
    const refused = await parentOf('kin-youth', 17, syntheticFnr('1985-04-05', 'female', 12))
    expect(refused.html).toContain('ingen deler noe med deg nå')
  })

  test('all that they can take along is of the kinds that were shared', async () => {
    const all = await found(await demoToken('kin'), 'Patient/demo-line/$everything?_count=2000')
    const types = new Set(
      all.filter((one) => 'subject' in one || 'patient' in one).map(({ resourceType }) => resourceType),
    )
    expect([...types].sort()).toEqual(expect.arrayContaining(['CarePlan', 'Observation']))
    expect([...types]).not.toEqual(expect.arrayContaining(['QuestionnaireResponse']))
    for (const type of types)
      expect(['Observation', 'ClinicalImpression', 'CarePlan', 'Goal', 'ServiceRequest', 'CareTeam']).toContain(type)
  })

  test('who has signed in as nobody that they are is not let in: what stands in the form must have been proven', async () => {
    const browser = new Browser()
    const { html, url } = await signInByIdPorten(MAJA, browser)
    expect(html).toContain('Hvem gjelder det?')
    const action = /action="([^"]+\/as)"/.exec(html)?.[1] ?? ''
    const forged = await browser.open(new URL(action, url), app().server.baseUrl, { account: 'demo-line' })
    expect(forged.url.searchParams.get('code')).toBe(null)
    const stranger = await new Browser().open(new URL(action, url), app().server.baseUrl, { account: 'demo-line-kin' })
    expect(stranger.url.searchParams.get('code')).toBe(null)
    const account = [...html.matchAll(/name="account" value="([^"]+)"/g)][1]?.[1] ?? ''
    const { url: end } = await browser.open(new URL(action, url), app().server.baseUrl, { account })
    expect((await comeBackTo(app().server.baseUrl, browser, end)).url.searchParams.get('code')).not.toBe(null)
  })
}

/** Within the app, as its own links do it: nothing is read anew. */
const goTo = (page: Page, place: string): Promise<void> =>
  page.evaluate((to) => {
    history.pushState(null, '', `/apps/patient/${to}`)
    dispatchEvent(new PopStateEvent('popstate'))
  }, place)
