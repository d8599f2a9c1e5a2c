import type {
  Communication,
  DiagnosticReport,
  DocumentReference,
  MedicationStatement,
  Observation,
  Task,
} from '@medplum/fhirtypes'
import { addDays, fromOsloClock, toOsloClock, toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { volvenCoding } from '../lifecycle/volven-types.ts'
import { organizationReference } from './organizations.ts'
import { createRandom, type Random } from './random.ts'
import { DEMO_SEED, type DemoPatient, subjectOf } from './roster.ts'
import { DAYS, timelineOf } from './timeline.ts'

type Recorded = Observation | DiagnosticReport | DocumentReference | MedicationStatement | Communication

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Norsk laboratoriekodeverk. */
const NLK = 'urn:oid:2.16.578.1.12.4.1.1.7280'
const ATC = 'http://www.whocc.no/atc'
const UCUM = 'http://unitsofmeasure.org'
/** Days before now on which blood was taken, when nothing was wrong: before the plan began, and when it was looked over. */
const TAKEN_DAYS = [DAYS + 9, 32]
const MODE = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationMode'
const NURSES = [
  { reference: 'Practitioner/demo-nurse', display: 'Kari Nordlys' },
  { reference: 'Practitioner/demo-nurse-2', display: 'Jonas Kveldsbris' },
] as const

/**
 * What a journal would hold of a patient beside their measurements: blood tests, the referral and the letter of the lung clinic, medicines,
 * calls and messages. Made up, the same each time. Nothing of the last days, which belong to the engine; and nothing for Line, whose record
 * whoever tries the demo is to write.
 * @param dealtWith the Tasks that the team has ended: each was a call
 */
export function recordBefore(patient: DemoPatient, dealtWith: readonly Task[], now: Date): Recorded[] {
  if (patient.slug === 'line') return []
  const random = createRandom(DEMO_SEED).fork(patient.slug).fork('record')
  return [
    ...bloodTests(patient, now, random.fork('blood')),
    ...letters(patient, now),
    ...medicines(patient, now, random.fork('medicines')),
    firstCall(patient, now, random.fork('first-call')),
    ...dealtWith.map((task) => callAbout(patient, task)),
    // Whoever the list of the first day is about has been talked with before.
    ...(patient.story !== 'steady' || random.happens(0.4)
      ? conversation(patient, now, random.fork('conversation'))
      : []),
  ]
}

type Analyte = { key: string; code: string; name: string; unit: string; ucum: string; low?: number; high: number }
const ANALYTES = {
  crp: { key: 'crp', code: 'NPU19748', name: 'P-CRP', unit: 'mg/L', ucum: 'mg/L', high: 5 },
  haemoglobin: {
    ...{ key: 'hb', code: 'NOR05172', name: 'B-Hemoglobin', unit: 'g/dL', ucum: 'g/dL', low: 11.7, high: 17 },
  },
  leukocytes: {
    ...{ key: 'leuk', code: 'NPU02593', name: 'B-Leukocytter', unit: '10⁹/L', ucum: '10*9/L', low: 4.1, high: 9.8 },
  },
  eosinophils: {
    ...{ key: 'eos', code: 'NPU01933', name: 'B-Eosinofile', unit: '10⁹/L', ucum: '10*9/L', high: 0.44 },
  },
} as const satisfies Record<string, Analyte>

function bloodTests(patient: DemoPatient, now: Date, random: Random): (Observation | DiagnosticReport)[] {
  const haemoglobin = patient.sex === 'female' ? random.between(11.9, 14.8) : random.between(13, 16.4)
  const eosinophils = random.between(0.05, 0.4)
  const quiet = TAKEN_DAYS.map((days) => [dayBefore(now, days), false] as const)
  // Two days into a worsening that an infection brought, somebody has taken blood.
  const ill = timelineOf(patient, now)
    .exacerbations.filter(({ infectious, onset }) => infectious && now.getTime() - onset.getTime() > 14 * DAY_MS)
    .map(({ onset }) => [workingDay(toOsloClock(new Date(onset.getTime() + 2 * DAY_MS)).date), true] as const)
  // Blood is taken once a day, also where somebody worsened when it was to be taken anyway.
  return [...new Map<string, boolean>([...quiet, ...ill])].flatMap(([day, isInfected]) => {
    const at = fromOsloClock(day, random.integer(8 * 60, 11 * 60))
    const values: [Analyte, number][] = [
      [ANALYTES.crp, isInfected ? random.integer(24, 96) : random.integer(1, 4)],
      [ANALYTES.leukocytes, rounded(isInfected ? random.between(10.4, 15) : random.between(5, 9), 1)],
      [ANALYTES.haemoglobin, rounded(haemoglobin + random.normal(0, 0.2), 1)],
      [ANALYTES.eosinophils, rounded(eosinophils + Math.abs(random.normal(0, 0.02)), 2)],
    ]
    const tests = values.map(([analyte, value]) => test(patient, analyte, value, at))
    return [...tests, reportOf(patient, tests, at, isInfected)]
  })
}

const LABORATORY = { ...organizationReference('sykehus'), display: 'Fjordvik sykehus, laboratoriet' }

function test(patient: DemoPatient, analyte: Analyte, value: number, at: Date): Observation {
  const { key, code, name, unit, ucum, low, high } = analyte
  const quantity = (of: number) => ({ value: of, unit, system: UCUM, code: ucum })
  return {
    ...{ resourceType: 'Observation', id: idOf(patient, `${key}-${toOsloClock(at).date}`), status: 'final' },
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'laboratory',
            display: 'Laboratory',
          },
        ],
      },
    ],
    code: { coding: [{ system: NLK, code }], text: name },
    subject: subjectOf(patient),
    effectiveDateTime: toOsloDateTime(at),
    issued: toOsloDateTime(new Date(at.getTime() + 190 * MINUTE_MS)),
    performer: [LABORATORY],
    valueQuantity: quantity(value),
    referenceRange: [{ ...(low === undefined ? {} : { low: quantity(low) }), high: quantity(high) }],
  }
}

