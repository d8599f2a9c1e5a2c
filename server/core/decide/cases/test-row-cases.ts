import type { CompiledPlan } from '../plan/compile-plan.ts'
import type { CaseEvent, CaseLimit, PathwayCase } from './pathway-case.ts'
import {
  ASKS_ON,
  BEGINS_BY_FACTS,
  BY_PLACE,
  DEEPER_URL,
  DIARY_URL,
  heartPlan,
  IN_STAGES,
  LIVING_URL,
  LOOKS_AT_PICTURES,
  listensTo,
  moveTo,
  PULSE,
  REFERRED,
  REUSED,
  SCORED,
  STAGES,
  UNANSWERED,
  WEIGHT,
} from './test-heart-plan.ts'

/** A case of the engine's own, and the rows of the national anchors that it shows. */
export type RowCase = { rows: number[]; plan?: CompiledPlan; given: PathwayCase }

/** Of a Tuesday in November, by Norwegian clocks: `t('08:00')`, `t('08:00', 2)` two days later. */
const t = (time: string, days = 0) => `2026-11-${String(10 + days).padStart(2, '0')}T${time}:00+01:00`
const utc = (time: string) => new Date(time).toISOString()

const kilos = (id: string, at: string, value: number, more: object = {}): CaseEvent => ({
  at,
  measured: { id, code: WEIGHT, value, unit: 'kg', ...more },
})
const beats = (id: string, at: string, value: number): CaseEvent => ({
  at,
  measured: { id, code: PULSE, value, unit: '/min' },
})
const high = (zone: 'red' | 'yellow', value: number, more: Partial<CaseLimit> = {}): CaseLimit => ({
  ...{ code: WEIGHT, zone, side: 'high', comparator: '>', value, unit: 'kg', ...more },
})
const LIMITS = [high('yellow', 82), high('red', 84)]
const daily = (timeOfDay: string) => ({ frequency: 1, period: 1, periodUnit: 'd' as const, timeOfDay: [timeOfDay] })
const WEIGH = { id: 'weigh', code: WEIGHT, repeat: daily('08:00:00') }
const DIARY = { id: 'diary', questionnaire: `${DIARY_URL}|1`, repeat: daily('20:00:00'), grace: 60 }

