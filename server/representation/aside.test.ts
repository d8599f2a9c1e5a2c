import { Refusal } from '../core/fhir/outcome.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { jsonFromXmlAside, refuseJsonAside, representAside } from './aside.ts'
import { jsonFromXml } from './from-xml.ts'
import { represent } from './represent.ts'

const definitions = loadDefinitions()
const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Oksygenmetning, målt på stol 🫐' },
  valueQuantity: { value: 84.5 },
}
const bundle = JSON.stringify({
  resourceType: 'Bundle',
  type: 'collection',
  entry: Array.from({ length: 50 }, () => ({ resource: observation })),
}).replaceAll('84.5', '84.50')

test('what is done aside is what would be done here', async () => {
  const xml = represent(definitions, bundle, { format: 'xml', pretty: false })
  expect(textOf(await representAside(bundle, { format: 'xml', pretty: false }))).toBe(xml)
  const pretty = represent(definitions, bundle, { format: 'json', pretty: true })
  expect(textOf(await representAside(bundle, { format: 'json', pretty: true }))).toBe(pretty)
  expect(pretty).toContain('"value": 84.50')
  expect(textOf(await jsonFromXmlAside(bytesOf(xml)))).toBe(jsonFromXml(definitions, xml))
})

test.each([
  ['is no XML', bytesOf('<Observation'), 'invalid'],
  ['is no UTF-8', Uint8Array.from([0x3c, 0xff]), 'invalid'],
  [
    'has an element that R4 does not have',
    bytesOf('<Patient xmlns="http://hl7.org/fhir"><nam/></Patient>'),
    'structure',
  ],
])('what %s is refused with its issue', async (_what, xml, code) => {
  const refused = await jsonFromXmlAside(xml).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Refusal)
  expect((refused as Refusal).issues[0]).toMatchObject({ severity: 'error', code })
})

test('what is wrong with a text is said in the words that are used here, and nothing of one that is right', async () => {
  const broken = `${bundle.slice(0, -1)},"type":"batch"}`
  const refused = await refuseJsonAside(broken).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Refusal)
  expect((refused as Refusal).issues).toEqual([
    { severity: 'error', code: 'invalid', diagnostics: 'An object has the name "type" twice.' },
  ])
  await refuseJsonAside(bundle)
})

test('a fault of ours is a fault, and the next who asks is answered', async () => {
  const asked = [
    representAside('no JSON that we stored', { format: 'xml', pretty: false }),
    representAside('{"resourceType":"Patient"}', { format: 'xml', pretty: false }),
  ]
  const [failed, done] = await Promise.allSettled(asked)
  expect(failed?.status).toBe('rejected')
  expect(done?.status === 'fulfilled' && textOf(done.value)).toContain('<Patient')
})