function reportOf(patient: DemoPatient, tests: Observation[], at: Date, isInfected: boolean): DiagnosticReport {
  return {
    ...{ resourceType: 'DiagnosticReport', id: idOf(patient, `blood-${toOsloClock(at).date}`), status: 'final' },
    code: { text: 'Blodprøver ved KOLS' },
    subject: subjectOf(patient),
    effectiveDateTime: toOsloDateTime(at),
    issued: toOsloDateTime(new Date(at.getTime() + 200 * MINUTE_MS)),
    performer: [LABORATORY],
    result: tests.map(({ id }) => ({ reference: `Observation/${id}` })),
    conclusion: isInfected
      ? 'Forhøyet CRP og leukocytter, forenlig med infeksjonsutløst forverring.'
      : 'Ingen holdepunkter for infeksjon.',
  }
}

/** Who asked that somebody be followed at home, and what the clinic wrote to them. */
function letters(patient: DemoPatient, now: Date): DocumentReference[] {
  const { given, baseline, municipality } = patient
  const gp =
    municipality === 'granli'
      ? { reference: 'Practitioner/demo-gp-2', display: 'Mari Fjellvann' }
      : { reference: 'Practitioner/demo-gp', display: 'Henrik Skogvei' }
  const doctor = { reference: 'Practitioner/demo-doctor', display: 'Amina Morgendugg' }
  const usual = Math.round(baseline.spo2)
  return [
    letter(patient, 'referral', 'Henvisning til digital hjemmeoppfølging', gp, dayBefore(now, DAYS + 12), [
      `${given} har KOLS med to forverringer siste år og ønsker tettere oppfølging hjemme.`,
      `Hvilemetning på kontoret ${usual} %. Bruker langtidsvirkende inhalasjon daglig.`,
      'Ber om vurdering for digital hjemmeoppfølging.',
    ]),
    letter(patient, 'clinic', 'Poliklinisk notat, lungepoliklinikken', doctor, dayBefore(now, DAYS + 2), [
      'Kartlagt for digital hjemmeoppfølging. Stabil fase.',
      `Vanlig metning ${usual} % på romluft. Inhalasjonsteknikk gjennomgått.`,
      'Egenbehandlingsplan er laget sammen med pasienten og sendt fastlegen. Kontroll om et halvt år.',
    ]),
  ]
}

