import type {
  AllergyIntolerance,
  Binary,
  Condition,
  DocumentReference,
  Parameters,
  ParametersParameter,
  Procedure,
} from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { operationOn, parameterIn, wordsOf } from './looked-up.ts'

/** Whether there is a core journal to look in, and whether HelseID knows who would look. */
export type KjernejournalStatus = { isConnected: boolean; isSignedIn: boolean }

/** Why somebody looks: what is attested, and on what ground. */
export const GROUNDS = {
  consent: { purpose: 'TREAT', basis: 'consent' },
  exception: { purpose: 'TREAT', basis: 'exception' },
  emergency: { purpose: 'ETREAT', basis: 'emergency' },
} as const
export type Ground = keyof typeof GROUNDS

/** On the same ground, also for what the patient has blocked; an exception opens nothing that is. */
const RAISED: Partial<Record<Ground, string>> = { consent: 'raised-consent', emergency: 'raised-emergency' }
export const mayRaise = (ground: Ground): boolean => RAISED[ground] !== undefined

export type Why = { ground: Ground; isRaised: boolean }
export type DocumentName = { document: string; community: string; repository: string }
export type FoundDocument = { reference: DocumentReference; name?: DocumentName }
export type Critical = AllergyIntolerance | Condition | Procedure

/** @property missing parts that could not be had */
export type Found = {
  documents: FoundDocument[]
  critical: Critical[]
  blockedCount: number
  hasMore: boolean
  /** Parts of which something came that is not shown. */
  incomplete: string[]
  missing: { part: 'documents' | 'critical-information'; reason: string }[]
}

const whyOf = ({ ground, isRaised }: Why): ParametersParameter[] => [
  { name: 'purpose', valueCode: GROUNDS[ground].purpose },
  { name: 'basis', valueCode: (isRaised && RAISED[ground]) || GROUNDS[ground].basis },
]

/** Asks this server alone. Another server, which has no such operation, has no core journal to offer. */
export async function readStatus(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<KjernejournalStatus> {
  const { parameter } = await fhir.operation<Parameters>(operationOn(patient, 'kjernejournal-status'), undefined, {
    signal,
  })
  return {
    isConnected: parameterIn(parameter, 'connected')?.valueBoolean ?? false,
    isSignedIn: parameterIn(parameter, 'signed-in')?.valueBoolean ?? false,
  }
}

export async function look(fhir: FhirClient, patient: string, why: Why): Promise<Found> {
  return toFound(await fhir.operation<Parameters>(operationOn(patient, 'kjernejournal'), whyOf(why)))
}

export function toFound({ parameter = [] }: Parameters): Found {
  const of = (name: string) => parameter.filter((one) => one.name === name)
  return {
    documents: of('document').flatMap(({ part }) => {
      const reference = parameterIn(part, 'reference')?.resource
      if (reference?.resourceType !== 'DocumentReference') return []
      const [document, community, repository] = ['document', 'community', 'repository'].map(
        (name) => parameterIn(part, name)?.valueString,
      )
      return [
        { reference, ...(document && community && repository ? { name: { document, community, repository } } : {}) },
      ]
    }),
    critical: of('critical').flatMap(({ resource }) => (resource ? [resource as Critical] : [])),
    blockedCount: of('blocked')[0]?.valueInteger ?? 0,
    hasMore: of('more')[0]?.valueBoolean ?? false,
    incomplete: of('incomplete').flatMap(({ valueCode }) => (valueCode ? [valueCode] : [])),
    missing: of('missing').map(({ part }) => ({
      part: parameterIn(part, 'part')?.valueCode === 'documents' ? 'documents' : 'critical-information',
      reason: parameterIn(part, 'reason')?.valueString ?? '',
    })),
  }
}

type Asked = { why: Why; name: DocumentName }

const named = ({ why, name }: Asked): ParametersParameter[] => [
  ...whyOf(why),
  ...Object.entries(name).map(([key, valueString]) => ({ name: key, valueString })),
]

export const openDocument = (fhir: FhirClient, patient: string, asked: Asked, signal: AbortSignal): Promise<Binary> =>
  fhir.operation<Binary>(operationOn(patient, 'kjernejournal-document'), named(asked), { signal })

/** Files a copy here, which stays also when it is not in the core journal any more. */
export const keepDocument = (
  fhir: FhirClient,
  patient: string,
  asked: Asked,
  title: string,
): Promise<DocumentReference> =>
  fhir.operation<DocumentReference>(operationOn(patient, 'kjernejournal-document'), [
    ...named(asked),
    { name: 'keep', valueBoolean: true },
    { name: 'title', valueString: title },
  ])

/** @returns an address that is good once */
export async function openPortal(fhir: FhirClient, patient: string, why: Why): Promise<string> {
  const { parameter } = await fhir.operation<Parameters>(operationOn(patient, 'kjernejournal-portal'), whyOf(why))
  return parameterIn(parameter, 'url')?.valueUrl ?? ''
}

/** Who has written a document, and where: as it tells of them inside of it. */
export function writersOf({ author = [], contained = [], custodian }: DocumentReference): string[] {
  const names = author.map(({ reference = '', display }) => {
    if (display) return display
    const found = contained.find(({ id }) => `#${id}` === reference)
    if (found?.resourceType === 'Organization') return found.name
    if (found?.resourceType !== 'Practitioner') return undefined
    const [{ text, given = [], family } = {}] = found.name ?? []
    return text ?? [...given, family].filter(Boolean).join(' ')
  })
  const said = names.filter((name) => name !== undefined && name !== '') as string[]
  return said.length > 0 ? said : custodian?.display ? [custodian.display] : []
}

/** What critical information is about, in its own words. */
export const criticalTitle = ({ code }: Critical): string => wordsOf(code) ?? '–'
