import type { Language } from '../page.ts'

type Names = Record<Language, string>
const names = (nb: string, nn: string, en: string): Names => ({ nb, nn, en })

/** What a patient calls each kind of information. A type that is not here is shown by its own name. */
const TYPES: Readonly<Record<string, Names>> = {
  '*': names('Alle andre opplysninger', 'Alle andre opplysningar', 'All other information'),
  AllergyIntolerance: names('Allergier', 'Allergiar', 'Allergies'),
  Appointment: names('Timeavtaler', 'Timeavtalar', 'Appointments'),
  AuditEvent: names('Hvem som har sett opplysningene', 'Kven som har sett opplysningane', 'Who has looked'),
  CarePlan: names('Behandlingsplan', 'Behandlingsplan', 'Care plan'),
  CareTeam: names('Hvem som følger opp', 'Kven som følgjer opp', 'Who gives care'),
  Communication: names('Meldinger', 'Meldingar', 'Messages'),
  Condition: names('Diagnoser og helseproblemer', 'Diagnosar og helseproblem', 'Diagnoses and health problems'),
  Consent: names('Samtykker', 'Samtykke', 'Consents'),
  Device: names('Måleutstyr', 'Måleutstyr', 'Devices'),
  DiagnosticReport: names('Svar på prøver og undersøkelser', 'Svar på prøver og undersøkingar', 'Test results'),
  DocumentReference: names('Dokumenter', 'Dokument', 'Documents'),
  Encounter: names('Konsultasjoner og opphold', 'Konsultasjonar og opphald', 'Visits and stays'),
  Goal: names('Mål', 'Mål', 'Goals'),
  Immunization: names('Vaksiner', 'Vaksinar', 'Vaccinations'),
  Media: names('Bilder', 'Bilete', 'Pictures'),
  MedicationRequest: names('Resepter', 'Reseptar', 'Prescriptions'),
  MedicationStatement: names('Legemidler i bruk', 'Legemiddel i bruk', 'Medicines in use'),
  Observation: names('Målinger og prøvesvar', 'Målingar og prøvesvar', 'Measurements and test values'),
  Organization: names('Helsetjenester', 'Helsetenester', 'Health services'),
  Patient: names(
    'Navn, fødselsdato og kontaktopplysninger',
    'Namn, fødselsdato og kontaktopplysningar',
    'Name, date of birth and contact details',
  ),
  Practitioner: names('Helsepersonell', 'Helsepersonell', 'Health professionals'),
  Procedure: names('Behandlinger og inngrep', 'Behandlingar og inngrep', 'Procedures'),
  Questionnaire: names('Spørreskjemaer', 'Spørjeskjema', 'Questionnaires'),
  QuestionnaireResponse: names('Svar på skjemaer', 'Svar på skjema', 'Answers to questionnaires'),
  RelatedPerson: names('Pårørende', 'Pårørande', 'Next of kin'),
  ServiceRequest: names('Henvisninger og bestillinger', 'Tilvisingar og bestillingar', 'Referrals and orders'),
  Subscription: names('Å få vite om endringer', 'Å få vite om endringar', 'Being told of changes'),
  Task: names('Oppgaver', 'Oppgåver', 'Tasks'),
}

const PARTS: Readonly<Record<string, Names>> = {
  activity: names('Fysisk aktivitet', 'Fysisk aktivitet', 'Physical activity'),
  'encounter-diagnosis': names('Diagnoser fra konsultasjoner', 'Diagnosar frå konsultasjonar', 'Diagnoses of visits'),
  exam: names('Funn ved undersøkelser', 'Funn ved undersøkingar', 'Findings of examinations'),
  imaging: names('Bildeundersøkelser', 'Biletundersøkingar', 'Imaging'),
  laboratory: names('Laboratorieprøver', 'Laboratorieprøver', 'Laboratory tests'),
  'problem-list-item': names('Varige helseproblemer', 'Varige helseproblem', 'Lasting health problems'),
  procedure: names('Målinger under inngrep', 'Målingar under inngrep', 'Measurements during procedures'),
  'social-history': names('Livssituasjon og vaner', 'Livssituasjon og vanar', 'Living situation and habits'),
  survey: names('Egne vurderinger og skjemaer', 'Eigne vurderingar og skjema', 'Own assessments'),
  therapy: names('Målinger under behandling', 'Målingar under behandling', 'Measurements during therapy'),
  'vital-signs': names(
    'Blodtrykk, puls, oksygen, vekt',
    'Blodtrykk, puls, oksygen, vekt',
    'Blood pressure, pulse, oxygen, weight',
  ),
}

export const typeName = (type: string, language: Language): string => TYPES[type]?.[language] ?? type
export const partName = (part: string, language: Language): string => PARTS[part]?.[language] ?? part

const VERBS: Record<Language, Record<string, string>> = {
  nb: { s: 'se', c: 'legge til', u: 'endre', d: 'slette', and: ' og ' },
  nn: { s: 'sjå', c: 'leggje til', u: 'endre', d: 'slette', and: ' og ' },
  en: { s: 'see', c: 'add', u: 'change', d: 'delete', and: ' and ' },
}

/** `crs` → «se og legge til». To read and to search are one thing to a patient. */
export function verbsOf(letters: string, language: Language): string {
  const verbs = VERBS[language]
  const wanted = [/[rs]/.test(letters) && 's', ...[...'cud'].filter((letter) => letters.includes(letter))]
  const words = wanted.flatMap((letter) => (letter ? (verbs[letter] ?? []) : []))
  const last = words.pop() ?? ''
  return words.length === 0 ? last : `${words.join(', ')}${verbs.and}${last}`
}