type Author = { reference: string; display: string }
function letter(
  patient: DemoPatient,
  key: string,
  title: string,
  author: Author,
  day: string,
  lines: string[],
): DocumentReference {
  const date = toOsloDateTime(fromOsloClock(day, 14 * 60))
  return {
    ...{ resourceType: 'DocumentReference', id: idOf(patient, key), status: 'current', docStatus: 'final' },
    // Filed as notes, both: by which code Volven 9602 knows a referral was seen nowhere that we could read.
    type: { coding: [volvenCoding('journal-note')], text: title },
    subject: subjectOf(patient),
    date,
    author: [author],
    description: title,
    content: [
      {
        attachment: {
          ...{ contentType: 'text/plain; charset=utf-8', language: 'nb', title, creation: date },
          data: Buffer.from(lines.join('\n'), 'utf8').toString('base64'),
        },
      },
    ],
  }
}

/** What they take each day, what they take when they need it, and the courses against worsenings. */
function medicines(patient: DemoPatient, now: Date, random: Random): MedicationStatement[] {
  const since = dayBefore(now, random.integer(400, 1500))
  const courses = timelineOf(patient, now).exacerbations.filter(
    ({ severity, onset }) => severity > 0.6 && now.getTime() - onset.getTime() > 14 * DAY_MS,
  )
  return [
    taken(patient, 'tiotropium', 'R03BB04', 'Tiotropium 18 µg', '1 inhalasjon hver morgen', since),
    taken(patient, 'salbutamol', 'R03AC02', 'Salbutamol 0,1 mg', '1–2 inhalasjoner ved behov', since),
    ...courses.map(({ onset }, i) => {
      const start = toOsloClock(new Date(onset.getTime() + 2 * DAY_MS)).date
      const dosage = '30 mg daglig i fem dager, etter egenbehandlingsplanen'
      return taken(patient, `prednisolone-${i + 1}`, 'H02AB06', 'Prednisolon 20 mg', dosage, start, addDays(start, 5))
    }),
  ]
}

function taken(
  patient: DemoPatient,
  key: string,
  code: string,
  text: string,
  dosage: string,
  start: string,
  end?: string,
): MedicationStatement {
  return {
    ...{ resourceType: 'MedicationStatement', id: idOf(patient, key), status: end ? 'completed' : 'active' },
    medicationCodeableConcept: { coding: [{ system: ATC, code }], text },
    subject: subjectOf(patient),
    effectivePeriod: { start, ...(end ? { end } : {}) },
    dosage: [{ text: dosage }],
  }
}

const FIRST = [
  'Oppstartssamtale. Utstyret er levert, og første måling gikk bra. Vil helst bli ringt før kl. 12.',
  'Oppstartssamtale. Trygg på utstyret etter opplæring hjemme. Målet er å gå til butikken uten å stoppe.',
  'Oppstartssamtale. Trengte to forsøk med oksymeteret; kalde fingre. Datteren hjelper til i helgene.',
] as const

