import type { FhirClient } from '../../fhir/client.ts'
import type { Language } from '../../texts/language.ts'
import type { Text } from '../../texts/use-texts.ts'
import type { ZONE_TEXTS } from '../../ui/zone.ts'
import type { Enrolment } from './plan-data.ts'
import type { PLAN_TEXTS } from './texts.ts'

/** Somebody changes what a person is followed by: where, who, whom, and in which words it is told. */
export type EnrolmentChange = {
  fhir: FhirClient
  /** id */
  patient: string
  name: string
  /** `Practitioner/7` */
  practitioner: string
  /** As it was seen last: another version is written over by nobody. */
  seen: { current: Enrolment }
  /** Somebody else has changed something: what is shown is asked for anew. */
  onStale: () => void
  text: Text<keyof (typeof PLAN_TEXTS)['nb']>
  zone: Text<keyof (typeof ZONE_TEXTS)['nb']>
  language: Language
}

/** Only over what was seen. */
export const ifSeen = ({ meta }: Enrolment): { ifMatch?: string } =>
  meta?.versionId ? { ifMatch: meta.versionId } : {}
