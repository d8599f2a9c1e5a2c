import type { CarePlan, Extension, PlanDefinition } from '@medplum/fhirtypes'
import { BodyShort, Heading } from '@navikt/ds-react'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { ZONES } from '../../ui/zone.ts'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import type { Person } from './patient-data.ts'
import { PATIENT_TEXTS } from './texts.ts'

const ZONE_ADVICE = 'http://fylgje.no/fhir/StructureDefinition/zone-advice'
const PARTS = ['todo', 'call', 'outside-hours'] as const
const NAMES = { todo: 'todo', call: 'call', 'outside-hours': 'outsideHours' } as const

/** What the patient reads: what to do in each zone and whom to call; the person's own words before the pathway's. */
export function ZonePlan({ person: { carePlans, plans } }: { person: Person }) {
  const text = useTexts(PATIENT_TEXTS)
  return (
    <section aria-labelledby="zones" className="card">
      <Heading size="small" level="2" id="zones">
        {text('zones')}
      </Heading>
      <BodyShort size="small" className="quiet">
        {text('zonesHelp')}
      </BodyShort>
      <Zones holders={carePlans.flatMap((carePlan) => holderOf(carePlan, plans) ?? [])} />
    </section>
  )
}

type Holder = CarePlan | PlanDefinition

/** The version that a CarePlan names, else the one in force. */
export function planOf(
  { instantiatesCanonical }: CarePlan,
  plans: readonly PlanDefinition[],
): PlanDefinition | undefined {
  const [url, version] = instantiatesCanonical?.[0]?.split('|') ?? []
  const ofUrl = plans.filter((plan) => plan.url === url)
  return ofUrl.find((plan) => plan.version === version) ?? ofUrl.find(({ status }) => status === 'active')
}

/** Who gives advice: the CarePlan where it has some of its own, else the version of the plan that it follows, else its newest. */
export function holderOf(carePlan: CarePlan, plans: readonly PlanDefinition[]): Holder | undefined {
  if (adviceOf(carePlan).length > 0) return carePlan
  const found = planOf(carePlan, plans)
  return found && adviceOf(found).length > 0 ? found : undefined
}

const adviceOf = ({ extension }: Holder): Extension[] => extension?.filter(({ url }) => url === ZONE_ADVICE) ?? []

function Zones({ holders }: { holders: readonly Holder[] }) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  if (holders.length === 0) return <p className="quiet">{text('noZones')}</p>
  return holders.map((holder) => (
    <div key={holder.id} className="zone-list">
      {holders.length > 1 && (
        <Heading size="xsmall" level="3">
          {holder.title}
        </Heading>
      )}
      {[...ZONES]
        .reverse()
        .flatMap((zone) =>
          adviceOf(holder)
            .filter((one) => partOf(one, 'zone')?.valueCode === zone)
            .map((advice) => ({ zone, advice })),
        )
        .map(({ zone, advice }) => (
          <div key={zone} className="zone-advice" data-zone={zone}>
            <ZoneBadge zone={zone} />
            <dl>
              {PARTS.map((part) => (
                <Advice key={part} name={text(NAMES[part])} said={saidIn(advice, part, language)} />
              ))}
            </dl>
          </div>
        ))}
    </div>
  ))
}

const partOf = (advice: Extension, name: string) => advice.extension?.find(({ url }) => url === name)
const saidIn = (advice: Extension, part: string, language: Language) =>
  translated(partOf(advice, part), 'valueString', language)

function Advice({ name, said }: { name: string; said: ReturnType<typeof saidIn> }) {
  if (!said) return null
  return (
    <>
      <dt>{name}</dt>
      <dd lang={said.lang}>{said.text}</dd>
    </>
  )
}
