import type { ActivityDefinition, CarePlan, PlanDefinition, PlanDefinitionAction, Task } from '@medplum/fhirtypes'
import { ADVICE, type Advised, conflictsAmong, keepAdvice } from './conflicting-advice.ts'
import { compilePlan } from './plan/compile-plan.ts'
import { translated } from './words/translated.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const FLUID = { coding: [{ system: 'http://snomed.info/sct', code: '226354008' }], text: 'drikke' }
const advice = (direction: string, topic: object = FLUID) => ({
  url: ADVICE,
  extension: [
    { url: 'topic', valueCodeableConcept: topic },
    { url: 'direction', valueCode: direction },
  ],
})

function advised(name: string, action: PlanDefinitionAction, activity?: ActivityDefinition): Advised {
  const definition: PlanDefinition = {
    ...{ resourceType: 'PlanDefinition', url: `http://x/${name}`, version: '1', status: 'active', title: name },
    action: [
      { id: 'a', title: `Råd i ${name}`, ...action, ...(activity ? { definitionCanonical: activity.url } : {}) },
    ],
  }
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', id: name, status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
    careTeam: [{ reference: `CareTeam/${name}` }],
  }
  return { carePlan, plan: compilePlan(definition, () => activity) }
}

const copd = advised('kols', { extension: [advice('more')] })
const failure = advised('hjertesvikt', { extension: [advice('less')] })
let count = 0
const keep = (all: Advised[], openTasks: Task[] = []) =>
  keepAdvice({ advised: all, openTasks, now: NOW, newId: () => `t${++count}` })

test('two plans that say the opposite of one thing are one Task for a doctor, in three languages', () => {
  const [decided, ...others] = keep([copd, failure])
  expect(others).toEqual([])
  expect(decided).toMatchObject({
    act: 'create',
    task: {
      status: 'requested',
      performerType: [{ coding: [{ code: 'doctor' }] }],
      basedOn: [{ reference: 'CarePlan/kols' }, { reference: 'CarePlan/hjertesvikt' }],
      reasonCode: { text: '«kols» (Råd i kols) og «hjertesvikt» (Råd i hjertesvikt) gir motsatte råd om drikke.' },
    },
  })
  expect(JSON.stringify(decided?.task.reasonCode)).toContain('give opposite advice on drikke')
  expect(translated(decided?.task ?? {}, 'description', 'en')).toMatch(/give opposite advice on drikke\.$/)
})

test('it is told once, whichever plan came first, and taken back when one has ended', () => {
  const task = keep([copd, failure])[0]?.task as Task
  expect(keep([failure, copd], [task])).toEqual([])
  expect(keep([copd], [task])).toMatchObject([{ act: 'update', task: { id: task.id, status: 'cancelled' } }])
  // What a doctor has begun with is theirs to end.
  expect(keep([copd], [{ ...task, status: 'in-progress' }])).toEqual([])
})

test.each([
  ['the same advice', advised('other', { extension: [advice('more')] })],
  ['another topic', advised('other', { extension: [advice('less', { text: 'salt' })] })],
  ['what is no direction', advised('other', { extension: [advice('sideways')] })],
  ['the same plan in two CarePlans', { ...copd, carePlan: { ...copd.carePlan, id: 'again' } }],
])('%s is no conflict', (_name, other) => {
  expect(conflictsAmong([copd, other])).toEqual([])
})

test('an activity of the patient’s own against one that must not be done', () => {
  const activity = (name: string, change: Partial<ActivityDefinition>): ActivityDefinition => ({
    ...{
      resourceType: 'ActivityDefinition',
      url: `http://x/activity-${name}`,
      status: 'active',
      kind: 'ServiceRequest',
    },
    ...{ code: { coding: [{ system: 'http://x', code: 'sauna' }], text: 'badstue' }, ...change },
  })
  const doing = advised('doing', {}, activity('do', { participant: [{ type: 'patient' }] }))
  const avoiding = advised('avoiding', {}, activity('avoid', { doNotPerform: true }))
  expect(conflictsAmong([doing, avoiding])).toMatchObject([{ topic: 'http://x|sauna' }])
})
