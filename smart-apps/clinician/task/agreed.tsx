import type { Extension } from '@medplum/fhirtypes'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import type { Zone } from '../../ui/zone.ts'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import type { Person } from '../patient/patient-data.ts'
import { holderOf } from '../patient/zone-plan.tsx'
import { TASK_TEXTS } from './texts.ts'

const ZONE_ADVICE = 'http://fylgje.no/fhir/StructureDefinition/zone-advice'
const PARTS = { todo: 'todo', call: 'call_', 'outside-hours': 'outsideHours' } as const

function adviceIn({ carePlans, plans }: Person, zone: Zone): Extension[] {
  const part = (advice: Extension, name: string) => advice.extension?.find(({ url }) => url === name)
  return carePlans.flatMap(
    (carePlan) =>
      holderOf(carePlan, plans)?.extension?.filter(
        (one) => one.url === ZONE_ADVICE && part(one, 'zone')?.valueCode === zone,
      ) ?? [],
  )
}

/** What was agreed that the patient does when it is as it is now. */
export function Agreed({ person, zone }: { person: Person; zone: Zone }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const advice = adviceIn(person, zone)
  if (advice.length === 0) return <p className="quiet">{text('noAgreed')}</p>
  return advice.map((one) => (
    <div key={JSON.stringify(one).length} className="agreed" data-zone={zone}>
      <ZoneBadge zone={zone} />
      <dl>
        {Object.entries(PARTS).map(([url, name]) => {
          const said = translated(
            one.extension?.find((part) => part.url === url),
            'valueString',
            language,
          )
          return said ? (
            <div key={url}>
              <dt>{text(name)}</dt>
              <dd lang={said.lang}>{said.text}</dd>
            </div>
          ) : null
        })}
      </dl>
    </div>
  ))
}

/** The same as words to the patient, in their language; undefined where the plan has none for this zone. */
export function adviceFor(person: Person, zone: Zone, language: Language): string | undefined {
  const said = adviceIn(person, zone).flatMap((one) =>
    ['todo', 'call'].flatMap(
      (url) =>
        translated(
          one.extension?.find((part) => part.url === url),
          'valueString',
          language,
        )?.text ?? [],
    ),
  )
  return said.length > 0 ? said.join('\n') : undefined
}
