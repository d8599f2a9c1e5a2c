import type { ClinicalImpression, Extension } from '@medplum/fhirtypes'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { ZONES, type Zone } from '../../ui/zone.ts'
import type { OwnRecord } from '../record/record.ts'

const TRIAGE_COLOUR = 'http://fylgje.no/fhir/CodeSystem/triage-colour'
const ZONE_ADVICE = 'http://fylgje.no/fhir/StructureDefinition/zone-advice'
/** What was judged longer ago says nothing of today. */
const COUNTS_MILLIS = 36 * 3_600_000

export type Verdict = { zone: Zone; reason: string; at: Date; about: string }

/** How what came was judged, by whoever did so. */
export function verdictOf(impression: ClinicalImpression, language: Language): Verdict | undefined {
  const finding = impression.finding?.[0]?.itemCodeableConcept
  const zone = finding?.coding?.find(({ system }) => system === TRIAGE_COLOUR)?.code
  const at = impression.effectiveDateTime ?? impression.effectivePeriod?.start ?? impression.date
  const about = impression.investigation?.[0]?.item?.[0]?.reference?.replace(/\/_history\/.*$/, '')
  if (impression.status !== 'completed' || !isZone(zone) || !at || !about) return undefined
  return { zone, reason: translated(finding, 'text', language)?.text ?? '', at: new Date(at), about }
}

const isZone = (zone: unknown): zone is Zone => ZONES.includes(zone as Zone)

export type OwnZone = { zone: Zone; verdict?: Verdict }

/**
 * The zone that somebody is in: the most urgent of what is newest of each kind, of the last day and a half. Grey where nothing new is known.
 * @param judged the server's and the phone's own verdicts, newest judgement of each result last
 */
export function ownZone(judged: readonly Verdict[], kindOf: (about: string) => string, now: Date): OwnZone {
  const newest = new Map<string, Verdict>()
  for (const verdict of judged) {
    if (now.getTime() - verdict.at.getTime() > COUNTS_MILLIS) continue
    const kind = kindOf(verdict.about)
    const before = newest.get(kind)
    if (!before || verdict.at >= before.at) newest.set(kind, verdict)
  }
  for (const zone of ZONES) {
    const verdict = [...newest.values()].find((one) => one.zone === zone)
    if (verdict) return { zone, verdict }
  }
  return { zone: 'grey' }
}

export type ZoneAdvice = { zone: Zone; todo?: string; call?: string; outsideHours?: string }

/** What the plans say about each zone: the person's own words in their CarePlan before the pathway's. */
export function adviceOf(
  { carePlans, plans }: Pick<OwnRecord, 'carePlans' | 'plans'>,
  language: Language,
): ZoneAdvice[] {
  return carePlans.flatMap((carePlan) => {
    const plan = plans.find(({ url }) => carePlan.instantiatesCanonical?.some((one) => one.split('|')[0] === url))
    const own = adviceIn(carePlan.extension)
    return (own.length > 0 ? own : adviceIn(plan?.extension)).flatMap((advice) => toAdvice(advice, language))
  })
}

const adviceIn = (extension: Extension[] = []): Extension[] => extension.filter(({ url }) => url === ZONE_ADVICE)

function toAdvice({ extension = [] }: Extension, language: Language): ZoneAdvice[] {
  const part = (name: string) => extension.find(({ url }) => url === name)
  const said = (name: string) => translated(part(name), 'valueString', language)?.text
  const zone = part('zone')?.valueCode
  if (!isZone(zone)) return []
  const [todo, call, outsideHours] = [said('todo'), said('call'), said('outside-hours')]
  return [{ zone, ...(todo && { todo }), ...(call && { call }), ...(outsideHours && { outsideHours }) }]
}
