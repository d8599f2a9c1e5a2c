import type { Basic, Extension } from '@medplum/fhirtypes'
import { hasCode } from '../../fhir/codeable-concept.ts'
import type { Resource } from '../../fhir/resource.ts'
import { EVENT_ABOUT } from './named-event.ts'
import { FYLGJE } from './vocabulary.ts'

/** The name under which the server itself writes what it tells; from anybody else it is not believed. */
export const DATA_ACCESS_WRITER = 'data-access'

/** On the reference to what was not given whole. https://hl7.org/fhir/R4/extension-data-absent-reason.html */
const MASKED = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }

/** `Basic.code` of what tells that somebody was given data of a patient. */
const DATA_ACCESS = { system: `${FYLGJE}/CodeSystem/basic-kind`, code: 'data-access' }

export type DataAccess = {
  /** `Patient/1` */
  subject: string
  /** ISO instant. */
  at: string
  /** Who was given it, where that is a person or an organisation. */
  author?: string | undefined
  /** By version: `Observation/1/_history/2`. */
  given: string[]
  /** Those of them from which an address was withheld. */
  masked?: ReadonlySet<string>
}

/**
 * That somebody was given data, as a resource of the patient's record, so that a trigger `data-accessed` is pulled in the patient's order
 * like every other. It holds no data: who may read this one need not be allowed to read those.
 * @see https://hl7.org/fhir/R4/codesystem-trigger-type.html
 * @see docs/decisions/0072-reading-can-pull-a-trigger.md
 */
export const toDataAccess = ({ subject, at, author, given, masked }: DataAccess): Basic => ({
  resourceType: 'Basic',
  extension: given.map((reference) => ({
    url: EVENT_ABOUT,
    valueReference: { reference, ...(masked?.has(reference) ? { extension: [MASKED] } : {}) },
  })),
  code: { coding: [DATA_ACCESS] },
  subject: { reference: subject },
  created: at.slice(0, 10),
  ...(author ? { author: { reference: author } } : {}),
})

const VERSIONED = /^[A-Za-z]+\/[A-Za-z0-9.-]{1,64}\/_history\/[1-9]\d{0,8}$/

/** What was given out, by version; nothing for a resource that tells of something else. What names no version is left out. */
export function accessedIn(resource: Resource | undefined): string[] {
  if (resource?.resourceType !== 'Basic') return []
  const { code, extension = [] } = resource as unknown as Basic
  if (!hasCode(code, DATA_ACCESS.system, DATA_ACCESS.code)) return []
  return (extension as Extension[]).flatMap(({ url, valueReference }) =>
    url === EVENT_ABOUT && valueReference?.reference && VERSIONED.test(valueReference.reference)
      ? [valueReference.reference]
      : [],
  )
}
