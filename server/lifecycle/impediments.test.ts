import type { Extension, PlanDefinition } from '@medplum/fhirtypes'
import { SILENCE_OWNER, SILENCES } from '../decide/silence/silence-owner.ts'
import { impedimentsTo } from './impediments.ts'

const owning = (silence: string, { owner = { text: 'Vakt' }, after = { value: 30, code: 'min' } } = {}): Extension => ({
  url: SILENCE_OWNER,
  extension: [
    { url: 'silence', valueCode: silence },
    { url: 'owner', valueCodeableConcept: owner },
    { url: 'after', valueDuration: after },
  ],
})

const plan = (extension: Extension[]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', url: 'http://x/p', version: '1.0.0', status: 'draft', extension },
})

/** What is said of silences alone. */
const ofSilence = (extension: Extension[]) =>
  impedimentsTo({ plan: plan(extension), definitions: new Map(), report: undefined }).filter(({ diagnostics }) =>
    diagnostics.includes('silence'),
  )

test('with an owner and a time for each silence nothing stands against a plan', () => {
  expect(ofSilence(SILENCES.map((silence) => owning(silence)))).toEqual([])
})

test.each(SILENCES)('a plan in which nobody owns %s does not come into force', (silence) => {
  const others = SILENCES.filter((one) => one !== silence).map((one) => owning(one))
  const refusal = {
    ...{ severity: 'error', code: 'business-rule', expression: ['PlanDefinition.extension'] },
    diagnostics: `Nobody owns the silence "${silence}": an extension silence-owner says silence, owner and after.`,
  }
  expect(ofSilence(others)).toEqual([refusal])
  // An owner without a name, and a time that is none, are as good as nobody.
  expect(ofSilence([...others, owning(silence, { owner: { text: '' } })])).toEqual([refusal])
  expect(ofSilence([...others, owning(silence, { after: { value: 3, code: 'parsec' } })])).toEqual([refusal])
  expect(ofSilence([...others, owning(silence, { after: { value: 0, code: 'min' } })])).toEqual([refusal])
})
