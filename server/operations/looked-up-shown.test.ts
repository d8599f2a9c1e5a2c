import type { CarePlan, Condition } from '@medplum/fhirtypes'
import { asShown, type KeptBack } from './looked-up-shown.ts'

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const KEPT: KeptBack = {
  ...{ labels: [`${CONFIDENTIALITY}|V`], degrees: ['strengtFortrolig'] },
  isAddressWithheld: false,
}
const condition = (rest: object): Condition => ({
  ...{ resourceType: 'Condition', id: 'c', subject: { reference: '#p' } },
  ...rest,
})
const labelled = (code: string, system?: string) => ({ meta: { security: [{ code, ...(system ? { system } : {}) }] } })

test.each([
  ['none', {}, true],
  ['one that hides it', labelled('V', CONFIDENTIALITY), false],
  ['one that hides nothing from them', labelled('R', CONFIDENTIALITY), true],
  ['the same code of another system', labelled('V', 'http://example.org'), true],
  ['the code without a system', labelled('V'), false],
  ['not in a list', { meta: { security: { code: 'V', system: CONFIDENTIALITY } } }, false],
  [
    'one of what it contains',
    { contained: [{ resourceType: 'Observation', ...labelled('V', CONFIDENTIALITY) }] },
    false,
  ],
])('a label that is %s: shown %s', (_case, rest, isShown) => {
  const one = condition(rest)
  const { shown, labelled: left } = asShown([one], KEPT)
  expect([shown, left]).toEqual(isShown ? [[one], []] : [[], [one]])
})

const PATIENT = {
  ...{ resourceType: 'Patient', id: 'p', address: [{ line: ['Storgata 1'], city: 'Vik' }] },
  text: { status: 'generated', div: '<div>Storgata 1</div>' },
}
const PLAN = {
  ...{ resourceType: 'CarePlan', id: 'plan', status: 'active', intent: 'plan', title: 'Tiltaksplan' },
  subject: { reference: '#p', display: 'Line' },
  text: { status: 'generated', div: '<div>Hjemme i Storgata 1</div>' },
  contained: [
    PATIENT,
    { resourceType: 'Location', id: 'home', name: 'Storgata 1' },
    { resourceType: 'Organization', id: 'o', name: 'Hjemmetjenesten', text: { status: 'generated', div: 'Storgata' } },
  ],
  author: { reference: '#o' },
  activity: [{ detail: { status: 'in-progress', description: 'Tilsyn', location: { display: 'Storgata 1' } } }],
} as unknown as CarePlan

test('of whom no address is told, what others hold says none: no people or places, no narrative, no place of a measure', () => {
  const [shown] = asShown([PLAN], { ...KEPT, isAddressWithheld: true }).shown
  expect(JSON.stringify(shown)).not.toMatch(/Storgata|Vik/)
  expect(shown).toEqual({
    ...{ resourceType: 'CarePlan', id: 'plan', status: 'active', intent: 'plan', title: 'Tiltaksplan' },
    ...{ subject: { display: 'Line' }, author: { reference: '#o' } },
    contained: [{ resourceType: 'Organization', id: 'o', name: 'Hjemmetjenesten' }],
    activity: [{ detail: { status: 'in-progress', description: 'Tilsyn' } }],
    meta: {
      security: [expect.objectContaining({ code: 'REDACTED' })],
      tag: [expect.objectContaining({ code: 'SUBSETTED' })],
    },
  })
})

test('whatever others write where FHIR has a list of objects, what is kept is kept, and what is shown is labelled', () => {
  const odd = {
    ...PLAN,
    meta: { security: { code: 'R', system: CONFIDENTIALITY }, tag: { code: 't' } },
    contained: [null, 'Storgata 1', PATIENT],
  } as unknown as CarePlan
  const [shown] = asShown([odd], { ...KEPT, isAddressWithheld: true }).shown
  expect(JSON.stringify(shown)).not.toMatch(/Storgata|Vik/)
  expect(shown?.meta).toMatchObject({
    security: [{ code: 'R' }, { code: 'REDACTED' }],
    tag: [{ code: 't' }, { code: 'SUBSETTED' }],
  })
  const labels = { meta: { security: [null, 'V', { code: 'V' }] } }
  expect(asShown([condition(labels)], KEPT).shown).toEqual([])
})

test('a protection that others alone know of counts too, and of anybody else nothing is taken out', () => {
  const system = 'http://ehelse.no/fhir/ValueSet/gd-person-addressprotection'
  const known = (code: string) =>
    condition({ contained: [{ ...PATIENT, ...labelled(code, system) }], code: { text: 'KOLS' } })
  expect(JSON.stringify(asShown([known('strengtFortrolig')], KEPT).shown)).not.toContain('Storgata')
  const open = known('ugradert')
  expect(asShown([open], KEPT).shown).toEqual([open])
})
