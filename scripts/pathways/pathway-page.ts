import type {
  ActivityDefinition,
  Duration,
  Extension,
  GoalTarget,
  Measure,
  PlanDefinition,
  PlanDefinitionAction,
  Quantity,
  Questionnaire,
  QuestionnaireItem,
  TimingRepeat,
} from '@medplum/fhirtypes'
import type { PathwayCase } from '../../server/core/decide/cases/pathway-case.ts'
import { ENDS_WHEN } from '../../server/core/decide/enrolment/ends-when.ts'
import { sourcesOfLimit } from '../../server/core/decide/limits/limit-sources.ts'
import { type Colour, LIMIT, SERVICE_LEVEL, ZONE_ADVICE } from '../../server/core/decide/plan/vocabulary.ts'
import { OCCURRENCE_POLICY } from '../../server/core/decide/schedule/policy.ts'
import { SILENCE_OWNER } from '../../server/core/decide/silence/silence-owner.ts'
import { stageIn, stagesOf } from '../../server/core/decide/stages/stage.ts'
import { COLOUR_WORDS, colourIn } from '../../server/core/decide/words/coded-words.ts'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { minutesPerTaskOf } from '../../server/lifecycle/forecast/forecast-report.ts'
import { isNamed } from '../../server/lifecycle/named-definitions.ts'
import { loadOffers, loadPathway, type Offer, resourcesOf } from '../../server/plans/load-pathways.ts'
import { approvalsOf } from './approvals.ts'
import { codesIn, TERMINOLOGIES } from './codes-of-terminologies.ts'
import { keyOf, knownCode } from './known-codes.ts'
import { flowOf } from './pathway-flow.ts'
import { type Row, table, withSources } from './rows.ts'

export type Pathway = { plan: PlanDefinition; resources: Resource[]; cases: [string, PathwayCase][]; offers: Offer[] }

/** @param name of its folder in `plandefinitions/` */
export function readPathway(name: string): Pathway {
  const { plan, cases } = loadPathway(name)
  return { plan: plan.definition, resources: resourcesOf(name), cases, offers: loadOffers(name) }
}

