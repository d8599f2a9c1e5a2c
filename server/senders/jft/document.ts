import type { Bundle, BundleEntry, Composition, Resource } from '@medplum/fhirtypes'
import { urnOfName } from '../name-uuid.ts'
import { toObservation, toScore } from '../vkp-observation.ts'
import { withoutEmpty } from '../without-empty.ts'
import { kindOf } from './alert-kind.ts'
import type { Addressed, ClosedAlert, FreeNote } from './closed-alert.ts'
import { toComposition, toNoteComposition } from './composition.ts'
import { toDetectedIssue } from './detected-issue.ts'
import { titleOf, toQuestionnaireResponse } from './questionnaire-response.ts'

/**
 * The document of a closed alert, as VKP and JFT take it: Composition, DetectedIssue, and what it rests on. Pure. Everything in it is named
 * after its cause, so that the same message sent twice can be seen to be the same one.
 * @throws Refusal value for a measurement in a unit that is not taken
 * @see docs/senders.md
 */
export function toDocument(alert: ClosedAlert): Bundle {
  const { patient, questionnaires, evidence, scores } = alert
  const kind = kindOf(alert)
  const named = namesOf(alert)
  // What is missing has nothing that it rests on.
  const isMissing = kind === 'missing-measurement' || kind === 'missing-questionnaire' || kind === 'inactive'
  const rests: BundleEntry[] = isMissing
    ? []
    : [
        ...evidence.map((one) => {
          const resource =
            one.resourceType === 'Observation'
              ? toObservation(one, patient)
              : toQuestionnaireResponse(one, patient, titleOf(one.questionnaire, questionnaires))
          return { fullUrl: named(`${one.resourceType}/${one.id}`), resource }
        }),
        ...scores.map((one) => ({ fullUrl: named(`Observation/${one.id}`), resource: toScore(one, patient) })),
      ]
  const issue = named('DetectedIssue')
  const restsOn = rests.map(({ fullUrl }) => String(fullUrl))
  return documentOf(alert, alert.closedAt, toComposition(alert, kind, issue), [
    { fullUrl: issue, resource: toDetectedIssue(alert, restsOn) },
    ...rests,
  ])
}

/** The document of what somebody has written, of no alert. */
export function toNoteDocument(written: FreeNote): Bundle {
  const composition = toNoteComposition(written)
  return documentOf(written, composition.date, composition, [])
}

function documentOf(about: Addressed, timestamp: string, composition: Composition, others: BundleEntry[]): Bundle {
  const named = namesOf(about)
  const entry: BundleEntry[] = [{ fullUrl: named('Composition'), resource: composition }, ...others]
  return {
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:ietf:rfc:3986', value: named('Bundle') },
    timestamp: new Date(timestamp).toISOString(),
    entry: entry.map(({ fullUrl, resource }) => ({ fullUrl, resource: withoutEmpty(resource) as Resource })),
  }
}

/** A urn for each part of one message to one receiver. */
const namesOf =
  ({ organization, cause }: Addressed) =>
  (part: string): string =>
    urnOfName(`jft ${organization} ${cause} ${part}`)
