import { addDays } from '../core/decide/time/oslo-time.ts'
import type { Baseline } from './course.ts'
import { syntheticFnr } from './fnr.ts'
import { createRandom, type Random } from './random.ts'

/**
 * What goes on with a patient in the hours before the seeding. The engine alone decides what becomes a Task of it.
 * - `steady`: nothing
 * - `infected`: SpO2 below the red limit, fever, and every symptom worse
 * - `acute`: SpO2 below the red limit
 * - `worsening`: SpO2 between yellow and red
 * - `symptoms`: SpO2 as usual, but the diary tells of worse symptoms for some days
 * - `silent`: no measurement for days
 */
export type Story = 'steady' | 'infected' | 'acute' | 'worsening' | 'symptoms' | 'silent'

export type Limits = { yellowBelow: number; redBelow: number }

/** A demo patient before anything of FHIR is made. */
export type DemoPatient = {
  /** Without `demo-`: `line`, `fjellrev`. */
  slug: string
  given: string
  family: string
  sex: 'female' | 'male'
  birthDate: string
  fnr: string
  municipality: 'fjordvik' | 'granli'
  baseline: Baseline
  /** Individual limits for SpO2; absent when the plan's own hold. */
  limits?: Limits
  story: Story
  /** What is usual is the same as it was, whatever chance would have: nobody has a reason to look at the limits. */
  isUnchanged?: true
  /** When they usually measure, in minutes of the day; some measure in the evening too. */
  morningMinute: number
  eveningMinute?: number
  /** The share of occasions on which they measure. */
  adherence: number
}

/** Limits of the plan itself, which hold for whoever has none of their own. */
export const PLAN_LIMITS: Limits = { yellowBelow: 92, redBelow: 88 }

/** The seed of all demo data. Another text is another set of people's measurements. */
export const DEMO_SEED = 'fylgje-demo-1'

/**
 * Surnames out of Norwegian nature, which hardly anyone bears, as the national test population has them: nobody
 * should meet themselves here.
 */
const PEOPLE = `
  Arne Fjellrev m infected, Solveig Blåklokke f acute, Gunnar Lundefugl m worsening, Ingrid Multebær f worsening,
  Odd Steinbit m symptoms, Bjørg Snøugle f silent, Torbjørn Havørn m silent, Astrid Linerle f steady,
  Kåre Bjørkelund m steady, Randi Tyttebær f steady, Leif Storspove m steady, Turid Fjellsmelle f steady,
  Harald Gråtrost m steady, Gerd Reinrose f steady, Magne Tindvei m steady, Synnøve Vårskrinn f steady,
  Einar Brunbjørn m steady, Berit Rødstilk f steady, Sverre Tømmermark m steady, Aud Fiolvang f steady,
  Nils Sandlo m steady, Åse Myrull f steady, Per Kvitveis m steady, Liv Hestehov f steady,
  Trygve Rugdekvitt m steady, Marit Selje f steady, Finn Laksefoss m steady, Kirsten Alkekonge f steady,
  Ole Orrhane m steady, Inger Dvergbjørk f steady, Rolf Elgtråkk m steady, Tove Soleiglad f steady,
  Egil Bekkeblom m steady, Unni Røsslyng f steady, Alf Furukvist m steady, Wenche Havsule f steady,
  Knut Fiskeørn m steady, Sigrid Engkarse f steady, Terje Vipefjær m steady, Ellen Strandsnipe f steady,
  Jostein Gaupespor m steady, Reidun Krekling f steady, Birger Ærfugl m steady, Hjørdis Skogstjerne f steady,
  Asbjørn Teist m steady, Målfrid Gullris f steady, Steinar Isbjerg m steady, Brit Nattergal f steady`

/** Line Danser, the published test person: steady, with limits of her own, and no open Task. */
const LINE: DemoPatient = {
  slug: 'line',
  given: 'Line',
  family: 'Danser',
  sex: 'female',
  birthDate: '1969-11-13',
  fnr: '13116900216',
  municipality: 'fjordvik',
  baseline: { spo2: 93.4, pulse: 74, weight: 68.4, temperature: 36.6, breathlessness: 2, relieverPuffs: 1 },
  limits: { yellowBelow: 90, redBelow: 88 },
  story: 'steady',
  isUnchanged: true,
  morningMinute: 7 * 60 + 12,
  adherence: 0.95,
}

/** All demo patients, the same each time. Line Danser stands first. */
export function demoPatients(): DemoPatient[] {
  const others = PEOPLE.trim().split(/,\s*/)
  return [LINE, ...others.map((line, i) => readPerson(line, i, createRandom(DEMO_SEED)))]
}

function readPerson(line: string, index: number, random: Random): DemoPatient {
  const [given = '', family = '', letter, story] = line.split(' ')
  const slug = toSlug(family)
  const own = random.fork(slug)
  const sex = letter === 'f' ? 'female' : 'male'
  const birthDate = addDays('1937-01-01', own.integer(0, 28 * 365))
  const baseline: Baseline = {
    // Who gets worse has a usual value well inside limits of their own, so that the story reads the same each time.
    spo2: story === 'steady' ? own.between(90.5, 97) : own.between(91.6, 94.2),
    pulse: own.between(62, 82),
    weight: sex === 'female' ? own.between(48, 88) : own.between(58, 104),
    temperature: own.between(36.4, 36.8),
    breathlessness: own.integer(1, 3),
    relieverPuffs: own.integer(0, 2),
  }
  const limits = individualLimits(baseline)
  return {
    slug,
    given,
    family,
    sex,
    birthDate,
    fnr: syntheticFnr(birthDate, sex, index),
    municipality: index % 3 === 0 ? 'granli' : 'fjordvik',
    baseline,
    ...(limits ? { limits } : {}),
    story: story as Story,
    morningMinute: own.integer(6 * 60 + 30, 9 * 60 + 30),
    ...(own.happens(0.35) ? { eveningMinute: own.integer(18 * 60 + 30, 21 * 60) } : {}),
    adherence: own.between(0.8, 0.98),
  }
}

/** Who lives below the plan's limits needs limits of their own, or would be yellow every day. */
function individualLimits({ spo2 }: Baseline): Limits | undefined {
  const usual = Math.round(spo2)
  return usual >= 95 ? undefined : { yellowBelow: usual - 3, redBelow: usual - 5 }
}

/** `Bjørkelund` → `bjorkelund`: ids of FHIR have the letters a–z only. */
function toSlug(name: string): string {
  const plain: Record<string, string> = { æ: 'ae', ø: 'o', å: 'aa' }
  return name.toLowerCase().replace(/[æøå]/g, (letter) => plain[letter] ?? letter)
}

/** A patient as resources point at them. */
export type Subject = { reference: string; display: string }

export const subjectOf = ({ slug, given, family }: Pick<DemoPatient, 'slug' | 'given' | 'family'>): Subject => ({
  reference: `Patient/demo-${slug}`,
  display: `${given} ${family}`,
})
