import type { PlanDefinition } from '@medplum/fhirtypes'
import { useMemo } from 'react'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { translated } from '../../fhir/translated.ts'
import { useLanguage } from '../../texts/use-texts.ts'
import { useSession } from '../session-context.ts'
import { useQuery } from './use-query.ts'

/** "KOLS: digital hjemmeoppfølging" is called KOLS where there is little room. */
const shortly = (title: string) => title.split(':', 1)[0] ?? title

/**
 * Names change seldom, and the server reads every plan to tell them: an EHR that opens a window for each patient asks once for all of
 * them. They are of no patient.
 */
const KEPT_MILLIS = 10 * 60_000
const KEY = 'fylgje.pathways'

type Named = Pick<PlanDefinition, 'url' | 'title'> & { _title?: unknown }
type Kept = { iss: string; at: number; plans: Named[] }

/** What pathways are called, by the last part of their plan's url: `copd` is KOLS. One that is not known is called by that part. */
export function usePathwayNames(): (pathway: string) => string {
  const { fhir, session } = useSession()
  const language = useLanguage()
  const { data } = useQuery('pathways', (signal) => readNames(fhir, session.iss, signal))
  return useMemo(() => {
    const names = new Map(
      (data ?? []).flatMap((plan) => {
        const title = translated(plan, 'title', language)?.text
        return title ? [[plan.url?.split('/').at(-1) ?? '', shortly(title)] as const] : []
      }),
    )
    return (pathway) => names.get(pathway) ?? pathway
  }, [data, language])
}

async function readNames(fhir: FhirClient, iss: string, signal: AbortSignal): Promise<Named[]> {
  const kept = readKept()
  if (kept?.iss === iss && Math.abs(Date.now() - kept.at) < KEPT_MILLIS) return kept.plans
  const query = { status: 'active', _elements: 'url,title', _count: 200 }
  const plans = ofType(await fhir.search('PlanDefinition', query, signal), 'PlanDefinition').map((plan): Named => {
    const { url, title, _title } = plan as Named
    return { ...(url && { url }), ...(title && { title }), ...(_title ? { _title } : {}) }
  })
  keep({ iss, at: Date.now(), plans })
  return plans
}

function readKept(): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Kept | null
    return Array.isArray(kept?.plans) ? kept : undefined
  } catch {
    // A browser that keeps nothing, as in some frames, asks each time.
    return undefined
  }
}

function keep(kept: Kept): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept))
  } catch {
    // As above.
  }
}