/** With which the follow-up began. */
function firstCall(patient: DemoPatient, now: Date, random: Random): Communication {
  const subject = subjectOf(patient)
  return {
    ...{ resourceType: 'Communication', id: idOf(patient, 'first-call'), status: 'completed', subject },
    medium: [{ coding: [{ system: MODE, code: 'PHONE' }] }],
    recipient: [{ reference: subject.reference }],
    sender: random.pick(NURSES),
    sent: toOsloDateTime(fromOsloClock(dayBefore(now, DAYS - 1), random.integer(9 * 60, 14 * 60))),
    payload: [{ contentString: random.pick(FIRST) }],
  }
}

/** Whoever ended a Task had called: what was said stands in the call. */
function callAbout(patient: DemoPatient, { id, owner, note, executionPeriod }: Task): Communication {
  const subject = subjectOf(patient)
  return {
    ...{ resourceType: 'Communication', id: `${id}-call`, status: 'completed', subject },
    medium: [{ coding: [{ system: MODE, code: 'PHONE' }] }],
    recipient: [{ reference: subject.reference }],
    ...(owner ? { sender: owner as Author } : {}),
    ...(executionPeriod?.end ? { sent: executionPeriod.end } : {}),
    about: [{ reference: `Task/${id}` }],
    payload: [{ contentString: note?.[0]?.text ?? 'Ringte.' }],
  }
}

const WRITTEN = [
  [
    'Hei! Jeg skal til datteren min i helgen. Skal jeg måle der også?',
    'Hei! Ja, ta med oksymeteret. Er du borte lenger enn en uke, setter vi oppfølgingen på pause. God tur!',
  ],
  [
    'Oksymeteret viser lavt batteri. Hva gjør jeg?',
    'Bytt til to nye AAA-batterier. Kommer varselet igjen, sender vi deg et nytt apparat.',
  ],
  [
    'Har hostet mer enn vanlig siden i går, men pusten er som før.',
    'Takk for at du sier fra. Følg gul sone i planen, og mål en gang til i kveld. Vi ser på det i morgen tidlig.',
  ],
  [
    'Kan jeg ta influensavaksine når jeg er med i dette?',
    'Ja, den anbefales når du har KOLS. Fastlegen eller helsestasjonen setter den.',
  ],
] as const

/** A question that the patient wrote, which was read and answered the same day. */
function conversation(patient: DemoPatient, now: Date, random: Random): Communication[] {
  const [question, answer] = random.pick(WRITTEN)
  const nurse = random.pick(NURSES)
  const subject = subjectOf(patient)
  const asked = fromOsloClock(dayBefore(now, random.integer(8, 60)), random.integer(9 * 60, 13 * 60))
  const read = new Date(asked.getTime() + random.integer(8, 70) * MINUTE_MS)
  const message: Communication = {
    ...{ resourceType: 'Communication', status: 'completed', subject },
    medium: [{ coding: [{ system: MODE, code: 'WRITTEN' }] }],
  }
  return [
    {
      ...{ ...message, id: idOf(patient, 'asked'), sender: subject },
      recipient: [{ reference: 'CareTeam/demo-responssenter' }],
      ...{ sent: toOsloDateTime(asked), received: toOsloDateTime(read), payload: [{ contentString: question }] },
    },
    {
      ...{ ...message, id: idOf(patient, 'answered'), sender: nurse },
      recipient: [{ reference: subject.reference }],
      ...{ sent: toOsloDateTime(new Date(read.getTime() + 3 * MINUTE_MS)), payload: [{ contentString: answer }] },
      received: toOsloDateTime(new Date(read.getTime() + 95 * MINUTE_MS)),
    },
  ]
}

const idOf = ({ slug }: DemoPatient, what: string): string => `demo-${slug}-${what}`
const dayBefore = (now: Date, days: number): string => workingDay(addDays(toOsloClock(now).date, -days))

/** The day itself, or the Friday before it: clinics and laboratories are closed at weekends. */
function workingDay(date: string): string {
  const { weekday } = toOsloClock(fromOsloClock(date, 12 * 60))
  return addDays(date, weekday === 6 ? -1 : weekday === 0 ? -2 : 0)
}

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals))
