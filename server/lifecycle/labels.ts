import type { Coding } from '@medplum/fhirtypes'

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const STRICTNESS = ['U', 'L', 'M', 'N', 'R', 'V'] as const

type Confidentiality = (typeof STRICTNESS)[number]

export const isConfidentiality = ({ system }: Coding): boolean => system === CONFIDENTIALITY

/** The strictest of some labels; normal where none says anything. */
export function confidentialityOf(labels: Coding[]): { system: string; code: Confidentiality } {
  const codes = labels.filter(isConfidentiality).map(({ code }) => STRICTNESS.indexOf((code ?? 'N') as Confidentiality))
  return { system: CONFIDENTIALITY, code: STRICTNESS[Math.max(STRICTNESS.indexOf('N'), ...codes)] ?? 'N' }
}

/** Every label of some resources, each once. Two that end at other times are two. */
export function labelsOf(resources: readonly { meta?: { security?: Coding[] } }[]): Coding[] {
  const all = resources.flatMap(({ meta }) => meta?.security ?? [])
  const keyOf = ({ system, code, extension }: Coding) => JSON.stringify([system, code, extension])
  return [...new Map(all.map((label) => [keyOf(label), label])).values()]
}

/** What is made of some resources is seen by those who see them all: it bears the labels of each. */
export function labelledAs(labels: Coding[]): { meta?: { security: Coding[] }; confidentiality: Confidentiality } {
  return {
    ...(labels.length > 0 ? { meta: { security: labels } } : {}),
    confidentiality: confidentialityOf(labels).code,
  }
}
