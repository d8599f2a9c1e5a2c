import { element } from './element.js'
import { text, translated } from './language.js'
import { readFhir } from './server.js'
import { sparkline } from './sparkline.js'
import { unbroken } from './tasks.js'
import { moment } from './time.js'

const CHART_DAYS = 30
const SPO2 = 'http://loinc.org|59408-5,http://loinc.org|2708-6'
const FINDING = 'http://fylgje.no/fhir/NamingSystem/finding'
const LIMIT = 'http://fylgje.no/fhir/StructureDefinition/limit'

const plans = new Map()

/** Why this Task is here: rule, value, limit, evidence, and the course that the value stands in. */
export async function showExplanation(container, row) {
  const facts = element('dl', { class: 'facts' }, ...factsOf(row))
  const chart = element('div', { class: 'chart', 'aria-busy': 'true' })
  container.replaceChildren(facts, chart)
  try {
    const [observations, goals, plan] = await Promise.all([
      recentSpo2(row.patientId),
      goalsOf(row.patientId),
      planOf(row.task),
    ])
    facts.replaceChildren(...factsOf(row, plan))
    chart.replaceChildren(sparkline(observations, { ...limitsOf(plan?.goal), ...limitsOf(goals) }, CHART_DAYS))
  } catch (error) {
    const reason = error.message || text('offlineEmpty')
    chart.replaceChildren(element('p', { class: 'quiet' }, text('partial', { reason })))
  }
  chart.setAttribute('aria-busy', 'false')
}

function factsOf({ task, reason, authoredOn, deadline }, plan) {
  const [, version] = (task.instantiatesCanonical ?? '').split('|')
  const toDo = translated(task, 'description')
  return [
    fact(text('why'), reason.text, reason.lang),
    task.description && fact(text('toDo'), toDo.text, toDo.lang),
    ...ruleOf(task, plan),
    ...evidenceOf(task),
    plan && fact(text('plan'), [plan.title ?? plan.name, element('span', { class: 'quiet' }, version)], 'nb'),
    task.owner?.display && fact(text('team'), task.owner.display, 'nb'),
    fact(text('raised'), moment(authoredOn)),
    deadline && fact(text('due'), moment(deadline)),
  ].filter(Boolean)
}

/** The plan's action that raised the Task; its id stands second in the Task's identifier. */
function ruleOf(task, plan) {
  const [, id] = task.identifier?.find(({ system }) => system === FINDING)?.value.split('|') ?? []
  const action = findAction(plan?.action ?? [], id)
  if (!id) return []
  return [fact(text('rule'), [action?.title ?? id, action?.prefix && element('code', {}, action.prefix)], 'nb')]
}

function findAction(actions, id) {
  for (const action of actions) {
    const found = action.id === id ? action : findAction(action.action ?? [], id)
    if (found) return found
  }
  return undefined
}

/** Each piece of evidence by its words; the reference with its version stands in the Task. */
function evidenceOf(task) {
  const pieces = (task.input ?? []).filter(({ type }) => ['evidence', 'moment'].includes(type?.coding?.[0]?.code))
  if (pieces.length === 0) return []
  const items = pieces.slice(-5).map((input) => {
    const [resource, version] = (input.valueReference?.reference ?? '').split('/_history/')
    const words = input.valueReference?.display ?? input.type?.coding?.[0]?.display ?? resource
    const when = input.valueDateTime ? ` ${moment(new Date(input.valueDateTime))}` : ''
    const reference = version && `${resource} v${version}`
    return element(
      'li',
      {},
      `${unbroken(words)}${when} `,
      reference && element('code', { class: 'reference', title: reference }, reference),
    )
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

async function goalsOf(patientId) {
  const bundle = await readFhir(`Goal?${new URLSearchParams({ patient: patientId })}`)
  return (bundle.entry ?? [])
    .map(({ resource }) => resource)
    .filter(({ lifecycleStatus }) => lifecycleStatus === 'active')
}

/** The plan that the Task came from; a plan's version never changes, so it is read once. */
async function planOf({ instantiatesCanonical }) {
  if (!instantiatesCanonical) return undefined
  const [url, version] = instantiatesCanonical.split('|')
  if (!plans.has(instantiatesCanonical)) {
    const bundle = await readFhir(`PlanDefinition?${new URLSearchParams({ url, ...(version ? { version } : {}) })}`)
    plans.set(instantiatesCanonical, bundle.entry?.[0]?.resource)
  }
  return plans.get(instantiatesCanonical)
}

/** Absolute low limits of SpO2 by zone, of a plan's goals or a person's own Goals. */
function limitsOf(goals = []) {
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
