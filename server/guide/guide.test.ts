import { gunzipSync } from 'node:zlib'
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes'
import express from 'express'
import request from 'supertest'
import { loadDefinitions } from '../definitions/definitions.ts'
import { readTar } from '../lifecycle/tar.ts'
import { definitionId } from '../operations/operation.ts'
import { OPERATIONS } from '../operations/operations.ts'
import { readGuideDefinitions } from './definitions.ts'
import { openGuide } from './guide.ts'
import { guideRouter } from './guide-router.ts'
import { CHANGES } from './no-basis-page.ts'
import { readGuidePathways } from './pathways.ts'

const r4 = loadDefinitions()
const rooms = { fhirBase: 'https://dho.example.no/fhir', operations: OPERATIONS, resourceTypes: r4.resourceTypes }
const definitions = readGuideDefinitions()
const guide = openGuide(rooms, definitions)
const text = async (name: string) => String((await guide.file(name))?.content)
const pages = guide.names.filter((name) => name.endsWith('.html'))

/** What stands in a row of a table, cell by cell, without markup. */
const rowsOf = (page: string) =>
  page
    .split('<tr')
    .slice(1)
    .map((row) =>
      row
        .split(/<t[hd][^>]*>/)
        .slice(1)
        .map((cell) =>
          cell
            .replace(/<[^>]*>/g, ' ')
            .replace(/\s+/g, ' ')
            .trim(),
        ),
    )

test('every link leads to a file of the guide, a place on a page of it, the server, or another host', async () => {
  const lost: string[] = []
  const texts = new Map(await Promise.all(pages.map(async (name) => [name, await text(name)] as const)))
  for (const [name, page] of texts)
    for (const [, href = ''] of page.matchAll(/href="([^"]*)"/g)) {
      const [file = '', id] = href.split('#')
      if (/^https?:|^\.\.\/\.\.\/(?:$|mark\.svg|start\.css)/.test(file)) continue
      const isThere = file === '' || guide.names.includes(file)
      const isPlace = id === undefined || (texts.get(file || name) ?? '').includes(`id="${id}"`)
      if (!isThere || !isPlace) lost.push(`${name} → ${href}`)
    }
  expect(lost).toEqual([])
})

test('every definition has its JSON, and each that people read its page, which is listed on another', async () => {
  const lists = await Promise.all(pages.filter((name) => !name.includes('-')).map(text))
  const listed = [...lists, await text('search-parameters.html')].join('')
  for (const { resourceType, id } of definitions.all) {
    expect(JSON.parse(await text(`${resourceType}-${id}.json`))).toMatchObject({ resourceType, id })
    const isRead = ['StructureDefinition', 'CodeSystem', 'ValueSet'].includes(resourceType)
    expect([id, pages.includes(`${resourceType}-${id}.html`)]).toEqual([id, isRead])
    expect(listed).toContain(`href="${resourceType}-${id}.${isRead ? 'html' : 'json'}"`)
  }
})

