import type { CarePlan, Composition, Observation, Patient, PlanDefinition, Task } from '@medplum/fhirtypes'
import { extractText, getDocumentProxy, getMeta } from 'unpdf'
import { loadDefinitions } from '../definitions/definitions.ts'
import { finalSummary } from '../lifecycle/final-summary.ts'
import { periodSummary } from '../lifecycle/period-summary.ts'
import { planDocument } from '../lifecycle/plan-document.ts'
import { createValidator } from '../validation/validator.ts'
import { toPdf } from './to-pdf.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const FYLGJE = 'http://fylgje.no/fhir'
const patient: Patient = {
  ...{ resourceType: 'Patient', id: 'p', birthDate: '1960-02-01' },
  name: [{ given: ['Ærlend', 'Ánte'], family: 'Sørgård-Čuđŋi' }],
}
const carePlan: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  ...{ period: { start: '2026-08-01' }, author: { reference: 'Practitioner/doctor' }, title: 'KOLS' },
}
const advice = (zone: string, nb: string, en: string) => ({
  url: `${FYLGJE}/StructureDefinition/zone-advice`,
  extension: [
    { url: 'zone', valueCode: zone },
    {
      ...{ url: 'todo', valueString: nb },
      _valueString: {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/translation',
            extension: [
              { url: 'lang', valueCode: 'en' },
              { url: 'content', valueString: en },
            ],
          },
        ],
      },
    },
    { url: 'call', valueString: 'Responssenteret' },
    { url: 'outside-hours', valueString: '116117' },
  ],
})
const plan = {
  ...{ resourceType: 'PlanDefinition', url: `${FYLGJE}/PlanDefinition/copd`, version: '1.0.0', status: 'active' },
  ...{ title: 'KOLS', extension: [advice('green', 'Gjør som før', 'Go on'), advice('red', 'Ring nå', 'Call now')] },
} as PlanDefinition
const observations: Observation[] = [94, 84].map((value, i) => ({
  ...{ resourceType: 'Observation', id: `o${i}`, status: 'final', code: { text: 'SpO2' } },
  ...{ effectiveDateTime: `2026-10-0${i + 1}`, valueQuantity: { value, unit: '%' } },
}))
const task: Task = {
  ...{ resourceType: 'Task', id: 't', status: 'completed', intent: 'order', reasonCode: { text: 'SpO2 84 % < 88 %' } },
  businessStatus: { coding: [{ system: `${FYLGJE}/CodeSystem/triage-colour`, code: 'red' }] },
}
const limit = (zone: string, value: number) => ({
  extension: [
    {
      url: `${FYLGJE}/StructureDefinition/limit`,
      extension: [
        { url: 'zone', valueCode: zone },
        { url: 'side', valueCode: 'low' },
      ],
    },
  ],
  ...{ measure: { text: 'SpO2' }, detailQuantity: { value, unit: '%' } },
})
const goals = [
  {
    ...{
      resourceType: 'Goal' as const,
      id: 'g',
      lifecycleStatus: 'active' as const,
      subject: { reference: 'Patient/p' },
    },
    ...{ description: { text: 'Gå på fjelltur' }, target: [limit('red', 88), limit('yellow', 90)] },
  },
]
const period = { start: '2026-09-01T00:00:00Z', end: '2026-11-01T00:00:00Z' }
const documents = {
  plan: planDocument({ carePlan, plan, goals, requests: [], responsible: ['Responssenteret'], now: NOW }),
  summary: periodSummary({ carePlan, plan: 'KOLS 1.0.0', goals, observations, tasks: [task], period, now: NOW }),
  final: finalSummary({
    ...{ carePlan: { ...carePlan, status: 'completed' }, plan: 'KOLS 1.0.0', goals, observations, tasks: [task] },
    ...{ decisionCount: 12, now: NOW },
  }),
}

async function read(pdf: Buffer) {
  const document = await getDocumentProxy(new Uint8Array(pdf))
  const { text, totalPages } = await extractText(document, { mergePages: true })
  const { info } = await getMeta(document)
  const marked = await document.getMarkInfo()
  return { text: text.replace(/\s+/g, ' '), totalPages, info, isTagged: marked?.Marked === true }
}

