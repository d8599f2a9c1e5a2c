import { type AssessedLimit, type Comparator, differenceOf, type Limit } from '../limits/limits.ts'
import type { Language } from './language.ts'
import { inWords as norwegianNumber, quantityInWords, roundedCourse } from './words.ts'

/** What an explanation says, in one language. */
type Phrases = {
  zone: Record<Limit['zone'], string>
  source: Record<Limit['source'], string>
  comparator: Record<Comparator, string>
  not: string
  and: string
  limit: (zone: string) => string
  within: (low: string, high: string) => string
  outside: (low: string, high: string) => string
  difference: (amount: string, below: boolean, baseline: string) => string
  noBaseline: string
  course: (rises: boolean, amount: string, days: string, isSlope: boolean) => string
  noCourse: string
  outcome: Record<'applicable' | 'not-applicable' | 'unevaluable', string>
  true: string
  false: string
  unevaluable: (problem: string) => string
  made: (task: string) => string
  joined: (task: string) => string
  withdrawn: (task: string, why: string) => string
  noted: (task: string) => string
  none: string
  seenBefore: string
  by: (plan: string, version: string, at: string) => string
  wouldApply: (limit: string) => string
  wouldNotApply: (limit: string) => string
  otherwise: (rules: string) => string
  asNow: string
  nothing: Record<NoDecision, string>
}

/** Why nothing was decided about something that came. */
export type NoDecision =
  | 'no-patient'
  | 'not-followed'
  | 'on-hold'
  | 'not-assessable'
  | 'not-listened-to'
  | 'waiting'
  | 'set-aside'
  | 'not-kept'
  | 'not-by-rule'
  | 'nothing-came'
  | 'pruned'

