import type { ConsentProvision } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { RESOURCE_TYPES, rulesOf } from './consent-rules.ts'

const REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const basis = { baseUrl: 'http://localhost/fhir', isResourceType: (code: string) => code === 'Observation' }
const actor = (...references: string[]) => references.map((reference) => ({ role: {}, reference: { reference } }))
const purpose = (code: string) => [{ system: REASON, code }]
const action = (code: string) => [{ coding: [{ system: 'x', code }] }]
const optOut = { coding: [{ system: 'x', code: 'OPTOUT' }] }

const rules = (provision: ConsentProvision, policyRule?: object) =>
  rulesOf({ provision, ...(policyRule && { policyRule }) }, basis)
const told = ({ issues }: ReturnType<typeof rulesOf>) =>
  issues.map(({ severity, expression }) => [severity, expression?.[0]])

describe('what it closes', () => {
  test('a deny closes, but for its exceptions', () => {
    const [closing] = rules({ type: 'deny', provision: [{ type: 'permit', actor: actor('Practitioner/1') }] }).closes
    expect(closing?.but).toEqual([{ type: 'permit', actor: actor('Practitioner/1') }])
  })

  test('an opt-out closes what a root without a type says, as R4 writes it', () => {
    expect(rules({ actor: actor('Organization/1') }, optOut).closes).toEqual([
      { what: { actor: actor('Organization/1') }, but: [] },
    ])
    expect(rulesOf({ policyRule: optOut }, basis).closes).toHaveLength(1)
  })

  test('purposes and actions are not told apart: it is closed for all of them, and told', () => {
    const read = rules({ type: 'deny', purpose: purpose('TREAT'), action: action('correct') })
    expect(read.closes).toHaveLength(1)
    expect(told(read)).toEqual([
      ['warning', 'Consent.provision.purpose'],
      ['warning', 'Consent.provision.action'],
    ])
  })

  test('a purpose that nothing here has closes nothing', () =>
    expect(rules({ type: 'deny', purpose: purpose('HMARKT') }).closes).toEqual([]))

  test('another patient sees nothing anyway, so nothing is closed to everyone for their sake', () => {
    expect(rules({ type: 'deny', actor: actor('Patient/2') }).closes).toEqual([])
    const { closes } = rules({ type: 'deny', actor: actor('Patient/2', 'Organization/1') })
    expect(closes[0]?.what.actor).toEqual(actor('Organization/1'))
  })

  test.each<[string, ConsentProvision]>([
    ['an actor nobody knows', { actor: actor('Device/1') }],
    ['a class that is no type', { class: [{ system: 'urn:ietf:bcp:13', code: 'text/xml' }] }],
    ['data by relation', { data: [{ meaning: 'related', reference: { reference: 'Task/1' } }] }],
  ])('%s is refused in what is closed', (_, what) => {
    expect(told(rules({ type: 'deny', ...what }))).toEqual([['error', expect.any(String)]])
    expect(told(rules({ type: 'permit', provision: [{ type: 'deny', ...what }] }))).toContainEqual([
      'error',
      expect.stringContaining('Consent.provision.provision[0].'),
    ])
  })

  test.each<[string, ConsentProvision]>([
    ['for a purpose that is not care', { purpose: purpose('HRESCH') }],
    ['for an action that is not reading', { action: action('correct') }],
    ['for nobody known', { actor: actor('Group/1') }],
    ['with exceptions', { provision: [{ type: 'deny' }] }],
    ['of data by relation', { data: [{ meaning: 'related', reference: { reference: 'Task/1' } }] }],
  ])('an exception %s is none: it stays closed, and is told', (_, what) => {
    const read = rules({ type: 'deny', provision: [{ type: 'permit', ...what }] })
    expect(read.closes).toEqual([expect.objectContaining({ but: [] })])
    expect(told(read)).toEqual([['warning', 'Consent.provision.provision[0]']])
  })
})

describe('what it grants', () => {
  test('a permit is for its actors; one within may name its own', () => {
    expect(rules({ type: 'permit', actor: actor('RelatedPerson/1') }).grants).toHaveLength(1)
    const { grants } = rules({ provision: [{ type: 'permit', actor: actor('Practitioner/1') }] })
    expect(grants).toEqual([{ type: 'permit', actor: actor('Practitioner/1') }])
  })

  test.each<[string, ConsentProvision]>([
    ['to nobody', {}],
    ['to a group', { actor: actor('Group/1') }],
    ['of labels', { actor: actor('Practitioner/1'), securityLabel: [{ code: 'R' }] }],
    ['for research', { actor: actor('Practitioner/1'), purpose: purpose('HRESCH') }],
    ['to correct', { actor: actor('Practitioner/1'), action: action('correct') }],
    ['of documents', { actor: actor('Practitioner/1'), class: [{ system: 'urn:ietf:bcp:13', code: 'text/xml' }] }],
  ])('a permit %s grants nothing, and is told', (_, what) => {
    const read = rules({ type: 'permit', ...what })
    expect(read.grants).toEqual([])
    expect(told(read)).toEqual([['warning', expect.any(String)]])
  })

  test('a root without a type grants nothing, whatever its policyRule', () => {
    const optIn = { coding: [{ system: 'x', code: 'OPTIN' }] }
    const read = rules({ actor: actor('Organization/1') }, optIn)
    expect([read.grants, read.closes]).toEqual([[], []])
    expect(told(read)).toEqual([['warning', 'Consent.provision.type']])
  })
})

test('whatever is added to a permit, it never grants more; whatever is added to a deny in words not told apart, it closes no less', () => {
  const more = fc.record<ConsentProvision>(
    {
      purpose: fc.constantFrom(purpose('TREAT'), purpose('HRESCH')),
      action: fc.constantFrom(action('access'), action('collect')),
      securityLabel: fc.constant([{ code: 'R' }]),
      class: fc.constantFrom([{ system: RESOURCE_TYPES, code: 'Observation' }], [{ system: 'x', code: 'y' }]),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(more, (limits) => {
      const grants = rules({ type: 'permit', actor: actor('Practitioner/1'), ...limits }).grants
      expect(grants.length).toBeLessThanOrEqual(1)
      for (const { class: classes } of grants) expect(classes).toEqual(limits.class)
      const { purpose: why, action: how } = limits
      const isElsewhere = why?.[0]?.code === 'HRESCH'
      const { closes } = rules({ type: 'deny', ...(why && { purpose: why }), ...(how && { action: how }) })
      expect(closes).toHaveLength(isElsewhere ? 0 : 1)
    }),
  )
})
