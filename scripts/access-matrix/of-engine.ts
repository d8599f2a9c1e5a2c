import { CODES, day, LOINC, type Making, ref } from './making.ts'
import { MEMBERS } from './staff.ts'

const FYLGJE = 'http://fylgje.no/fhir'
const taskCode = (code: string) => ({ coding: [{ system: `${FYLGJE}/CodeSystem/task-code`, code }] })
const taskInput = (code: string) => ({ coding: [{ system: `${FYLGJE}/CodeSystem/task-input`, code }] })

/** What the engine and the operations of a plan leave behind about a patient: handovers, changes to come, scores, proposals. */
export function makeOfEngine(making: Making, id: string, i: number): void {
  const { random, docs } = making
  const subject = ref(`Patient/${id}`)
  if (random.happens(0.4)) makeHandover(making, id, i)
  if (random.happens(0.4)) planChange(making, i)
  docs.push(
    {
      ...{ resourceType: 'ServiceRequest', id: `m-referral-${i}`, status: 'active', intent: 'order', subject },
      requester: ref(random.pick(MEMBERS.filter((member) => member.startsWith('Practitioner')))),
      code: { coding: [{ system: LOINC, code: random.pick(CODES) }] },
    },
    {
      ...{ resourceType: 'Observation', id: `m-score-${i}`, status: 'final', subject },
      code: { coding: [{ system: LOINC, code: random.pick(CODES) }] },
      derivedFrom: [ref(`QuestionnaireResponse/m-answer-${i}`)],
    },
    { resourceType: 'RequestGroup', id: `m-proposal-${i}`, status: 'active', intent: 'plan', subject },
    {
      ...{ resourceType: 'ClinicalImpression', id: `m-triage-${i}`, status: 'completed', subject },
      investigation: [{ code: { text: 'x' }, item: [ref(`Observation/m-obs-${i}-0`)] }],
    },
    // What came of a plan for one patient, which is theirs, as what teams have to expect is nobody's.
    measureReport(`m-benefit-${i}`, { type: 'individual', subject }),
  )
}

/** A question from one team to another, held where something is missing: then it stays with whoever asks. */
function makeHandover({ random, docs }: Making, id: string, i: number): void {
  const [from = '', to = ''] = random.some(MEMBERS, 2)
  const status = random.pick(['requested', 'received', 'on-hold', 'rejected', 'completed'])
  docs.push({
    ...{ resourceType: 'Task', id: `m-handover-${i}`, intent: 'proposal', for: ref(`Patient/${id}`), status },
    code: taskCode('handover'),
    focus: ref(`CarePlan/m-cp-${i}`),
    owner: ref(status === 'on-hold' ? from : to),
    input: [
      { type: taskInput('handover-from'), valueReference: ref(from) },
      { type: taskInput('handover-to'), valueReference: ref(to) },
    ],
  })
}

/** Another team is to have the patient: until its moment comes it is no team of theirs. */
function planChange({ random, now, docs }: Making, i: number): void {
  const plan = docs.find(({ id }) => id === `m-cp-${i}`)
  if (!plan) return
  plan.extension = [
    {
      url: `${FYLGJE}/StructureDefinition/planned-change`,
      extension: [
        { url: 'id', valueId: `change-${i}` },
        { url: 'at', valueInstant: day(now, 3) },
        { url: 'careTeam', valueReference: ref(random.pick(['CareTeam/m-team', 'CareTeam/m-team-old'])) },
        { url: 'reason', valueString: 'holiday' },
      ],
    },
  ]
}

/** What is of no patient: a plan, the quieter version that was tried of it and the Task that says so, and a week's forecast for a team. */
export function makeOfNobody({ docs }: Making): void {
  const plan = (id: string, status: string) => ({ resourceType: 'PlanDefinition', id, status, url: `${FYLGJE}/${id}` })
  docs.push(plan('m-plan', 'active'), plan('m-plan-tried', 'draft'))
  docs.push({
    ...{ resourceType: 'Task', id: 'm-trial', status: 'requested', intent: 'order', owner: ref('CareTeam/m-team') },
    code: taskCode('alarm-budget-exceeded'),
    focus: ref('PlanDefinition/m-plan'),
    input: [{ type: taskInput('alternative'), valueReference: ref('PlanDefinition/m-plan-tried') }],
  })
  docs.push(
    measureReport('m-forecast', {
      evaluatedResource: [ref('PlanDefinition/m-plan'), ref('CareTeam/m-team')],
      identifier: [{ system: `${FYLGJE}/NamingSystem/workload-forecast`, value: 'm-plan|CareTeam/m-team|2026-11-23' }],
    }),
  )
}

const measureReport = (id: string, more: object) => ({
  ...{ resourceType: 'MeasureReport', id, status: 'complete', type: 'summary', measure: `${FYLGJE}/Measure/workload` },
  period: { start: '2026-11-16', end: '2026-11-22' },
  ...more,
})