/** A picture that the patient has taken. */
const picture = (id: string, at: string, more: object = {}): CaseEvent => ({
  at,
  resource: {
    ...{ resourceType: 'Media', id, status: 'completed', subject: { reference: 'Patient/case' } },
    ...{ createdDateTime: at, content: { contentType: 'image/jpeg' }, ...more },
  },
})
/** The rules, none of the plan's actions, by which a referral is asked about. */
const ASKS_REFERRER = `*eligibility:${DEEPER_URL}`
const ASKS_PATIENT = `*eligibility:${LIVING_URL}`
const milestone = (at: string, code: string): CaseEvent => ({
  at,
  resource: {
    ...{ resourceType: 'Goal', id: 'stable', lifecycleStatus: 'active', description: { text: 'Stabil' } },
    ...{ subject: { reference: 'Patient/case' }, achievementStatus: { coding: [{ code }] } },
  },
})
/** A weight with how it was measured. */
const weighed = (id: string, at: string, made: object): CaseEvent => ({
  at,
  resource: {
    ...{
      resourceType: 'Observation',
      id,
      status: 'final',
      subject: { reference: 'Patient/case' },
      effectiveDateTime: at,
    },
    code: { coding: [{ system: 'http://loinc.org', code: WEIGHT }] },
    valueQuantity: { value: 85, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    ...made,
  },
})
const BY_PATIENT = { performer: [{ reference: 'Patient/case' }] }
const BY_STAFF = { performer: [{ reference: 'Practitioner/nurse' }] }
const ON_SCALE = (state: string) => ({
  contained: [{ resourceType: 'DeviceMetric', id: 'scale', calibration: [{ state }] }],
  device: { reference: '#scale' },
})
const livesIn = (postalCode: string) => [{ resourceType: 'Patient', id: 'case', address: [{ postalCode }] }]

export const ROW_CASES: RowCase[] = [
  {
    rows: [22],
    plan: heartPlan({ only: REUSED }),
    given: {
      title: 'Målt av pasienten: teller for den ene regelen, ikke for den som vil ha det fra helsepersonell',
      patient: {},
      events: [weighed('a', t('08:00'), BY_PATIENT)],
      tasks: [{ rule: 'at-home', colour: 'yellow' }],
    },
  },
  {
    rows: [22],
    plan: heartPlan({ only: REUSED }),
    given: {
      title: 'Målt av helsepersonell på kalibrert vekt: teller for begge',
      patient: {},
      events: [weighed('a', t('08:00'), { ...BY_STAFF, ...ON_SCALE('calibrated') })],
      tasks: [
        { rule: 'at-home', colour: 'yellow' },
        { rule: 'at-ward', colour: 'red' },
      ],
    },
  },
  {
    rows: [22],
    plan: heartPlan({ only: REUSED }),
    given: {
      title: 'Vekten må kalibreres, eller målingen er to dager gammel: teller ikke der det kreves',
      patient: {},
      events: [
        weighed('a', t('08:00'), { ...BY_STAFF, ...ON_SCALE('calibration-required') }),
        weighed('b', t('09:00', 2), { ...BY_STAFF, ...ON_SCALE('calibrated'), effectiveDateTime: t('08:00') }),
      ],
      tasks: [{ rule: 'at-home', count: 2 }],
    },
  },
  {
    rows: [22],
    plan: heartPlan({ only: REUSED }),
    given: {
      title: 'Ingen vet hvem som har målt: teller for ingen av dem',
      patient: {},
      events: [weighed('a', t('08:00'), {})],
      tasks: [],
    },
  },
  {
    rows: [7],
    plan: heartPlan({ only: IN_STAGES }),
    given: {
      title: 'Faser: hver regel lytter i sin fase; det den første satte i gang, slutter når pasienten flyttes videre',
      patient: {},
      events: [beats('a', t('08:00'), 95), { at: t('09:00'), event: 'stable' }, beats('b', t('10:00'), 96)],
      stages: ['close', 'steady'],
      tasks: [
        { rule: 'close-pulse', colour: 'yellow', evidence: ['Observation/a/_history/1'], count: 1 },
        { rule: 'steady-pulse', colour: 'grey', evidence: ['Observation/b/_history/1'], count: 1 },
      ],
      requests: [{ type: 'ServiceRequest', rule: 'weigh-often', status: 'revoked' }],
    },
  },
  {
    rows: [7],
    plan: heartPlan({ only: IN_STAGES }),
    given: {
      title: 'En fase har en frist: da får teamet vite det, og ikke mer når pasienten flyttes videre av en behandler',
      patient: {},
      events: [beats('a', t('08:00'), 80), { at: t('08:00', 15), stage: 'steady', reason: 'Stabil i to uker' }],
      until: t('08:00', 16),
      stages: ['close', 'steady'],
      tasks: [
        { rule: 'occurrence-missing', code: 'missing-measurement' },
        { rule: '*stage', code: 'stage-late', colour: 'yellow', status: 'cancelled' },
      ],
    },
  },
  {
    rows: [7],
    plan: heartPlan({ only: [...IN_STAGES, listensTo('stage-deadline', 'own-deadline')] }),
    given: {
      title: 'En regel som lytter på fristen til en fase, svarer i stedet for motoren',
      patient: {},
      events: [beats('a', t('08:00'), 80)],
      until: t('08:00', 15),
      stages: ['close'],
      tasks: [{ rule: 'occurrence-missing' }, { rule: 'own-deadline', colour: 'grey' }],
    },
  },
  {
    rows: [7, 8],
    plan: heartPlan({ only: IN_STAGES }),
    given: {
      title: 'Et unntak: innlagt er en fase for seg, og det den bringer, kommer når den begynner, én gang',
      patient: {},
      events: [
        { at: t('08:00'), event: 'in-hospital' },
        { at: t('09:00'), event: 'in-hospital' },
        beats('a', t('10:00'), 95),
      ],
      stages: ['close', 'admitted'],
      tasks: [{ rule: 'tell-ward', colour: 'yellow', count: 1 }],
      requests: [{ type: 'ServiceRequest', rule: 'weigh-often', status: 'revoked' }],
    },
  },
  {
    rows: [7, 16],
    plan: heartPlan({ only: [...IN_STAGES, { ...listensTo('back', 'back'), extension: moveTo('close') }] }),
    given: {
      title: 'En regel som vil flytte pasienten dit planen ikke fører, er en oppgave om regelen',
      patient: {},
      events: [
        { at: t('08:00'), event: 'stable' },
        { at: t('09:00'), event: 'back' },
      ],
      stages: ['close', 'steady'],
      tasks: [
        { rule: 'back!', code: 'rule-unevaluable', reason: 'etter fasen «steady» kommer ikke «close», men admitted' },
      ],
    },
  },
  // ---- stages, pictures, questions that lead on, places ----
  {
    rows: [7],
    plan: heartPlan({ more: STAGES }),
    given: {
      title: 'Etapper: før målet er nådd gjelder den første, siden den neste',
      patient: {},
      events: [
        milestone(t('07:00'), 'improving'),
        beats('a', t('08:00'), 95),
        milestone(t('09:00'), 'achieved'),
        beats('b', t('10:00'), 96),
      ],
      tasks: [
        { rule: 'first-stage', colour: 'yellow', evidence: ['Observation/a/_history/1'], count: 1 },
        { rule: 'later-stage', colour: 'grey', evidence: ['Observation/b/_history/1'], count: 1 },
      ],
    },
  },
  {
    rows: [7],
    plan: heartPlan({ more: STAGES }),
    given: {
      title: 'Etappen begynner igjen når målet ikke lenger er nådd',
      patient: {},
      events: [
        milestone(t('07:00'), 'achieved'),
        beats('a', t('08:00'), 95),
        milestone(t('09:00'), 'worsening'),
        beats('b', t('10:00'), 96),
      ],
      tasks: [
        { rule: 'later-stage', count: 1 },
        { rule: 'first-stage', count: 1 },
      ],
    },
  },
  {
    rows: [23],
    plan: heartPlan({ only: SCORED }),
    given: {
      title: 'Poengsummen av et skjema får sin farge av planen: 9 ingen, 10 gul, 19 den samme gule, 20 rød',
      patient: {},
      events: [9, 10, 19, 20].map((total, day) => ({
        ...{ at: t('08:00', day), id: `s${total}`, questionnaire: DIARY_URL },
        answered: { total },
      })),
      tasks: [
        {
          rule: 'total-yellow',
          colour: 'yellow',
          evidence: ['QuestionnaireResponse/s10/_history/1', 'QuestionnaireResponse/s19/_history/1'],
        },
        { rule: 'total-red', colour: 'red', evidence: ['QuestionnaireResponse/s20/_history/1'] },
      ],
    },
  },
  {
    rows: [24],
    plan: heartPlan({ more: [ASKS_ON] }),
    given: {
      title: 'Svaret avgjør hva det spørres om videre',
      patient: {},
      events: [
        { at: t('08:00'), answered: { breath: 2 }, id: 'fine', questionnaire: DIARY_URL },
        { at: t('09:00'), answered: { breath: 5 }, id: 'heavy', questionnaire: DIARY_URL },
      ],
      tasks: [{ rule: 'breathless' }, { rule: 'ask-on', owner: 'Patient/case', status: 'requested' }],
    },
  },
  {
    rows: [24],
    plan: heartPlan({ more: [ASKS_ON] }),
    given: {
      title: 'Ingenting tyder på mer: da spørres det ikke om mer',
      patient: {},
      events: [{ at: t('08:00'), answered: { breath: 2 }, id: 'fine', questionnaire: DIARY_URL }],
      tasks: [],
    },
  },
  {
    rows: [25],
    plan: heartPlan({ more: [LOOKS_AT_PICTURES] }),
    given: {
      title: 'Et bilde av såret blir en oppgave; det neste slutter seg til den',
      patient: {},
      events: [picture('w1', t('08:00')), picture('w2', t('09:00'))],
      tasks: [{ rule: 'wound', evidence: ['Media/w1/_history/1', 'Media/w2/_history/1'], count: 2 }],
    },
  },
  {
    rows: [25],
    plan: heartPlan({ more: [LOOKS_AT_PICTURES] }),
    given: {
      title: 'En lydfil er ikke et bilde, og et bilde som ikke er ferdig, vurderes ikke',
      patient: {},
      events: [
        picture('sound', t('08:00'), { content: { contentType: 'audio/mpeg' } }),
        picture('half', t('09:00'), { status: 'in-progress' }),
      ],
      tasks: [],
    },
  },
  {
    rows: [35],
    plan: heartPlan({ more: [BY_PLACE] }),
    given: {
      title: 'Oppgaven går til teamet der pasienten bor',
      patient: { facts: livesIn('5003') },
      events: [{ at: t('08:00'), event: 'visit-wanted' }],
      tasks: [{ rule: 'visit', owner: 'CareTeam/bergen' }],
    },
  },
  {
    rows: [35],
    plan: heartPlan({ more: [BY_PLACE] }),
    given: {
      title: 'Den som bor et annet sted, får et annet team',
      patient: { facts: livesIn('0150') },
      events: [{ at: t('08:00'), event: 'visit-wanted' }],
      tasks: [{ rule: 'visit', owner: 'CareTeam/oslo' }],
    },
  },
  {
    rows: [37],
    plan: heartPlan({ only: REFERRED }),
    given: {
      title: 'Henvist: spørsmålene stilles, og den som er i målgruppen, blir vurdert',
      patient: {},
      events: [
        { at: t('08:00'), event: 'referred' },
        { at: t('09:00'), answered: { 'lives-alone': true }, id: 'yes', questionnaire: DEEPER_URL },
      ],
      tasks: [
        { rule: 'questions', owner: 'Patient/case' },
        { rule: 'decide', colour: 'yellow', evidence: ['QuestionnaireResponse/yes/_history/1'] },
      ],
    },
  },
  {
    rows: [37],
    plan: heartPlan({ only: REFERRED }),
    given: {
      title: 'Henvist, men ikke i målgruppen: henviseren får svar',
      patient: {},
      events: [
        { at: t('08:00'), event: 'referred' },
        { at: t('09:00'), answered: { 'lives-alone': false }, id: 'no', questionnaire: DEEPER_URL },
      ],
      tasks: [{ rule: 'questions' }, { rule: 'decline', colour: 'grey' }],
    },
  },
  // ---- limits and triage ----
  {
    rows: [11],
    given: {
      title: 'Egne grenser: gult over 82, rødt over 84; på grensen selv er ingenting',
      patient: { limits: LIMITS },
      events: [kilos('a', t('08:00'), 82), kilos('b', t('09:00'), 82.1), kilos('c', t('10:00'), 84.1)],
      tasks: [
        { rule: 'weight-yellow', colour: 'yellow', evidence: ['Observation/b/_history/1'] },
        { rule: 'weight-red', colour: 'red', priority: 'stat', evidence: ['Observation/c/_history/1', 'Task/t1'] },
      ],
    },
  },
  {
    rows: [11],
    given: {
      title: 'En grense som gjelder om natten, gjelder ikke om dagen',
      patient: { limits: [high('yellow', 82), high('yellow', 80, { from: '22:00:00', to: '06:00:00' })] },
      events: [kilos('day', t('12:00'), 81), kilos('night', t('23:30'), 81), kilos('morning', t('06:30', 1), 81)],
      tasks: [{ rule: 'weight-yellow', evidence: ['Observation/night/_history/1'], count: 1 }],
    },
  },
  {
    rows: [12],
    given: {
      title: 'I forhold til egen vanlig verdi: to kilo over er gult',
      patient: {
        baseline: { code: WEIGHT, value: 78, unit: 'kg' },
        limits: [high('yellow', 2, { relativeTo: 'baseline', comparator: '>=' })],
      },
      events: [kilos('a', t('08:00'), 79.9), kilos('b', t('09:00'), 80)],
      tasks: [{ rule: 'weight-yellow', evidence: ['Observation/b/_history/1'] }],
    },
  },
  {
    rows: [12],
    given: {
      title: 'Uten vanlig verdi slår en relativ grense aldri til',
      patient: { limits: [high('yellow', 2, { relativeTo: 'baseline', comparator: '>=' })] },
      events: [kilos('a', t('08:00'), 95)],
      tasks: [],
    },
  },
  {
    rows: [12],
    given: {
      title: 'Trenden: mer enn to kilo på tre dager er rødt, ikke at vekten er høy',
      patient: { limits: [high('red', 2, { trend: 'change', windowDays: 3 })] },
      events: [kilos('a', t('08:00'), 90), kilos('b', t('08:00', 1), 91.9), kilos('c', t('07:00', 2), 92.1)],
      tasks: [{ rule: 'weight-red', evidence: ['Observation/c/_history/1'] }],
    },
  },
  {
    rows: [12],
    given: {
      title: 'Trenden ser ikke lenger tilbake enn sitt vindu',
      patient: { limits: [high('red', 2, { trend: 'change', windowDays: 3 })] },
      events: [kilos('a', t('08:00'), 90), kilos('b', t('08:00', 4), 93)],
      tasks: [],
    },
  },
  {
    rows: [11],
    given: {
      title: 'Nye grenser: den siste målingen vurderes på nytt, og oppgaven tas tilbake når den ikke lenger holder',
      patient: { limits: LIMITS },
      events: [kilos('a', t('08:00'), 83), { at: t('09:00'), limits: [high('yellow', 86), high('red', 88)] }],
      tasks: [{ rule: 'weight-yellow', status: 'cancelled' }],
    },
  },
  {
    rows: [11],
    given: {
      title: 'Strengere grenser: den siste målingen blir en oppgave',
      patient: { limits: [high('yellow', 86), high('red', 88)] },
      events: [kilos('a', t('08:00'), 85), { at: t('09:00'), limits: LIMITS }],
      tasks: [{ rule: 'weight-red', colour: 'red', status: 'requested' }],
    },
  },
  {
    rows: [14, 15],
    given: {
      title: 'I en gruppe er det første som slår til, nok: rødt gir ikke gult i tillegg',
      patient: { limits: LIMITS },
      events: [kilos('a', t('08:00'), 90)],
      tasks: [{ rule: 'weight-red', reason: '29463-7 90 kg, rød grense 84 kg' }],
    },
  },
  // ---- what cannot be decided ----
  {
    rows: [16],
    given: {
      title: 'En måling i en annen enhet enn grensen er ikke stillhet',
      patient: { limits: LIMITS },
      events: [kilos('a', t('08:00'), 180, { unit: '[lb_av]' })],
      tasks: [{ rule: 'weight!', code: 'rule-unevaluable' }],
    },
  },
  {
    rows: [16],
    given: {
      title: 'En betingelse uten svar er ikke nei: teamet får vite hvilken regel',
      patient: {},
      events: [{ at: t('08:00'), measured: { id: 'f', code: '8310-5', value: 39, unit: 'Cel' } }],
      tasks: [{ rule: 'fever!', code: 'rule-unevaluable' }],
    },
  },
  {
    rows: [16],
    given: {
      title: 'En foreløpig måling vurderes ikke, den endelige gjør',
      patient: {},
      events: [
        { at: t('08:00'), measured: { id: 'p', code: PULSE, value: 130, unit: '/min', status: 'preliminary' } },
        { at: t('08:10'), measured: { id: 'p', code: PULSE, value: 130, unit: '/min' } },
      ],
      tasks: [{ rule: 'pulse', evidence: ['Observation/p/_history/2'] }],
    },
  },
  // ---- correction ----
  {
    rows: [21],
    given: {
      title: 'Rettet: en oppgave som ingen har begynt med, tas tilbake',
      patient: {},
      events: [beats('p', t('08:00'), 130), beats('p', t('08:05'), 90)],
      tasks: [{ rule: 'pulse', status: 'cancelled' }],
    },
  },
  {
    rows: [21],
    given: {
      title: 'Rettet etter at noen har begynt: oppgaven står, og får vite det',
      patient: {},
      events: [
        beats('p', t('08:00'), 130),
        { at: t('08:02'), taskBecomes: 'in-progress', rule: 'pulse' },
        beats('p', t('08:05'), 90),
      ],
      tasks: [{ rule: 'pulse', status: 'in-progress', note: 'Målingen er rettet; regelen slår ikke lenger til.' }],
    },
  },
  {
    rows: [21],
    given: {
      title: 'Slettet: oppgaven tas tilbake',
      patient: {},
      events: [beats('p', t('08:00'), 130), { at: t('08:05'), removed: 'Observation/p' }],
      tasks: [{ rule: 'pulse', status: 'cancelled' }],
    },
  },
  {
    rows: [21],
    given: {
      title: 'Rettet til noe verre: den nye versjonen er grunnlaget',
      patient: {},
      events: [beats('p', t('08:00'), 90), beats('p', t('08:05'), 140)],
      tasks: [{ rule: 'pulse', evidence: ['Observation/p/_history/2'] }],
    },
  },
  // ---- joining, snooze, closing ----
  {
    rows: [27],
    given: {
      title: 'Samme funn mens oppgaven er åpen, slutter seg til den, med antall og siste verdi',
      patient: {},
      events: [beats('a', t('08:00'), 120), beats('b', t('12:00'), 125), beats('c', t('16:00'), 130)],
      tasks: [{ rule: 'pulse', count: 3, status: 'requested' }],
    },
  },
  {
    rows: [27],
    given: {
      title: 'Etter at oppgaven er lukket, er samme funn en ny oppgave',
      patient: {},
      events: [
        beats('a', t('08:00'), 120),
        { at: t('09:00'), taskBecomes: 'completed', rule: 'pulse' },
        beats('b', t('12:00'), 125),
      ],
      tasks: [
        { rule: 'pulse', status: 'completed', count: 1 },
        { rule: 'pulse', status: 'requested', count: 1 },
      ],
    },
  },
  {
    rows: [27],
    given: {
      title: 'Satt til side: funnet telles, ingen forstyrres, og oppgaven kommer tilbake av seg selv',
      patient: {},
      events: [
        beats('a', t('08:00'), 120),
        { at: t('09:00'), snoozed: 'pulse', until: t('09:00', 2), reason: 'Kjent' },
        beats('b', t('12:00'), 125),
        beats('c', t('12:00', 1), 125),
      ],
      until: t('10:00', 2),
      tasks: [{ rule: 'pulse', status: 'requested', suppressed: 2 }],
    },
  },
  {
    rows: [27],
    given: {
      title: 'Satt til side til i morgen: i dag er den fremdeles det',
      patient: {},
      events: [
        beats('a', t('08:00'), 120),
        { at: t('09:00'), snoozed: 'pulse', until: t('09:00', 1), reason: 'Kjent' },
        beats('b', t('12:00'), 125),
      ],
      tasks: [{ rule: 'pulse', status: 'on-hold', suppressed: 1 }],
    },
  },
  {
    rows: [27],
    given: {
      title: 'Rødt bryter utsettelsen av det gule',
      patient: { limits: LIMITS },
      events: [
        kilos('a', t('08:00'), 83),
        { at: t('09:00'), snoozed: 'weight-yellow', until: t('09:00', 5), reason: 'Kjent' },
        kilos('b', t('08:00', 1), 86),
      ],
      tasks: [
        { rule: 'weight-yellow', status: 'requested' },
        { rule: 'weight-red', status: 'requested', colour: 'red' },
      ],
    },
  },
  {
    rows: [33],
    given: {
      title: 'Tatt av en: oppgaven er hennes, også når funnet kommer igjen',
      patient: {},
      events: [
        beats('a', t('08:00'), 120),
        { at: t('08:10'), claimed: 'pulse', by: 'Practitioner/kari' },
        beats('b', t('12:00'), 125),
      ],
      tasks: [{ rule: 'pulse', status: 'accepted', owner: 'Practitioner/kari', count: 2 }],
    },
  },
  {
    rows: [27],
    plan: heartPlan({ summaryWindowMinutes: 30 }),
    given: {
      title: 'Flere gule funn innen en halvtime er én oppgave',
      patient: { limits: LIMITS },
      events: [kilos('a', t('08:00'), 83), beats('b', t('08:20'), 120)],
      tasks: [{ rule: 'weight-yellow', code: 'summary', colour: 'yellow' }],
    },
  },
  {
    rows: [27],
    plan: heartPlan({ summaryWindowMinutes: 30 }),
    given: {
      title: 'Etter vinduet er det neste funnet en oppgave for seg',
      patient: { limits: LIMITS },
      events: [kilos('a', t('08:00'), 83), beats('b', t('08:40'), 120)],
      tasks: [{ rule: 'weight-yellow' }, { rule: 'pulse' }],
    },
  },
  // ---- deadlines ----
  {
    rows: [28],
    given: {
      title: 'Fristen er fire timer etter funnet',
      patient: {},
      events: [beats('a', t('08:00'), 120)],
      tasks: [{ rule: 'pulse', deadline: utc('2026-11-10T11:00:00Z'), priority: 'urgent' }],
    },
  },
  {
    rows: [28, 29],
    given: {
      title: 'Ved fristen haster det mer',
      patient: {},
      clocks: ['deadlines'],
      events: [beats('a', t('08:00'), 120)],
      until: t('12:30'),
      tasks: [{ rule: 'pulse', status: 'requested', priority: 'asap' }],
    },
  },
  // ---- schedules ----
  {
    rows: [10, 18],
    given: {
      title: 'Ikke veid: en oppgave når fristen er over, ikke før',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, grace: 60 }] },
      events: [kilos('a', t('08:05'), 80)],
      until: t('09:01', 1),
      tasks: [{ rule: 'occurrence-missing', code: 'missing-measurement', colour: 'grey', status: 'requested' }],
    },
  },
  {
    rows: [18],
    given: {
      title: 'Ett sekund før fristen er ingenting savnet',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, grace: 60 }] },
      events: [kilos('a', t('08:05'), 80)],
      until: '2026-11-11T08:59:59+01:00',
      tasks: [],
    },
  },
  {
    rows: [18],
    given: {
      title: 'Tre dager uten veiing er én oppgave, som forteller alle tre',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, grace: 60 }] },
      events: [kilos('a', t('07:30'), 80)],
      until: t('12:00', 3),
      tasks: [{ rule: 'occurrence-missing', reason: 'weigh: uteblitt 3 ganger, sist 2026-11-13 kl. 08:00' }],
    },
  },
  {
    rows: [18],
    given: {
      title: 'Veid etter fristen: oppgaven om at det uteble, tas tilbake',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, grace: 60 }] },
      events: [kilos('a', t('07:30'), 80), kilos('b', t('10:00', 1), 80)],
      tasks: [{ rule: 'occurrence-missing', status: 'cancelled' }],
    },
  },
  {
    rows: [18, 9],
    given: {
      title: 'Planen hviler: ingenting savnes',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, grace: 60 }] },
      events: [
        kilos('a', t('07:30'), 80),
        { at: t('12:00'), carePlan: 'on-hold' },
        { at: t('12:00', 2), carePlan: 'active' },
      ],
      until: t('07:00', 3),
      tasks: [],
    },
  },
  {
    rows: [18],
    given: {
      title: 'Planen er over: etter siste dag savnes ingenting',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, grace: 60 }], enrolledUntil: '2026-11-10' },
      events: [kilos('a', t('07:30'), 80)],
      until: t('12:00', 3),
      tasks: [],
    },
  },
  {
    rows: [19],
    given: {
      title: 'Påminnet en time før',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, reminder: 60, missing: 'none' }] },
      events: [kilos('a', t('08:05'), 80)],
      until: t('07:30', 1),
      tasks: [],
      requests: [
        { type: 'CommunicationRequest', text: 'Husk: weigh, 2026-11-11 kl. 08:00.', at: utc('2026-11-11T06:00:00Z') },
      ],
    },
  },
  {
    rows: [19],
    given: {
      title: 'Spurt igjen en time etter, mens det ennå er tid; den som har veid seg, blir ikke spurt',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, nudge: 60, grace: 180, missing: 'none' }] },
      events: [kilos('a', t('08:05'), 80), kilos('b', t('08:10', 1), 80)],
      until: t('12:00', 2),
      tasks: [],
      requests: [
        {
          type: 'CommunicationRequest',
          text: 'weigh skulle vært gjort 2026-11-12 kl. 08:00. Det er fortsatt tid.',
          at: utc('2026-11-12T08:00:00Z'),
        },
      ],
    },
  },
  {
    rows: [10],
    given: {
      title: 'Hver mandag og torsdag: onsdag savnes ingenting, torsdag gjør',
      patient: {
        limits: LIMITS,
        asked: [
          {
            ...{ id: 'weigh', code: WEIGHT, grace: 60 },
            repeat: { ...daily('08:00:00'), periodUnit: 'wk', dayOfWeek: ['mon', 'thu'] },
          },
        ],
      },
      events: [beats('a', t('07:00'), 80)],
      until: t('12:00', 2),
      tasks: [{ rule: 'occurrence-missing', reason: 'weigh: ventet 2026-11-12 kl. 08:00, kom ikke' }],
    },
  },
  {
    rows: [10],
    given: {
      title: 'Åtte om morgenen er åtte også etter at klokken er stilt',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, grace: 60 }] },
      events: [{ at: '2026-10-24T07:00:00+02:00', measured: { id: 'a', code: WEIGHT, value: 80, unit: 'kg' } }],
      until: '2026-10-25T09:00:30+01:00',
      tasks: [{ rule: 'occurrence-missing', reason: 'weigh: ventet 2026-10-25 kl. 08:00, kom ikke' }],
    },
  },
  {
    rows: [10, 23],
    given: {
      title: 'Dagboken er ikke besvart',
      patient: { limits: LIMITS, asked: [DIARY] },
      events: [beats('a', t('08:00'), 80)],
      until: t('22:00'),
      tasks: [{ rule: 'occurrence-missing.diary', code: 'missing-measurement' }],
    },
  },
  {
    rows: [20],
    plan: heartPlan({ more: [listensTo('occurrence-extra', 'unasked')] }),
    given: {
      title: 'En måling som ingen hadde bedt om da',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, early: 60, grace: 60, missing: 'none' }] },
      events: [kilos('a', t('07:30'), 80), kilos('b', t('14:00'), 80)],
      tasks: [{ rule: 'unasked' }],
    },
  },
  {
    rows: [5, 18],
    plan: heartPlan({ more: [listensTo('occurrence-missing', 'own-missing')] }),
    given: {
      title: 'En regel som lytter, svarer i stedet for motoren',
      patient: { limits: LIMITS, asked: [{ ...WEIGH, grace: 60 }] },
      events: [kilos('a', t('07:30'), 80)],
      until: t('12:00', 1),
      tasks: [{ rule: 'own-missing', colour: 'grey' }],
    },
  },
  // ---- forms that are asked for ----
  {
    rows: [23],
    given: {
      title: 'Besvart: oppgaven om å svare er gjort, og svaret er det som kom av den',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('09:00'), id: 'd1', questionnaire: `${DIARY_URL}|1`, answered: { breath: 2 } },
      ],
      tasks: [{ rule: 'ask', status: 'completed' }],
    },
  },
  {
    rows: [23],
    given: {
      title: 'Svart før det ble spurt, og et annet skjema: oppgaven om å svare står',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        {
          at: t('09:00'),
          resource: {
            ...{ resourceType: 'QuestionnaireResponse', id: 'd1', status: 'completed', authored: t('07:59') },
            ...{ questionnaire: `${DIARY_URL}|1`, subject: { reference: 'Patient/case' } },
            item: [{ linkId: 'breath', answer: [{ valueInteger: 2 }] }],
          },
        },
        { at: t('09:30'), id: 'd2', questionnaire: `${DEEPER_URL}|1`, answered: { breath: 2 } },
      ],
      tasks: [{ rule: 'ask', status: 'requested' }],
    },
  },
  {
    rows: [23, 28, 29],
    plan: heartPlan({ only: UNANSWERED }),
    given: {
      title: 'Ikke svart innen fristen: noen ringer, og når det også drøyer, får legen beskjed',
      patient: {},
      clocks: ['deadlines'],
      events: [{ at: t('08:00'), event: 'worse' }],
      until: t('13:30'),
      tasks: [
        { rule: 'ask', status: 'requested', priority: 'asap' },
        { rule: 'call', status: 'requested', priority: 'asap' },
      ],
      requests: [
        { type: 'CommunicationRequest', text: 'Oppgaven venter: Ring: ikke svart', at: utc('2026-11-10T12:00:00Z') },
      ],
    },
  },
  {
    rows: [23, 28],
    plan: heartPlan({ only: UNANSWERED }),
    given: {
      title: 'Svart i tide: ingen ringer',
      patient: {},
      clocks: ['deadlines'],
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('09:30'), id: 'd1', questionnaire: `${DIARY_URL}|1`, answered: { breath: 2 } },
      ],
      until: t('13:30'),
      tasks: [{ rule: 'ask', status: 'completed' }],
      requests: [],
    },
  },
  // ---- messages ----
  {
    rows: [5],
    given: {
      title: 'Meldingen er sendt: neste gang regelen vil si noe, er det en ny melding',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('08:05'), messageSent: 'tell' },
        { at: t('12:00'), event: 'worse' },
      ],
      tasks: [{ rule: 'ask' }],
      requests: [
        { type: 'ServiceRequest', rule: 'more' },
        { type: 'CommunicationRequest', rule: 'tell', status: 'completed' },
        { type: 'CommunicationRequest', rule: 'tell', status: 'active' },
      ],
    },
  },
  {
    rows: [5],
    given: {
      title: 'Meldingen kunne ikke sendes: teamet får vite det, og sier det på en annen måte',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('08:05'), messageFailed: 'tell' },
      ],
      tasks: [{ rule: 'ask' }, { rule: 'not-done', code: 'carry-out', colour: 'yellow', owner: 'CareTeam/case' }],
      requests: [{ type: 'ServiceRequest' }, { type: 'CommunicationRequest', status: 'revoked' }],
    },
  },
  {
    rows: [19],
    given: {
      title: 'Påminnet på sitt eget språk',
      patient: {
        facts: [
          {
            ...{ resourceType: 'Patient', id: 'case' },
            communication: [{ language: { coding: [{ code: 'nn' }] }, preferred: true }],
          },
        ],
        limits: LIMITS,
        asked: [{ ...WEIGH, reminder: 60, missing: 'none' }],
      },
      events: [kilos('a', t('08:05'), 80)],
      until: t('07:30', 1),
      tasks: [],
      requests: [{ type: 'CommunicationRequest', text: 'Hugs: weigh, 2026-11-11 kl. 08:00.' }],
    },
  },
  // ---- the enrolment rests and ends ----
  {
    rows: [9],
    given: {
      title: 'Planen hviler: det den har satt i gang, hviler med den, og går videre med den',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('09:00'), carePlan: 'on-hold' },
      ],
      tasks: [{ rule: 'ask', status: 'requested' }],
      requests: [
        { type: 'ServiceRequest', status: 'on-hold' },
        { type: 'CommunicationRequest', status: 'on-hold' },
      ],
    },
  },
  {
    rows: [9],
    given: {
      title: 'Planen går videre: det som hvilte med den, også',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('09:00'), carePlan: 'on-hold' },
        { at: t('10:00'), carePlan: 'active' },
      ],
      tasks: [{ rule: 'ask', status: 'requested' }],
      requests: [
        { type: 'ServiceRequest', status: 'active' },
        { type: 'CommunicationRequest', status: 'active' },
      ],
    },
  },
  {
    rows: [9],
    given: {
      title: 'Planen er over: det den har satt i gang, er det også',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('09:00'), carePlan: 'completed' },
      ],
      tasks: [{ rule: 'ask', status: 'cancelled' }],
      requests: [
        { type: 'ServiceRequest', status: 'completed' },
        { type: 'CommunicationRequest', status: 'completed' },
      ],
    },
  },
  // ---- whom the plan is for ----
  {
    rows: [37],
    plan: heartPlan({ asksFirst: true }),
    given: {
      title: 'Henvist: henviseren og pasienten blir spurt; til begge har svart, foreslås ingenting',
      patient: { enrolled: false },
      events: [
        { at: t('08:00'), referredBy: 'Practitioner/gp' },
        { at: t('09:00'), id: 'a1', questionnaire: DEEPER_URL, answered: { dementia: false } },
        { at: t('09:00'), taskBecomes: 'completed', rule: ASKS_REFERRER, answer: 'QuestionnaireResponse/a1' },
      ],
      tasks: [
        { rule: ASKS_REFERRER, status: 'completed', owner: 'Practitioner/gp' },
        { rule: ASKS_PATIENT, status: 'requested', owner: 'Patient/case' },
      ],
      eligibility: { says: 'nothing' },
    },
  },
  ...(
    [
      ['Svarene er innenfor det planen er for: ja foreslås', true, 'accepted'],
      ['Svarene er utenfor det planen er for: nei foreslås', false, 'rejected'],
    ] as const
  ).map(
    ([title, alone, says]): RowCase => ({
      rows: [37],
      plan: heartPlan({ asksFirst: true }),
      given: {
        title,
        patient: { enrolled: false },
        events: [
          { at: t('08:00'), referredBy: 'Practitioner/gp' },
          { at: t('09:00'), id: 'a1', questionnaire: DEEPER_URL, answered: { dementia: false } },
          { at: t('09:00'), taskBecomes: 'completed', rule: ASKS_REFERRER, answer: 'QuestionnaireResponse/a1' },
          { at: t('10:00'), id: 'a2', questionnaire: LIVING_URL, answered: { 'lives-alone': alone } },
          { at: t('10:00'), taskBecomes: 'completed', rule: ASKS_PATIENT, answer: 'QuestionnaireResponse/a2' },
        ],
        tasks: [
          { rule: ASKS_REFERRER, status: 'completed' },
          { rule: ASKS_PATIENT, status: 'completed' },
        ],
        eligibility: { says },
      },
    }),
  ),
  {
    rows: [37],
    plan: heartPlan({ asksFirst: true }),
    given: {
      title: 'Et spørsmål lukkes uten svar: uavgjort, og det sies hvorfor',
      patient: { enrolled: false },
      events: [
        { at: t('08:00'), referredBy: 'Practitioner/gp' },
        { at: t('09:00'), id: 'a1', questionnaire: DEEPER_URL, answered: { dementia: false } },
        { at: t('09:00'), taskBecomes: 'completed', rule: ASKS_REFERRER, answer: 'QuestionnaireResponse/a1' },
        { at: t('10:00'), taskBecomes: 'cancelled', rule: ASKS_PATIENT },
      ],
      tasks: [
        { rule: ASKS_REFERRER, status: 'completed' },
        { rule: ASKS_PATIENT, status: 'cancelled' },
      ],
      eligibility: { says: 'undecided', why: `Avsluttet uten svar på: ${LIVING_URL}` },
    },
  },
  {
    rows: [37],
    plan: heartPlan({ asksFirst: true }),
    given: {
      title: 'Avslått før alle har svart: det som gjenstår å svare på, tas tilbake',
      patient: { enrolled: false },
      events: [
        { at: t('08:00'), referredBy: 'Practitioner/gp' },
        { at: t('09:00'), taskBecomes: 'rejected', rule: 'referral' },
      ],
      tasks: [
        { rule: ASKS_REFERRER, status: 'cancelled' },
        { rule: ASKS_PATIENT, status: 'cancelled' },
      ],
      eligibility: { says: 'nothing' },
    },
  },
  // ---- what begins with a stage ----
  {
    rows: [7],
    plan: heartPlan({ only: BEGINS_BY_FACTS }),
    given: {
      title: 'Det en fase begynner med, ser hva som er kjent: tung pust alt fra start er en oppgave',
      patient: { facts: [{ ...adaptiveDiary('d0', t('07:00', -1), 5), questionnaire: DIARY_URL }] },
      events: [beats('a', t('08:00'), 80)],
      tasks: [{ rule: 'call', colour: 'yellow' }],
      requests: [],
    },
  },
  {
    rows: [7],
    plan: heartPlan({ only: BEGINS_BY_FACTS }),
    given: {
      title: 'Lett pust fra start: en melding i stedet',
      patient: { facts: [{ ...adaptiveDiary('d0', t('07:00', -1), 2), questionnaire: DIARY_URL }] },
      events: [beats('a', t('08:00'), 80)],
      tasks: [],
      requests: [{ type: 'CommunicationRequest', rule: 'welcome' }],
    },
  },
  // ---- triggers and what rules do ----
  {
    rows: [5],
    given: {
      title: 'En navngitt hendelse blir en oppgave',
      patient: {},
      events: [{ at: t('08:00'), event: 'discharged' }],
      tasks: [{ rule: 'home', colour: 'yellow' }],
    },
  },
  {
    rows: [5],
    given: {
      title: 'Verre: oftere veiing starter, dagboken spørres om, råd sendes',
      patient: {},
      events: [{ at: t('08:00'), event: 'worse' }],
      tasks: [{ rule: 'ask', owner: 'Patient/case', status: 'requested' }],
      requests: [
        { type: 'ServiceRequest', status: 'active', code: WEIGHT, rule: 'more' },
        { type: 'CommunicationRequest', status: 'active', rule: 'tell' },
      ],
    },
  },
  {
    rows: [5],
    given: {
      title: 'Innlagt: det som var startet, hviler; hjemme igjen går det videre',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('08:05'), event: 'admitted' },
      ],
      tasks: [{ rule: 'ask' }],
      requests: [{ type: 'ServiceRequest', status: 'on-hold' }, { type: 'CommunicationRequest' }],
    },
  },
  {
    rows: [5],
    given: {
      title: 'Hvilt og gjenopptatt',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('08:05'), event: 'admitted' },
        { at: t('08:10'), event: 'discharged' },
      ],
      tasks: [{ rule: 'ask' }, { rule: 'home' }],
      requests: [{ type: 'ServiceRequest', status: 'active' }, { type: 'CommunicationRequest' }],
    },
  },
  {
    rows: [5],
    given: {
      title: 'Bedre: det som var startet, stoppes; det samme to ganger er én gang',
      patient: {},
      events: [
        { at: t('08:00'), event: 'worse' },
        { at: t('08:05'), event: 'worse' },
        { at: t('08:10'), event: 'better' },
        { at: t('08:15'), event: 'better' },
      ],
      tasks: [{ rule: 'ask' }],
      requests: [{ type: 'ServiceRequest', status: 'revoked' }, { type: 'CommunicationRequest' }],
    },
  },
  {
    rows: [5],
    given: {
      title: 'En diagnose som kommer til, vekker sin regel; en som slettes, sin',
      patient: {},
      events: [
        { at: t('08:00'), resource: condition('asthma', 'active') },
        { at: t('09:00'), removed: 'Condition/asthma' },
      ],
      tasks: [{ rule: 'new-diagnosis', status: 'cancelled' }, { rule: 'gone' }],
    },
  },
  {
    rows: [5],
    given: {
      title: 'Det regelen ser tilbake på, avgjør: uten aktiv diagnose ingen oppgave',
      patient: { facts: [condition('old', 'inactive')] },
      events: [{ at: t('08:00'), event: 'travels' }],
      tasks: [],
    },
  },
  {
    rows: [5],
    given: {
      title: 'Med aktiv diagnose kommer den',
      patient: { facts: [condition('heart', 'active')] },
      events: [{ at: t('08:00'), event: 'travels' }],
      tasks: [{ rule: 'travel' }],
    },
  },
  {
    rows: [23],
    given: {
      title: 'Et svar over grensen er en oppgave, et under ikke',
      patient: {},
      events: [
        { at: t('08:00'), id: 'd1', questionnaire: DIARY_URL, answered: { breath: 3 } },
        { at: t('08:00', 1), id: 'd2', questionnaire: DIARY_URL, answered: { breath: 5 } },
      ],
      tasks: [{ rule: 'breathless', evidence: ['QuestionnaireResponse/d2/_history/1'] }],
    },
  },
  {
    rows: [24],
    given: {
      title: 'Et adaptivt skjema er besvart: det teller som dagboken det er tatt fra, og ingenting savnes',
      patient: { limits: LIMITS, asked: [DIARY] },
      events: [{ at: t('19:30'), resource: adaptiveDiary('a1', t('19:30'), 5) }],
      until: t('22:00'),
      tasks: [{ rule: 'breathless', evidence: ['QuestionnaireResponse/a1/_history/1'] }],
    },
  },
  {
    rows: [24],
    given: {
      title: 'Et adaptivt skjema som ikke er ferdig, er ikke besvart',
      patient: { limits: LIMITS, asked: [DIARY] },
      events: [{ at: t('19:30'), resource: { ...adaptiveDiary('a1', t('19:30'), 5), status: 'in-progress' } }],
      until: t('22:00'),
      tasks: [{ rule: 'occurrence-missing.diary', code: 'missing-measurement' }],
    },
  },
]

/** As `$next-question` gives it when nothing more is asked: it contains what was asked, which names the form. */
function adaptiveDiary(id: string, authored: string, breath: number) {
  const contained = [{ resourceType: 'Questionnaire', id: 'asked', status: 'active', derivedFrom: [`${DIARY_URL}|1`] }]
  return {
    ...{ resourceType: 'QuestionnaireResponse', id, status: 'completed', contained, questionnaire: '#asked', authored },
    ...{ subject: { reference: 'Patient/case' }, item: [{ linkId: 'breath', answer: [{ valueInteger: breath }] }] },
  }
}

function condition(id: string, status: 'active' | 'inactive') {
  const system = 'http://terminology.hl7.org/CodeSystem/condition-clinical'
  return {
    ...{ resourceType: 'Condition', id, clinicalStatus: { coding: [{ system, code: status }] } },
    ...{ code: { text: id }, subject: { reference: 'Patient/case' }, recordedDate: t('07:00') },
  }
}