export const PHRASES: Record<Language, Phrases> = {
  nb: {
    zone: { red: 'rød', yellow: 'gul', plausible: 'mulig', baseline: 'egen' },
    source: { patient: 'pasientens egen', plan: 'planens' },
    comparator: { '<': 'under', '<=': 'på eller under', '>': 'over', '>=': 'på eller over' },
    not: 'ikke',
    and: 'og',
    limit: (zone) => `${zone} grense`,
    within: (low, high) => `innenfor det mulige, ${low} til ${high}`,
    outside: (low, high) => `utenfor det mulige, ${low} til ${high}`,
    difference: (amount, below, baseline) => `${amount} ${below ? 'under' : 'over'} egen grunnverdi ${baseline}`,
    noBaseline: 'ingen grunnverdi er satt, så grensen gjelder ikke',
    course: (rises, amount, days, isSlope) =>
      `${rises ? 'opp' : 'ned'} ${amount}${isSlope ? ' per dag' : ''} siste ${days} dager`,
    noCourse: 'for få målinger til å se en utvikling, så grensen gjelder ikke',
    outcome: { applicable: 'slo til', 'not-applicable': 'slo ikke til', unevaluable: 'kunne ikke vurderes' },
    true: 'oppfylt',
    false: 'ikke oppfylt',
    unevaluable: (problem) => `kunne ikke vurderes (${problem})`,
    made: (task) => `Det ble laget en oppgave (${task}).`,
    joined: (task) => `Funnet ble lagt til en oppgave som var åpen (${task}).`,
    withdrawn: (task, why) => `Oppgaven ble tatt tilbake (${task}): ${why}`,
    noted: (task) => `Det ble skrevet et notat på oppgaven (${task}).`,
    none: 'Det ble ingen oppgave: ingen av reglene som ble vurdert, slo til.',
    seenBefore: 'Det ble ingen ny oppgave: det samme var sett før.',
    by: (plan, version, at) => `Vurdert ${at} etter planen «${plan}», versjon ${version}.`,
    wouldApply: (limit) => `Med en grense ${limit} ville regelen ha slått til.`,
    wouldNotApply: (limit) => `Med en grense ${limit} ville regelen ikke ha slått til.`,
    otherwise: (rules) => `Med de andre grensene ville dette ha slått til: ${rules}.`,
    asNow: 'Med de andre grensene ville ingen regel ha slått til.',
    nothing: {
      'no-patient': 'Ressursen hører ikke til noen pasient, så ingen plan vurderer den.',
      'not-followed': 'Ingen plan fulgte pasienten da dette kom.',
      'on-hold': 'Planen var ikke aktiv da dette kom, og da vurderes ingenting.',
      'not-assessable': 'Statusen er slik at den ikke vurderes: den er foreløpig, avbrutt eller trukket tilbake.',
      'not-listened-to': 'Ingen regel i planen vurderer dette: ingen utløser passet.',
      waiting: 'Dette er ikke vurdert ennå.',
      'set-aside': 'Dette kunne ikke behandles og er lagt til side; teamet har fått en oppgave om det.',
      'not-kept': 'Det er vurdert, men grunnlaget ble ikke lagret den gangen.',
      'not-by-rule': 'Ingen regel har laget eller endret denne oppgaven.',
      'nothing-came': 'En plan fulgte pasienten, men ingenting kom som noen regel vurderer, og ingen frist gikk ut.',
      pruned: 'Dette er så lenge siden at det som ble vurdert, ikke er tatt vare på lenger.',
    },
  },
  nn: {
    zone: { red: 'raud', yellow: 'gul', plausible: 'mogleg', baseline: 'eigen' },
    source: { patient: 'pasienten si eiga', plan: 'planen si' },
    comparator: { '<': 'under', '<=': 'på eller under', '>': 'over', '>=': 'på eller over' },
    not: 'ikkje',
    and: 'og',
    limit: (zone) => `${zone} grense`,
    within: (low, high) => `innanfor det moglege, ${low} til ${high}`,
    outside: (low, high) => `utanfor det moglege, ${low} til ${high}`,
    difference: (amount, below, baseline) => `${amount} ${below ? 'under' : 'over'} eigen grunnverdi ${baseline}`,
    noBaseline: 'ingen grunnverdi er sett, så grensa gjeld ikkje',
    course: (rises, amount, days, isSlope) =>
      `${rises ? 'opp' : 'ned'} ${amount}${isSlope ? ' per dag' : ''} siste ${days} dagar`,
    noCourse: 'for få målingar til å sjå ei utvikling, så grensa gjeld ikkje',
    outcome: { applicable: 'slo til', 'not-applicable': 'slo ikkje til', unevaluable: 'kunne ikkje vurderast' },
    true: 'oppfylt',
    false: 'ikkje oppfylt',
    unevaluable: (problem) => `kunne ikkje vurderast (${problem})`,
    made: (task) => `Det vart laga ei oppgåve (${task}).`,
    joined: (task) => `Funnet vart lagt til ei oppgåve som var open (${task}).`,
    withdrawn: (task, why) => `Oppgåva vart teken tilbake (${task}): ${why}`,
    noted: (task) => `Det vart skrive eit notat på oppgåva (${task}).`,
    none: 'Det vart inga oppgåve: ingen av reglane som vart vurderte, slo til.',
    seenBefore: 'Det vart inga ny oppgåve: det same var sett før.',
    by: (plan, version, at) => `Vurdert ${at} etter planen «${plan}», versjon ${version}.`,
    wouldApply: (limit) => `Med ei grense ${limit} ville regelen ha slått til.`,
    wouldNotApply: (limit) => `Med ei grense ${limit} ville regelen ikkje ha slått til.`,
    otherwise: (rules) => `Med dei andre grensene ville dette ha slått til: ${rules}.`,
    asNow: 'Med dei andre grensene ville ingen regel ha slått til.',
    nothing: {
      'no-patient': 'Ressursen høyrer ikkje til nokon pasient, så ingen plan vurderer han.',
      'not-followed': 'Ingen plan følgde pasienten då dette kom.',
      'on-hold': 'Planen var ikkje aktiv då dette kom, og då vert ingenting vurdert.',
      'not-assessable': 'Statusen er slik at det ikkje vert vurdert: førebels, avbrote eller trekt tilbake.',
      'not-listened-to': 'Ingen regel i planen vurderer dette: ingen utløysar passa.',
      waiting: 'Dette er ikkje vurdert enno.',
      'set-aside': 'Dette kunne ikkje handsamast og er lagt til side; teamet har fått ei oppgåve om det.',
      'not-kept': 'Det er vurdert, men grunnlaget vart ikkje lagra den gongen.',
      'not-by-rule': 'Ingen regel har laga eller endra denne oppgåva.',
      'nothing-came': 'Ein plan følgde pasienten, men ingenting kom som nokon regel vurderer, og ingen frist gjekk ut.',
      pruned: 'Dette er så lenge sidan at det som vart vurdert, ikkje er teke vare på lenger.',
    },
  },
  en: {
    zone: { red: 'red', yellow: 'yellow', plausible: 'plausible', baseline: 'own' },
    source: { patient: 'the patient’s own', plan: 'the plan’s' },
    comparator: { '<': 'below', '<=': 'at or below', '>': 'above', '>=': 'at or above' },
    not: 'not',
    and: 'and',
    limit: (zone) => `the ${zone} limit`,
    within: (low, high) => `within what is possible, ${low} to ${high}`,
    outside: (low, high) => `outside what is possible, ${low} to ${high}`,
    difference: (amount, below, baseline) => `${amount} ${below ? 'below' : 'above'} the usual value ${baseline}`,
    noBaseline: 'no usual value is set, so the limit does not apply',
    course: (rises, amount, days, isSlope) =>
      `${rises ? 'up' : 'down'} ${amount}${isSlope ? ' a day' : ''} in the last ${days} days`,
    noCourse: 'too few measurements to see a trend, so the limit does not apply',
    outcome: { applicable: 'applied', 'not-applicable': 'did not apply', unevaluable: 'could not be evaluated' },
    true: 'met',
    false: 'not met',
    unevaluable: (problem) => `could not be evaluated (${problem})`,
    made: (task) => `A task was made (${task}).`,
    joined: (task) => `The finding was added to a task that was open (${task}).`,
    withdrawn: (task, why) => `The task was taken back (${task}): ${why}`,
    noted: (task) => `A note was written on the task (${task}).`,
    none: 'No task was made: none of the rules that were evaluated applied.',
    seenBefore: 'No new task was made: the same had been seen before.',
    by: (plan, version, at) => `Evaluated ${at} by the plan “${plan}”, version ${version}.`,
    wouldApply: (limit) => `With a limit ${limit} the rule would have applied.`,
    wouldNotApply: (limit) => `With a limit ${limit} the rule would not have applied.`,
    otherwise: (rules) => `With the other limits these would have applied: ${rules}.`,
    asNow: 'With the other limits no rule would have applied.',
    nothing: {
      'no-patient': 'The resource belongs to no patient, so no plan evaluates it.',
      'not-followed': 'No plan followed the patient when this came.',
      'on-hold': 'The plan was not active when this came, and then nothing is evaluated.',
      'not-assessable': 'Its status is one that is not evaluated: preliminary, cancelled or withdrawn.',
      'not-listened-to': 'No rule of the plan evaluates this: no trigger fitted.',
      waiting: 'This has not been evaluated yet.',
      'set-aside': 'This could not be handled and was set aside; the team has a task about it.',
      'not-kept': 'It was evaluated, but what it rested on was not kept at that time.',
      'not-by-rule': 'No rule has made or changed this task.',
      'nothing-came': 'A plan followed the patient, but nothing came that a rule evaluates, and no time ran out.',
      pruned: 'This is so long ago that what was decided is no longer kept.',
    },
  },
}

