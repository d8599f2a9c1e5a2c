import type { CarePlan, Observation, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { COLOURS } from '../core/decide/plan/vocabulary.ts'
import { triageColour } from '../core/decide/words/coded-words.ts'
import { LANGUAGES, type Language } from '../core/decide/words/language.ts'
import { type FollowUp, homeMonitoringCard } from './home-monitoring-card.ts'

const task = (change: Partial<Task> = {}): Task => ({
  ...{ resourceType: 'Task', status: 'requested', intent: 'order', for: { reference: 'Patient/1' } },
  ...{ businessStatus: triageColour('red'), reasonCode: { text: 'SpO2 84 %, rød grense 88 %' } },
  ...change,
})
const carePlan: CarePlan = {
  ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: 'Patient/1' } },
  title: 'KOLS',
}
const latest: Observation = {
  ...{
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'SpO2' },
    effectiveDateTime: '2026-03-02T06:40:00Z',
  },
  valueQuantity: { value: 84, unit: '%' },
}
const cardOf = (followUp: Partial<FollowUp>, language: Language = 'nb') =>
  homeMonitoringCard(
    { carePlans: [], tasks: [], ...followUp },
    { language, newId: () => 'id', launchUrl: 'https://f.example/apps/clinician/launch', baseUrl: 'https://f.example' },
  )

test('who is not followed has no card', () => {
  expect(cardOf({})).toBeUndefined()
  expect(cardOf({ latest })).toBeUndefined()
})

test('what waits, the worst first, and the latest measurement', () => {
  const end = '2026-03-02T09:30:00Z'
  const yellow = task({
    ...{ businessStatus: triageColour('yellow'), reasonCode: { text: 'Vekt opp 2,1 kg' } },
    restriction: { period: { end } },
  })
  expect(cardOf({ carePlans: [carePlan], tasks: [yellow, task(), yellow], latest })).toEqual({
    ...{ uuid: 'id', indicator: 'critical', source: { label: 'Fylgje', url: 'https://f.example' } },
    summary: 'Hjemmeoppfølging: 1 rød og 2 gule oppgaver, siste måling 2026-03-02 kl. 07:40',
    detail: [
      '- **Rød**: SpO2 84 %, rød grense 88 %',
      '- **Gul**: Vekt opp 2,1 kg (frist 2026-03-02 kl. 10:30)',
      '- **Gul**: Vekt opp 2,1 kg (frist 2026-03-02 kl. 10:30)',
      '- KOLS',
      '- Siste måling: SpO2 84 %, 2026-03-02 kl. 07:40',
    ].join('\n'),
    links: [{ label: 'Åpne hjemmeoppfølging', url: 'https://f.example/apps/clinician/launch', type: 'smart' }],
  })
})

test.each([
  ['nn', 'Heimeoppfølging: ingen opne oppgåver', 'KOLS (på pause)'],
  ['en', 'Home monitoring: no open tasks', 'KOLS (paused)'],
] as const)('in %s: %s', (language, summary, line) => {
  const card = cardOf({ carePlans: [{ ...carePlan, status: 'on-hold' }] }, language)
  expect(card).toMatchObject({ summary, indicator: 'info', detail: `- ${line}` })
})

test('what somebody wrote is text in the card, never a link, a heading or a line of its own', () => {
  const said = '[klikk](https://x.example)\n# Stor\n<img src=x>'
  expect(cardOf({ tasks: [task({ reasonCode: { text: said } })] })?.detail).toBe(
    '- **Rød**: \\[klikk\\](https://x.example) \\# Stor \\<img src=x\\>',
  )
})

test('whatever waits, the summary fits a card, the worst colour is its indicator and five are told', () => {
  const tasks = fc.array(
    fc.constantFrom(...COLOURS).map((colour) => task({ businessStatus: triageColour(colour) })),
    {
      maxLength: 100,
    },
  )
  fc.assert(
    fc.property(tasks, fc.constantFrom(...LANGUAGES), (waiting, language) => {
      const card = cardOf({ carePlans: [carePlan], tasks: waiting, latest }, language)
      expect(card?.summary.length).toBeLessThan(140)
      const isRed = waiting.some(({ businessStatus }) => businessStatus?.coding?.[0]?.code === 'red')
      expect(card?.indicator === 'critical').toBe(isRed)
      expect(card?.detail?.match(/\*\*/g)?.length ?? 0).toBe(2 * Math.min(5, waiting.length))
    }),
  )
})
