import type { Encounter } from '@medplum/fhirtypes'
import { reportOfOffer } from '../../server/cds-hooks/offer-report.ts'
import { isNamed } from '../../server/lifecycle/named-definitions.ts'
import { loadOffers, resourcesOf } from '../../server/plans/load-pathways.ts'

const [offer] = loadOffers('copd')
if (!offer) throw new Error('COPD is not offered')
const { plan, cases } = offer
const resources = resourcesOf('copd')
const find = (canonical: string) => resources.find((one) => isNamed(canonical, one))
const named = (name: string) => {
  const found = cases.find((one) => one.name === name)
  if (!found) throw new Error(`there is no case ${name}`)
  return found.given
}
const report = (given: (typeof cases)[number]['given']) => reportOfOffer(plan, [{ name: 'one', given }], find)

test('who left the hospital today, by the day alone, is offered follow-up', () => {
  const { facts, ...rest } = named('discharged')
  const [stay] = facts as unknown as Encounter[]
  const today = { ...stay, period: { ...stay?.period, end: '2026-11-23' } }
  expect(report({ ...rest, facts: [today as never], offered: ['refer'] }).passed).toBe(true)
})

test('a case that expects otherwise fails, and says what is offered', () => {
  const [failed] = report({ ...named('diagnosed'), offered: [] }).cases
  expect(failed).toMatchObject({ passed: false, differences: ['offered: expected nothing, is refer'] })
})

test('a hook that is none fails its case', () => {
  const [failed] = report({ ...named('diagnosed'), hook: 'patient-opened', offered: [] }).cases
  expect(failed?.differences).toEqual(['"patient-opened" is no hook of CDS Hooks'])
})

test('an action that is always offered, or never, is told', () => {
  const only = (name: string) => report(named(name)).coverage
  expect(only('diagnosed')).toEqual([
    { actionId: 'offer', fires: true, spares: false },
    { actionId: 'refer', fires: true, spares: false },
  ])
  expect(only('long-ago')).toEqual([
    { actionId: 'offer', fires: false, spares: true },
    { actionId: 'refer', fires: false, spares: true },
  ])
})

test('all cases come as they are written', () => {
  expect(reportOfOffer(plan, cases, find).cases.filter(({ passed }) => !passed)).toEqual([])
})

test.each(
  // Each alternative of the condition in turn cannot be met any more: some case must notice.
  [
    ["status in ('active' | 'on-hold')", "status in ('active')"],
    ["status in ('active' | 'on-hold')", "status in ('on-hold')"],
    ["$this = 'http://fylgje.no/fhir/PlanDefinition/copd' or ", ''],
    [" or $this.startsWith('http://fylgje.no/fhir/PlanDefinition/copd|')", ''],
    ["code in ('J44.0' | 'J44.1' | '195951007')", "code in ('J44.0' | '195951007')"],
    ["code in ('J44.0' | 'J44.1' | '195951007')", "code in ('J44.0' | 'J44.1')"],
    ['recordedDate >= now() - 30 days or ', ''],
    [' or onset.ofType(dateTime) >= now() - 30 days', ''],
    ["status in ('in-progress' | 'onleave')", "status in ('onleave')"],
    ["status in ('in-progress' | 'onleave')", "status in ('in-progress')"],
    [' and period.end >= now() - 30 days', ''],
    [' and period.end <= now() + 1 day', ''],
    [
      "reasonCode.coding.exists(code in ('J44' | 'J44.0' | 'J44.1' | 'J44.8' | 'J44.9' | 'R95' | '13645005' | '195951007')) or ",
      '',
    ],
  ],
)('the cases notice when %s becomes "%s"', (written, other) => {
  const text = JSON.stringify(plan)
  expect(text).toContain(written)
  const changed = JSON.parse(text.replace(written, other)) as typeof plan
  expect(reportOfOffer(changed, cases, find).passed).toBe(false)
})