const numberInWords = (value: number, language: Language): string =>
  language === 'en' ? String(value) : norwegianNumber(value)

const POINTS: Record<Language, string> = { nb: 'prosentpoeng', nn: 'prosentpoeng', en: 'percentage points' }

/** How one measurement lies beside one limit: «SpO2 84 % er under rød grense 88 % (pasientens egen)». */
export function limitInWords(limit: AssessedLimit, language: Language): string {
  const phrases = PHRASES[language]
  const is = language === 'en' ? 'is' : 'er'
  const quantity = (value: number, unit = limit.unit) => quantityInWords(value, unit, language)
  const subject = `${limit.measure} ${quantity(limit.observed, limit.observedUnit)}`
  const owner = `(${phrases.source[limit.source]})`
  if (limit.zone === 'plausible') {
    const ends = [quantity(limit.value), quantity(limit.valueMax ?? limit.value)] as const
    return `${subject} ${is} ${limit.hit ? phrases.within(...ends) : phrases.outside(...ends)}`
  }
  const name = phrases.limit(phrases.zone[limit.zone])
  const negation = limit.hit ? '' : `${phrases.not} `
  const comparator = phrases.comparator[limit.comparator ?? '<']
  if (limit.trend) return `${courseInWords(limit, language)}, ${negation}${comparator} ${name} ${owner}`
  if (!limit.relative) return `${subject} ${is} ${negation}${comparator} ${name} ${quantity(limit.value)} ${owner}`
  if (limit.baseline === undefined) return `${subject}: ${phrases.noBaseline}`
  const difference = differenceOf(limit, limit.observed, limit.baseline)
  const away = limit.inPercent ? roundedCourse(difference) : Math.abs(difference)
  // Of what is measured in percent, 5 below 94 is not 5 % below it.
  const unit = limit.unit === '%' && !limit.inPercent ? POINTS[language] : limit.unit
  const usual = quantity(limit.baseline, limit.observedUnit)
  const amount = phrases.difference(quantity(away, unit), difference < 0, usual)
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${quantity(Math.abs(value), unit)}`
  return `${subject} ${is} ${amount}, ${negation}${comparator} ${name} ${signed(limit.value)} ${owner}`
}

function courseInWords({ trend, course, unit, measure, value }: AssessedLimit, language: Language): string {
  const phrases = PHRASES[language]
  if (!trend || course === undefined) return `${measure}: ${phrases.noCourse}`
  const isSlope = trend.method === 'slope'
  const days = numberInWords(Number((trend.windowMilliseconds / 86_400_000).toFixed(1)), language)
  const amount = (course: number) => quantityInWords(roundedCourse(course), unit.replace(/\/d$/, ''), language)
  const limit = phrases.course(value > 0, amount(value), days, isSlope)
  return `${measure}: ${phrases.course(course > 0, amount(course), days, isSlope)} (${limit})`
}