const { validate } = createValidator(loadDefinitions())
test.each(Object.entries(documents))(
  'the Composition of the %s is valid, with a type of Volven 9602',
  (kind, composition) => {
    expect(validate(composition).filter(({ severity }) => severity === 'error')).toEqual([])
    const volven = composition.type.coding?.find(({ system }) => system === 'urn:oid:2.16.578.1.12.4.1.1.9602')
    expect(volven?.code).toBe(kind === 'plan' ? 'B01-2' : 'A03-2')
  },
)

test.each([
  [
    'plan',
    'nb',
    'Egenbehandlingsplan: KOLS',
    ['Gjør som før', 'Ring nå', '116117', 'under 88 %', 'din egen', 'Gå på fjelltur'],
  ],
  ['plan', 'en', 'Self-management plan: KOLS', ['Go on', 'Call now', 'below 90 %', 'your own']],
  [
    'summary',
    'nn',
    'Oppsummering 01.09.2026–01.11.2026: KOLS 1.0.0',
    ['Målingar', '94, 01.10.2026', 'Raud · fullført'],
  ],
  ['final', 'nb', 'Sluttrapport: KOLS 1.0.0', ['Avsluttet som fullført', 'Vurderinger 12', 'SpO2 84 % < 88 %']],
] as const)('the PDF of the %s in %s says what it is about, in one language', async (kind, language, title, said) => {
  const { text, info, isTagged } = await read(
    await toPdf({ composition: documents[kind], patient, author: 'Kari Sjukepleiar', language }),
  )
  for (const words of [title, 'Ærlend Ánte Sørgård-Čuđŋi', '01.02.1960', '10.11.2026, Kari Sjukepleiar', ...said])
    expect(text).toContain(words)
  expect([info.Title, info.Language, isTagged]).toEqual([title, language, true])
  const others = { nb: 'Self-management', nn: 'Målinger', en: 'Egenbehandlingsplan' }
  expect(text).not.toContain(others[language])
})

test('a long table goes on over pages, each with its number, and loses no row', async () => {
  const many = Array.from({ length: 60 }, (_, i) => ({
    ...goals[0],
    id: `g${i}`,
    target: [],
    description: { text: `Mål nr. ${i}.` },
  }))
  const composition = planDocument({ carePlan, plan, goals: many as never, requests: [], responsible: [], now: NOW })
  const { text, totalPages } = await read(await toPdf({ composition, patient: undefined, author: 'x', language: 'nb' }))
  expect(totalPages).toBeGreaterThan(1)
  expect(many.filter(({ description }) => !text.includes(description.text))).toEqual([])
  expect(text).toContain(`Side ${totalPages} / ${totalPages}`)
})

const told = (html: string) => ({
  text: { status: 'generated' as const, div: `<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>` },
})
const printing = (section: Composition['section']) =>
  toPdf({ composition: { ...documents.plan, section } as Composition, patient, author: 'x', language: 'nb' })

test('a section with entries or sections of its own alone is printed by its title', async () => {
  const { text } = await read(
    await printing([
      { title: 'Bare oppslag', entry: [{ reference: 'Observation/1' }] },
      { title: 'Kapittel', section: [{ title: 'Underkapittel', ...told('<p>Alt er bra.</p>') }] },
    ]),
  )
  expect(text).toMatch(/Bare oppslag.*Kapittel.*Underkapittel.*Alt er bra\./)
})

test('others have their turn while a long table is laid out, and one that is too long is refused', async () => {
  const table = (rows: number) => told(`<table>${'<tr><td>Måling</td><td>84 %</td></tr>'.repeat(rows)}</table>`)
  let turns = 0
  const others = setInterval(() => turns++, 1)
  await printing([table(1_000)]).finally(() => clearInterval(others))
  expect(turns).toBeGreaterThan(2)
  await expect(printing([{ section: [table(20_000)] }])).rejects.toMatchObject({ issues: [{ code: 'too-costly' }] })
})