test('every page of the guide’s own words is there in English and in bokmål, and each leads to the other', async () => {
  const own = guide.names.filter((name) => name.endsWith('.nb.html'))
  expect(own.length).toBeGreaterThan(8)
  for (const name of own) {
    const english = name.replace('.nb', '')
    const [nb, en] = await Promise.all([text(name), text(english)])
    expect(nb).toContain('<html lang="nb">')
    expect(nb).toContain(`<a href="${english}" lang="en" hreflang="en">In English</a>`)
    expect(en).toContain(`<a href="${name}" lang="nb" hreflang="nb">På norsk</a>`)
    const words = (page: string) =>
      [...page.matchAll(/<(h2|h3|th scope="col"|p class="lead")[^>]*>(.*?)<\//g)].map(([, , said]) => said)
    expect(words(nb)).toHaveLength(words(en).length)
    // No sentence of ours was left in English; what definitions say is marked as such.
    const unmarked = nb.replace(/<span lang="en">[\s\S]*?<\/span>/g, '').replace(/<(pre|code)[\s\S]*?<\/\1>/g, '')
    expect([name, unmarked.match(/[^<>]*\b(?:the|which|and)\b[^<>]*/g)]).toEqual([name, null])
  }
})

test('profiles are listed by their names in the language of the page, and tell what they are for in nynorsk too', async () => {
  const [en, nb] = await Promise.all([text('profiles.html'), text('profiles.nb.html')])
  expect(en).toContain('Oxygen saturation at home')
  expect(nb).toContain('>Oksygenmetning hjemme</a>')
  expect(nb).toContain('Målt med pulsoksymeter i hvile')
  expect(nb).not.toContain('Oxygen saturation at home')
  const page = await text('StructureDefinition-home-spo2.html')
  expect(page).toContain('<p lang="nb"><b>Oksygenmetning hjemme.</b> Målt med pulsoksymeter i hvile')
  expect(page).toContain('<p lang="nn"><b>Oksygenmetting heime.</b> Målt med pulsoksymeter i kvile')
})

test('a profile’s page tells cardinality, type, value, binding, must-support, rules in words, examples and what is refused', async () => {
  const page = await text('StructureDefinition-home-blood-pressure.html')
  const rows = rowsOf(page)
  const row = (name: string) => rows.find(([first]) => first?.startsWith(name))
  expect(row('subject')).toEqual(['subject S', '1..1', 'Reference ( Patient )', expect.any(String)])
  expect(row('value[x]')).toEqual(['value[x]', '0..0', expect.any(String), expect.any(String)])
  expect(row('coding:loinc')?.at(-1)).toContain('At least http://loinc.org|85354-9')
  expect(row('method')?.at(-1)).toContain('From Methods of measuring (extensible)')
  expect(row('both-pressures')?.at(-1)).toMatch(
    /^Systolic and diastolic come together.* Overtrykk og undertrykk kommer sammen.* Overtrykk og undertrykk kjem saman.* As FHIRPath /,
  )
  expect(page).toContain('id="Observation-blood-pressure"')
  expect(page).toContain('<li>remove <code>/component/1</code>: <code>invariant Observation</code></li>')
})

test('a pathway is told with all that a clinician must approve, and what a hospital says otherwise beside what the template says', async () => {
  const rows = rowsOf(await text('pathways.html'))
  for (const { plan } of readGuidePathways()) {
    const cells = rows.find((row) => row[1] === `PlanDefinition/${plan.id}`) ?? []
    const [toApprove = 0, alone = Number.NaN] = cells.slice(4).map((cell) => Number.parseInt(cell, 10))
    expect([plan.id, toApprove > 0 && alone <= toApprove]).toEqual([plan.id, true])
  }
  expect(rows).toContainEqual(['Rule', 'COPD-R1: Very low oxygen saturation', 'none but the proposal'])
  const about = (list: string[][], where: string) => list.find(([, at]) => at === where)?.slice(2, 4)
  expect(about(rows, 'SpO2 red low')).toEqual(['&#60;88 %', expect.stringContaining('&#60;90 %')])
  expect(about(rows, 'spo2-red')).toEqual(['timingDuration: -', 'timingDuration: 15 minutter'])
  const nb = about(rowsOf(await text('pathways.nb.html')), 'zone-advice')
  expect(nb?.[1]).toContain('red › call: Lungesykepleieren')
})

test('extensions, code systems, value sets, identifiers and search parameters tell what they are for in bokmål on its pages', async () => {
  const [extensions, terminology, identifiers, search] = await Promise.all(
    ['extensions', 'terminology', 'identifiers', 'search-parameters'].map((name) => text(`${name}.nb.html`)),
  )
  expect(extensions).toContain('>Grense for en sone</a>')
  expect(terminology).toContain('Hvor raskt en kliniker må se på noe.')
  expect(identifiers).toContain('DUF-nummer: tolv siffer for den som søker opphold.')
  expect(search).toContain('Etter hastegrad, 0 til 100')
  const english = await text('terminology.html')
  expect(english).toContain('>Triage colour</a>')
  expect(await text('CodeSystem-triage-colour.html')).toContain(
    '<p lang="nn"><b>Triagefarge.</b> Kor raskt ein klinikar',
  )
})

test('what an element of ours holds is told in bokmål and nynorsk beside the English', async () => {
  const page = await text('StructureDefinition-limit.html')
  expect(page).toContain('<p class="quiet" lang="nb">Hvor grensen er fra: type documentation')
  expect(page).toContain('<p class="quiet" lang="nn">Kvar grensa er frå: type documentation')
})

test('a code of ours that a profile asks for is told by its names', async () => {
  const asked = rowsOf(await text('StructureDefinition-self-management-plan.html')).map((row) => row.at(-1))
  expect(asked.some((cell) => /care-plan-category\|\S+ \(.+, Egenbehandlingsplan ?\)/.test(String(cell)))).toBe(true)
})

test('a code system’s page has each code in three languages', async () => {
  const rows = rowsOf(await text('CodeSystem-triage-colour.html'))
  expect(rows).toContainEqual(['red', 'Rød', 'Raud', 'Red', 'Act now.'])
})

test('every operation of this server’s own is told with its parameters', async () => {
  const page = await text('operations.html')
  for (const operation of OPERATIONS.filter(({ isOwn }) => isOwn))
    expect(page).toContain(`id="${definitionId(operation)}"`)
  expect(page).toContain('Parameters of Task/$claim')
})

test('what an operation is called is told in the language of the page', async () => {
  const [en, nb] = await Promise.all([text('operations.html'), text('operations.nb.html')])
  expect(en).toContain('<h3>Task/$claim: Take a Task</h3>')
  expect(nb).toContain('<h3>Task/$claim: Ta en oppgave</h3>')
  expect(nb).toContain('Utvid et verdisett. ')
})

test('what is told of no-basis is told of profiles that say so themselves', () => {
  const profiles = new Map(definitions.ofType('StructureDefinition').map((one) => [one.id, one]))
  for (const { profile, base } of CHANGES) expect(profiles.get(profile)?.description).toContain(base)
})

/** The elements that its profile speaks of differ; the others must be R4's, not those of whoever packed R4's definitions. */
test('snapshots are R4’s elements with what the differential says', () => {
  for (const { id, type, differential } of definitions.ofType('StructureDefinition')) {
    const elements = definitions.snapshot(String(id))
    const base = new Map(r4.structure(type)?.snapshot?.element?.map((one) => [one.path, one]))
    const ids = new Set(elements.map((element) => element.id))
    expect(differential?.element?.filter((element) => !ids.has(element.id))).toEqual([])
    // Below an element of a datatype the paths go on as that type's do.
    const strange = elements.filter(
      ({ path }) => !base.has(path) && ![...base.keys()].some((above) => isBelow(path, above, base)),
    )
    expect([id, strange.map(({ path }) => path)]).toEqual([id, []])
  }
})

const isBelow = (path: string, above: string, base: ReadonlyMap<string | undefined, ElementDefinition>) =>
  path.startsWith(`${above}.`) &&
  base.get(above)?.type?.some(({ code }) => /^[A-Z]/.test(code ?? '') && code !== 'BackboneElement') === true

test('what could not be made is made when it is asked for again', async () => {
  let isThere = false
  const one = definitions.ofType('StructureDefinition')[0] as StructureDefinition
  const snapshot = (id: string) => {
    if (!isThere) throw new Error('no file')
    return definitions.snapshot(id)
  }
  const small = openGuide(rooms, { ...definitions, all: [one], examples: [], snapshot })
  await expect(small.file('package.tgz')).rejects.toThrow('no file')
  isThere = true
  expect(await small.file('package.tgz')).toMatchObject({ type: 'tgz' })
})

test('the package is a FHIR package: manifest, index, every definition with its snapshot, examples beside them', async () => {
  const file = await guide.file('package.tgz')
  const files = new Map(
    readTar(gunzipSync(file?.content as Buffer)).map(({ name, content }) => [name, content.toString()]),
  )
  const read = (name: string) => JSON.parse(files.get(`package/${name}`) ?? 'null')
  expect(read('package.json')).toMatchObject({
    name: 'no.fylgje.guide',
    fhirVersions: ['4.0.1'],
    canonical: 'http://fylgje.no/fhir',
  })
  const names = definitions.all.map(({ resourceType, id }) => `${resourceType}-${id}.json`)
  expect(read('.index.json').files.map(({ filename }: { filename: string }) => filename)).toEqual(names)
  const spo2 = read('StructureDefinition-home-spo2.json') as StructureDefinition
  expect(spo2.snapshot?.element?.map(({ id }) => id)).toContain('Observation.code.coding:loinc')
  expect(read('example/Observation-spo2.json')).toEqual(definitions.examples.find(({ id }) => id === 'spo2'))
  expect(await openGuide(rooms).file('package.tgz')).toEqual(file)
})

describe('served', () => {
  const app = express().use('/docs/ig', guideRouter(rooms))

  test.each([
    ['', 'text/html; charset=utf-8'],
    ['profiles.html', 'text/html; charset=utf-8'],
    ['guide.css', 'text/css; charset=utf-8'],
    ['Observation-spo2.json', 'application/fhir+json; charset=utf-8'],
    ['package.tgz', 'application/gzip'],
  ])('/docs/ig/%s is %s', async (name, type) => {
    const { status, headers } = await request(app).get(`/docs/ig/${name}`)
    expect([status, headers['content-type']]).toEqual([200, type])
  })

  test('without its slash it leads to where links hold', async () => {
    const { status, headers } = await request(app).get('/docs/ig')
    expect([status, headers.location]).toEqual([301, 'ig/'])
  })

  test.each(['nothing.html', 'constructor', '..%2Fdefinitions.ts', '__proto__'])('%s is not there', async (name) => {
    expect((await request(app).get(`/docs/ig/${name}`)).status).toBe(404)
  })
})