/** A pathway as a clinician reads it, in Markdown and bokmål: everything that is decided here comes from the content itself. */
export function pathwayPage(pathway: Pathway): string {
  const { plan, resources, cases } = pathway
  return [
    `# ${plan.title}`,
    `${plan.description}`,
    `Versjon ${plan.version}. Skrevet ut av innholdet i \`plandefinitions/${plan.id}/\` med \`npm run pathways -- pages\`. Kilder: **G** retningslinje eller offisiell tabell, **S** studie eller publisert protokoll, **N** norsk praksis, **P** eget forslag.`,
    ...(plan.usage ? ['## Hvem planen er for', plan.usage] : []),
    ...approvalsOf([
      {
        ...{ kind: 'Grense', rows: limitsOf(plan) },
        nameOf: ([measure, zone, bound]) => `${measure}: ${zone?.toLowerCase()}, ${bound}`,
      },
      {
        ...{ kind: 'Regel', rows: rulesOf(pathway) },
        nameOf: ([rule, colour, when]) => [rule, colour && `(${colour.toLowerCase()})`, when].filter(Boolean).join(' '),
      },
      {
        ...{ kind: 'Det pasienten gjør', rows: activitiesOf(pathway) },
        nameOf: ([what, when]) => [what, when].filter(Boolean).join(', '),
      },
      { kind: 'Forslag i journalsystemet', rows: offersOf(pathway), nameOf: ([what]) => what ?? '' },
    ]),
    '## Flyten',
    flowOf(pathway),
    ...offersIn(pathway),
    '## Hva pasienten gjør',
    table(['Hva', 'Når', 'Hvordan', 'Kilde'], activitiesOf(pathway).map(withSources)),
    ...zonesOf(plan),
    '## Grenser',
    'Startverdier. Pasientens egne grenser går foran dem.',
    table(['Måling', 'Sone', 'Grense', 'Kilde'], limitsOf(plan).map(withSources)),
    '## Regler',
    table(['Regel', 'Farge', 'Når', 'Hva teamet gjør', 'Frist', 'Kilde'], rulesOf(pathway).map(withSources)),
    ...escalationOf(pathway),
    ...workOf(plan),
    ...missingOf(plan),
    ...silencesOf(plan),
    ...stagesIn(plan),
    ...endOf(plan),
    ...benefitsOf(resources),
    ...questionnairesOf(resources),
    ...codesOf(resources),
    '## Kasus',
    `${cases.length} kasus spilles av hver gang testene kjøres. Hver regel slår til i minst ett og holder seg i ro i minst ett annet.`,
    table(
      ['Kasus', 'Oppgaver etterpå'],
      cases.map((one) => caseRow(one, plan)),
    ),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

function activitiesOf({ plan, resources }: Pathway): Row[] {
  return (plan.action ?? [])
    .flatMap((action) => (stageIn(action) ? inStage(action) : [{ action, phase: '' }]))
    .filter(({ action }) => !action.trigger && !action.action)
    .map(({ action, phase }) => {
      const definition = resources.find((one) => isNamed(action.definitionCanonical ?? '', one)) as
        | ActivityDefinition
        | undefined
      const repeat = action.timingTiming?.repeat ?? definition?.timingTiming?.repeat
      const often = repeat ? inWords(repeat) : phase && 'én gang'
      const when = [phase, often].filter(Boolean).join(': ')
      return { cells: [action.title ?? '', when, definition?.description ?? ''], documentation: action.documentation }
    })
}

const inStage = ({ title, action = [] }: PlanDefinitionAction) =>
  action.map((one) => ({ action: one, phase: title ?? '' }))

const UNITS: Record<string, [one: string, many: string]> = {
  min: ['minutt', 'minutter'],
  h: ['time', 'timer'],
  d: ['dag', 'dager'],
  wk: ['uke', 'uker'],
  mo: ['måned', 'måneder'],
}

const LIST = new Intl.ListFormat('nb', { type: 'conjunction' })

const WITHIN: Record<string, string> = { d: 'om dagen', wk: 'i uken', mo: 'i måneden' }

const amount = (value: number, unit: string) => `${value} ${UNITS[unit]?.[value === 1 ? 0 : 1] ?? unit}`

const WEEKDAYS: Record<string, string> = {
  ...{ mon: 'mandag', tue: 'tirsdag', wed: 'onsdag', thu: 'torsdag', fri: 'fredag', sat: 'lørdag', sun: 'søndag' },
}

function inWords({
  frequency = 1,
  period = 1,
  periodUnit = 'd',
  dayOfWeek = [],
  timeOfDay = [],
}: TimingRepeat): string {
  if (dayOfWeek.length > 0 && period === 1) {
    return `hver ${LIST.format(dayOfWeek.map((day) => WEEKDAYS[day] ?? day))}${atTimes(timeOfDay)}`
  }
  const unit = UNITS[periodUnit]?.[0] ?? periodUnit
  const every = period === 1 ? `hver ${unit}` : `hver ${period}. ${unit}`
  const times = frequency === 1 ? every : `${frequency} ganger ${(period === 1 && WITHIN[periodUnit]) || every}`
  return `${times}${atTimes(timeOfDay)}`
}

const atTimes = (times: string[]): string =>
  times.length > 0 ? ` kl. ${LIST.format(times.map((time) => time.slice(0, 5)))}` : ''

/** `480 min` is told as 8 timer. */
function durationInWords({ value = 0, code, unit }: Duration): string {
  const ucum = code ?? unit ?? ''
  return ucum === 'min' && value >= 60 && value % 60 === 0 ? amount(value / 60, 'h') : amount(value, ucum)
}

function zonesOf({ extension = [] }: PlanDefinition): string[] {
  const advice = extension.filter(({ url }) => url === ZONE_ADVICE)
  if (advice.length === 0) return []
  const part = (one: Extension, name: string) => one.extension?.find(({ url }) => url === name)
  return [
    '## Egenbehandlingsplan',
    table(
      ['Sone', 'Hva du gjør', 'Hvem du ringer', 'Kveld, natt og helg'],
      advice.map((one) => [
        `**${colourName(part(one, 'zone')?.valueCode)}**`,
        ...['todo', 'call', 'outside-hours'].map((name) => part(one, name)?.valueString ?? ''),
      ]),
    ),
  ]
}

const MARKS: Record<string, string> = {
  ...{ goal: 'målet', deadline: 'fristen', 'passed-deadline': 'hver gang fristen er brutt på nytt' },
}
const ACTS: Record<string, string> = {
  notify: 'den som har oppgaven, varsles',
  raise: 'oppgaven får høyere hastegrad',
  reassign: 'oppgaven går til en annen',
  queue: 'oppgaven går til en annen kø',
}

/** Where a step is for a role of those who work the same queue. */
const ROLE_ACTS: Record<string, (role: string) => string> = {
  notify: (role) => `teamet varsles om at oppgaven venter på ${role}`,
  reassign: (role) => `oppgaven blir også for ${role}, og den som hadde tatt den, har den ikke lenger`,
}

/** What an EHR is told while somebody works in it, by plans that stand beside the pathway and follow nobody (CDS Hooks). */
function offersOf({ offers }: Pathway): Row[] {
  return offers.flatMap(({ plan: { action = [] } }) =>
    action.map(({ title = '', trigger = [], condition = [], action: offered = [], documentation }) => {
      const when = trigger.map(({ name = '' }) => HOOKS[name] ?? name)
      const told = condition.flatMap(({ expression }) => expression?.description ?? [])
      const cells = [title, LIST.format(when), told.join(' '), offered.map((one) => one.title ?? '').join(' · ')]
      return { cells, documentation }
    }),
  )
}

const HOOKS: Record<string, string> = {
  'patient-view': 'journalen åpnes',
  'encounter-discharge': 'pasienten skrives ut',
}

function offersIn(pathway: Pathway): string[] {
  const rows = offersOf(pathway)
  if (rows.length === 0) return []
  return [
    '## Når journalsystemet foreslår oppfølging',
    table(['Forslag', 'Når', 'For hvem', 'Hva som kan gjøres', 'Kilde'], rows.map(withSources)),
    ...pathway.offers.map(({ cases }) =>
      table(
        ['Kasus', 'Når', 'Foreslås det?'],
        cases.map(({ given: { title, hook, offered } }) => [
          title,
          HOOKS[hook] ?? hook,
          offered.length > 0 ? 'ja' : 'nei',
        ]),
      ),
    ),
  ]
}

/** What happens when nobody does what a rule has asked for: one row an activity that says so. */
function escalationOf({ resources }: Pathway): string[] {
  const activities = resources.filter(
    ({ resourceType }) => resourceType === 'ActivityDefinition',
  ) as unknown as ActivityDefinition[]
  const rows = activities.flatMap(({ title, extension = [] }) => {
    const parts = extension.find(({ url }) => url === SERVICE_LEVEL)?.extension
    if (!parts) return []
    const part = (name: string) => parts.find(({ url }) => url === name)
    const span = (name: string) => {
      const duration = part(name)?.valueDuration
      return duration ? durationInWords(duration) : ''
    }
    const count = part('repeat-count')?.valuePositiveInt
    const again = count ? `${count} ganger, med ${span('repeat')} mellom` : ''
    const acts = parts.filter(({ url }) => url === 'escalation').map(escalationInWords)
    return [[title ?? '', span('goal'), span('deadline'), again, acts.join('. ')]]
  })
  if (rows.length === 0) return []
  return [
    '## Hvis ingen gjør noe',
    'Oppgaver som ikke står her, har fristen i tabellen over, og blir stående som forsinket.',
    table(['Oppgave', 'Mål', 'Frist', 'Etter fristen', 'Hva som skjer'], rows),
  ]
}

function escalationInWords({ extension = [] }: Extension): string {
  const code = (name: string) => extension.find(({ url }) => url === name)?.valueCode ?? ''
  const to = extension.find(({ url }) => url === 'to')?.valueCodeableConcept
  const role = to?.coding?.[0]?.display?.toLowerCase()
  const act = role ? ROLE_ACTS[code('act')]?.(role) : ACTS[code('act')]
  return `Ved ${MARKS[code('at')] ?? code('at')}: ${act ?? code('act')}`
}

/** What a Task is reckoned to take; nobody has measured it yet. */
function workOf(plan: PlanDefinition): string[] {
  const minutes = minutesPerTaskOf(plan)
  if (minutes === undefined) return []
  return [
    '## Hvor mye arbeid det er',
    `Hver oppgave er regnet til ${minutes} minutter når ukens bemanning varsles. **P** Eget forslag: må godkjennes av en navngitt kliniker før bruk.`,
  ]
}

const SILENCES: Record<string, string> = {
  'not-measured': 'Ikke målt',
  'not-sent': 'Målt, men ikke sendt',
  'not-evaluated': 'Sendt, men ikke vurdert av reglene',
  'not-opened': 'Vurdert, men ingen har åpnet oppgaven',
  'not-decided': 'Åpnet, men ingen har bestemt noe',
}

/** Whose each kind of silence is, and after how long. */
function silencesOf({ extension = [] }: PlanDefinition): string[] {
  const rows = extension
    .filter(({ url }) => url === SILENCE_OWNER)
    .map(({ extension: parts = [] }) => {
      const part = (name: string) => parts.find(({ url }) => url === name)
      const { valueDuration } = part('after') ?? {}
      const silence = part('silence')?.valueCode ?? ''
      const owner = part('owner')?.valueCodeableConcept?.coding?.[0]?.display ?? ''
      return [SILENCES[silence] ?? silence, owner, valueDuration ? durationInWords(valueDuration) : '']
    })
  return rows.length > 0 ? ['## Når det blir stille', table(['Stillhet', 'Hvem som får vite det', 'Etter'], rows)] : []
}

/** Where the engine itself tells of what did not come; a plan with rules of its own for that has them among its rules. */
function missingOf({ extension = [] }: PlanDefinition): string[] {
  const policy = extension.find(({ url }) => url === OCCURRENCE_POLICY)?.extension ?? []
  const spans = (name: string) =>
    policy.flatMap(({ url, valueDuration }) => (url === name && valueDuration ? [durationInWords(valueDuration)] : []))
  if (policy.find(({ url }) => url === 'missing')?.valueCode !== 'task') return []
  const said = [
    ...spans('nudge').map((span) => `Pasienten minnes om det ${span} etter at noe skulle ha kommet.`),
    ...spans('grace').map((span) => `Er det ikke kommet ${span} etter, får teamet én grå oppgave om det.`),
    'Kommer det likevel, tas oppgaven tilbake. Når planen er satt på pause, savnes ingenting.',
  ]
  return ['## Når noe uteblir', said.join(' ')]
}

function stagesIn(plan: PlanDefinition): string[] {
  const stages = stagesOf(plan)
  if (stages.length === 0) return []
  const titleOf = (id: string) => stages.find((one) => one.id === id)?.title.nb ?? id
  return [
    '## Faser',
    table(
      ['Fase', 'Varer', 'Deretter'],
      stages.map(({ title, goal, next = [] }) => [
        title.nb,
        goal ? durationInWords(goal) : '',
        next.map(titleOf).join(', '),
      ]),
    ),
  ]
}

function endOf({ extension = [] }: PlanDefinition): string[] {
  const when = extension.find(({ url }) => url === ENDS_WHEN)?.valueExpression?.description
  if (!when) return []
  return [
    '## Avslutning',
    `Planen avsluttes av seg selv når: ${when}. Da slutter det den har satt i gang, og en oppsummering med målinger, arbeid og mål blir skrevet.`,
  ]
}

function benefitsOf(resources: Resource[]): string[] {
  const measures = resources.filter(({ resourceType }) => resourceType === 'Measure') as unknown as Measure[]
  return measures.flatMap(({ title, description, group = [] }) => [
    `## ${title}`,
    `${description}`,
    table(
      ['Gevinst', 'Hva som telles'],
      group.map((one) => [one.code?.text ?? '', one.description ?? '']),
    ),
  ])
}

const colourName = (code: string | undefined) => COLOUR_WORDS[code as Colour]?.nb ?? code ?? ''

const ZONES: Record<string, string> = { red: 'Rød', yellow: 'Gul', plausible: 'Mulig', baseline: 'Vanlig' }

function limitsOf({ goal = [] }: PlanDefinition): Row[] {
  return goal.flatMap(({ target = [] }) =>
    (target as GoalTarget[]).map((one) => {
      const parts = one.extension?.find(({ url }) => url === LIMIT)?.extension ?? []
      const part = (name: string) => parts.find(({ url }) => url === name)
      const zone = ZONES[part('zone')?.valueCode ?? ''] ?? ''
      return { cells: [one.measure?.text ?? '', zone, boundInWords(one, part)], documentation: sourcesOfLimit(one) }
    }),
  )
}

const SIGNS: Record<string, string> = { '<': 'under', '<=': 'høyst', '>': 'over', '>=': 'minst' }

function boundInWords(target: GoalTarget, part: (name: string) => Extension | undefined): string {
  const { detailQuantity, detailRange } = target
  if (detailRange) return `${quantity(detailRange.low)} til ${quantity(detailRange.high)}`
  if (!detailQuantity) return ''
  const isLow = part('side')?.valueCode !== 'high'
  const sign = SIGNS[detailQuantity.comparator ?? (isLow ? '<' : '>')] ?? ''
  const difference = { ...detailQuantity, value: Math.abs(detailQuantity.value ?? 0) }
  const window = part('window')?.valueDuration
  if (part('trend')) {
    const bound = detailQuantity.comparator?.includes('=') ? 'minst' : 'mer enn'
    const daily = part('trend')?.valueCode === 'slope' ? ' om dagen' : ''
    const over = window ? ` ${daily ? 'over' : 'på'} ${durationInWords(window)}` : ''
    return `${bound} ${quantity(difference)} ${isLow ? 'ned' : 'opp'}${daily}${over}`
  }
  if (part('relativeTo')) {
    const isInclusive = detailQuantity.comparator?.includes('=')
    // Of what is measured in percent, such as SpO2, 5 below the usual value is not 5 % below it.
    const isInPoints = part('relativeTo')?.valueCode === 'baseline' && detailQuantity.code === '%'
    const amount = quantity(isInPoints ? { value: difference.value, unit: 'prosentpoeng' } : difference)
    return `${isInclusive ? 'minst' : 'mer enn'} ${amount} ${isLow ? 'under' : 'over'} egen vanlig verdi`
  }
  return `${sign} ${quantity(detailQuantity)}`
}

const quantity = ({ value, unit, code }: Quantity = {}) =>
  `${String(value ?? '').replace('.', ',')} ${unit ?? code ?? ''}`.trim()

function rulesOf({ plan, resources }: Pathway): Row[] {
  return leavesOf(plan.action ?? []).map(({ action, group }) => {
    const definition = resources.find((one) => isNamed(action.definitionCanonical ?? '', one)) as
      | ActivityDefinition
      | undefined
    const deadline = action.timingDuration ?? definition?.timingDuration
    const roles = definition?.participant?.flatMap(({ role }) => role?.coding?.[0]?.display ?? []) ?? []
    const asked = [action.description, roles.length ? `(${roles.join(', ')})` : ''].filter(Boolean).join(' ')
    const within = deadline ? durationInWords(deadline) : ''
    return {
      cells: [
        action.prefix ? `**${action.prefix}**` : '–',
        colourOf(action) ?? '',
        whenOf(action, group),
        asked,
        within,
      ],
      documentation: action.documentation,
    }
  })
}

type Leaf = { action: PlanDefinitionAction; group: PlanDefinitionAction | undefined }

/** The rules themselves, each with the group that it stands in; what the patient does is no rule. */
function leavesOf(actions: PlanDefinitionAction[], group?: PlanDefinitionAction): Leaf[] {
  return actions.flatMap((action) => {
    if (action.action?.length) return leavesOf(action.action, action)
    return action.trigger || group?.trigger ? [{ action, group }] : []
  })
}

/** In the content's own words, else by the expression: nothing is told that is not there. */
function whenOf({ title, textEquivalent, condition = [] }: PlanDefinitionAction, group: Leaf['group']): string {
  const said = condition.flatMap(({ expression }) => expression?.description ?? [])
  const where = group?.title && group.title !== title ? `${group.title}: ` : ''
  const words = textEquivalent ?? (said.length ? said.join(' ') : '')
  return `${where}${title ?? ''}${words ? `. ${words}` : ''}`
}

function colourOf({ code }: PlanDefinitionAction): string | undefined {
  const colour = colourIn(code)
  return colour && COLOUR_WORDS[colour].nb
}

function questionnairesOf(resources: Resource[]): string[] {
  const forms = resources.filter(({ resourceType }) => resourceType === 'Questionnaire') as unknown as Questionnaire[]
  return forms.flatMap(({ title, description, copyright, item = [] }) => [
    `## Skjema: ${title}`,
    ...[[description, copyright].filter(Boolean).join(' ')].filter(Boolean),
    table(['Spørsmål', 'Svar'], item.flatMap(questionRows)),
  ])
}

function questionRows({ text = '', type, item = [], answerOption = [] }: QuestionnaireItem): string[][] {
  const kinds: Record<string, string> = {
    boolean: 'ja eller nei',
    integer: 'et tall',
    decimal: 'et tall',
    group: '',
    display: '',
  }
  const options = answerOption.map(({ valueCoding }) => valueCoding?.display ?? '').join(' · ')
  const own = type === 'group' ? `**${text}**` : text
  return [[own, options || (kinds[type] ?? 'tekst')], ...item.flatMap(questionRows)]
}

/** Where each code was seen; what is seen nowhere says so. */
function codesOf(resources: Resource[]): string[] {
  const used = new Set(resources.flatMap(codesIn).flatMap((one) => knownCode(one) ?? []))
  const rows = [...used].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  if (rows.length === 0) return []
  return [
    '## Koder',
    'LOINC og SNOMED CT følger ikke med. Det som ikke er bekreftet, må slås opp i kodeverket før bruk.',
    table(
      ['Kodeverk', 'Kode', 'Navn', 'Koden er sett i', 'Navnet er sett i'],
      rows.map(({ system, code, display, codeFrom, displayFrom }) => [
        ...[TERMINOLOGIES.get(system)?.name ?? system, code, display],
        ...[codeFrom ?? '**ikke bekreftet**', displayFrom ?? '**ikke bekreftet**'],
      ]),
    ),
  ]
}

const STATUSES: Record<string, string> = {
  ...{ cancelled: 'tatt tilbake', completed: 'gjort', 'in-progress': 'noen arbeider med den', accepted: 'tatt' },
  ...{ rejected: 'avvist', failed: 'lot seg ikke gjøre', 'on-hold': 'på vent' },
}

function caseRow([name, { title, tasks }]: [string, PathwayCase], plan: PlanDefinition): string[] {
  const came = tasks.map(({ rule, colour, status = 'requested' }) =>
    [
      colour ? colourName(colour) : '',
      ruleInWords(rule, plan),
      status === 'requested' ? '' : `(${STATUSES[status] ?? status})`,
    ]
      .filter(Boolean)
      .join(' '),
  )
  return [`${title} (\`${name}\`)`, came.join('<br>') || 'ingen']
}

/** As the rules are called above; `rule!` is the Task that tells that a rule could not be evaluated. */
function ruleInWords(rule: string, plan: PlanDefinition): string {
  const id = rule.replace(/!$/, '')
  const action = findAction(plan.action, id)
  const called = action?.prefix ?? action?.title ?? `\`${id}\``
  return rule.endsWith('!') ? `${called} kan ikke vurderes` : called
}

function findAction(actions: PlanDefinitionAction[] = [], id: string): PlanDefinitionAction | undefined {
  for (const action of actions) {
    const found = action.id === id ? action : findAction(action.action, id)
    if (found) return found
  }
  return undefined
}
