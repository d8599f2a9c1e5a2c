import { useMemo } from 'react'
import { ofType } from '../../fhir/client.ts'
import { translated } from '../../fhir/translated.ts'
import { useLanguage } from '../../texts/use-texts.ts'
import { useFhir } from '../session-context.ts'
import { useQuery } from './use-query.ts'

/** "KOLS: digital hjemmeoppfølging" is called KOLS where there is little room. */
const shortly = (title: string) => title.split(':', 1)[0] ?? title

/** What pathways are called, by the last part of their plan's url: `copd` is KOLS. One that is not known is called by that part. */
export function usePathwayNames(): (pathway: string) => string {
  const fhir = useFhir()
  const language = useLanguage()
  const { data } = useQuery('pathways', async (signal) =>
    ofType(
      await fhir.search('PlanDefinition', { status: 'active', _elements: 'url,title', _count: 200 }, signal),
      'PlanDefinition',
    ),
  )
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
