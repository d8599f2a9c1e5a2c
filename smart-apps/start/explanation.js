import { element } from './element.js'
import { text } from './language.js'
import { readFhir } from './server.js'
import { sparkline } from './sparkline.js'
import { moment } from './time.js'

const CHART_DAYS = 30
const SPO2 = 'http://loinc.org|59408-5,http://loinc.org|2708-6'
const LIMIT = 'http://fylgje.no/fhir/StructureDefinition/limit'

/** Why this Task is here: rule, value, limit, evidence, and the course that the value stands in. */
export async function showExplanation(container, row) {
  const { task } = row
  const facts = element('dl', { class: 'facts' }, ...factsOf(row))
  const chart = element('div', { class: 'chart', 'aria-busy': 'true' })
  container.replaceChildren(facts, chart)
  try {
    const [observations, limits] = await Promise.all([recentSpo2(row.patientId), limitsOf(task)])
    chart.replaceChildren(sparkline(observations, limits, CHART_DAYS))
  } catch (error) {
    chart.replaceChildren(element('p', { class: 'quiet' }, text('partial', { reason: error.message })))
  }
  chart.setAttribute('aria-busy', 'false')
}

function factsOf({ task, reason, authoredOn, deadline }) {
  const [plan, version] = (task.instantiatesCanonical ?? '').split('|')
  const [, action] = task.identifier?.[0]?.value?.split('|') ?? []
  return [
    fact(text('why'), reason, 'nb'),
    task.description && fact(text('rule'), [task.description, action && element('code', {}, action)], 'nb'),
    ...evidenceOf(task),
    plan && fact(text('plan'), [plan.split('/').at(-1), ' ', version && element('span', { class: 'quiet' }, version)]),
    task.owner?.display && fact(text('team'), task.owner.display, 'nb'),
    fact(text('raised'), moment(authoredOn)),
    deadline && fact(text('due'), moment(deadline)),
  ].filter(Boolean)
}

/** Each piece of evidence by its words; the reference with its version stands in the Task. */
function evidenceOf(task) {
  const pieces = (task.input ?? []).filter(({ type }) => ['evidence', 'moment'].includes(type?.coding?.[0]?.code))
  if (pieces.length === 0) return []
  const items = pieces.slice(-5).map((input) => {
    const [resource, version] = (input.valueReference?.reference ?? '').split('/_history/')
    const words = input.valueReference?.display ?? input.type?.coding?.[0]?.display ?? resource
    const when = input.valueDateTime ? ` ${moment(new Date(input.valueDateTime))}` : ''
    return element('li', {}, `${words}${when} `, version && element('code', {}, `${resource} v${version}`))
  })
  return [fact(text('evidence'), [element('ul', {}, ...items)], 'nb')]
}

function fact(name, content, lang) {
  const children = Array.isArray(content) ? content.filter(Boolean).flatMap((child) => [child, ' ']) : [content]
  return element('div', {}, element('dt', {}, name), element('dd', { lang }, ...children))
}

async function recentSpo2(patientId) {
  const query = new URLSearchParams({ patient: patientId, code: SPO2, _sort: '-date', _count: '120' })
  const bundle = await readFhir(`Observation?${query}`)
  const since = Date.now() - CHART_DAYS * 86_400_000
  return (bundle.entry ?? [])
    .map(({ resource }) => ({ at: Date.parse(resource.effectiveDateTime), value: resource.valueQuantity?.value }))
    .filter(({ at, value }) => at >= since && typeof value === 'number')
    .sort((one, other) => one.at - other.at)
}

/** The limits that hold for SpO2: the person's own, else the plan's. */
async function limitsOf(task) {
  const carePlan = task.basedOn?.[0]?.reference
  const goals = await readFhir(`Goal?${new URLSearchParams({ patient: task.for.reference.split('/')[1] })}`)
  const own = targets((goals.entry ?? []).map(({ resource }) => resource))
  if (own.red !== undefined && own.yellow !== undefined) return own
  if (!carePlan || !task.instantiatesCanonical) return own
  const [url] = task.instantiatesCanonical.split('|')
  const plans = await readFhir(`PlanDefinition?${new URLSearchParams({ url, status: 'active' })}`)
  return { ...targets(plans.entry?.[0]?.resource?.goal ?? []), ...own }
}

/** Absolute low limits of SpO2 by zone. */
function targets(goals) {
  const found = {}
  for (const target of goals.flatMap((goal) => goal.target ?? [])) {
    const parts = target.extension?.find(({ url }) => url === LIMIT)?.extension ?? []
    const part = (name) => parts.find(({ url }) => url === name)?.valueCode
    const isSpo2 = target.measure?.coding?.some(({ code }) => code === '59408-5' || code === '2708-6')
    if (!isSpo2 || part('relativeTo') || part('side') === 'high') continue
    const value = target.detailQuantity?.value ?? target.detailRange?.high?.value
    if (['red', 'yellow'].includes(part('zone')) && value !== undefined) found[part('zone')] = value
  }
  return found
}
