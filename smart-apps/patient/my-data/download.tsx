import type { Binary, Bundle, BundleEntry } from '@medplum/fhirtypes'
import { Button, Heading } from '@navikt/ds-react'
import { useState } from 'react'
import { bytesOf } from '../../fhir/base64.ts'
import { nextLink } from '../../fhir/client.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useMe, useRecord, useSigned } from '../me-context.ts'
import { MY_DATA_TEXTS } from './texts.ts'
import { Trouble } from './trouble.tsx'

type Stage =
  | { at: 'ready' }
  | { at: 'working' }
  | { at: 'done'; count: number }
  | { at: 'failed'; failure: unknown; retry: () => void }

/** All that is about the patient, as one Bundle in one file, and the plan and its summary as pages; the names of the files say nothing of them. */
export function Download() {
  const text = useTexts(MY_DATA_TEXTS)
  const { fhir } = useMe()
  const { session } = useSigned()
  const { record } = useRecord()
  const language = useLanguage()
  const [stage, setStage] = useState<Stage>({ at: 'ready' })
  const download = async () => {
    setStage({ at: 'working' })
    try {
      const entry: BundleEntry[] = []
      let page: Bundle = await fhir.page(`Patient/${session.patient}/$everything?_count=500`)
      for (;;) {
        entry.push(...(page.entry ?? []))
        const next = nextLink(page)
        if (!next) break
        page = await fhir.page(next)
      }
      save({ resourceType: 'Bundle', type: 'collection', timestamp: new Date().toISOString(), entry: entry.map(plain) })
      setStage({ at: 'done', count: entry.length })
    } catch (failure) {
      setStage({ at: 'failed', failure, retry: () => void download() })
    }
  }
  const print = async (carePlan: string, kind: 'plan' | 'summary') => {
    setStage({ at: 'working' })
    try {
      const { data = '', contentType } = await fhir.operation<Binary>(`CarePlan/${carePlan}/$pdf`, [
        { name: 'kind', valueCode: kind },
        { name: 'language', valueCode: language },
      ])
      saveAs(new Blob([bytesOf(data)], { type: contentType }), kind === 'plan' ? 'plan.pdf' : 'oppsummering.pdf')
      setStage({ at: 'ready' })
    } catch (failure) {
      setStage({ at: 'failed', failure, retry: () => void print(carePlan, kind) })
    }
  }
  return (
    <section className="card" aria-labelledby="download">
      <Heading size="small" level="2" id="download">
        {text('download')}
      </Heading>
      <p>{text('downloadHelp')}</p>
      <Button variant="secondary" loading={stage.at === 'working'} onClick={() => void download()}>
        {text('downloadNow')}
      </Button>
      {record?.carePlans.map(({ id = '', title }) => (
        <div key={id} className="buttons">
          {record.carePlans.length > 1 && <p className="quiet">{title}</p>}
          <Button size="small" variant="tertiary" onClick={() => void print(id, 'plan')}>
            {text('planPdf')}
          </Button>
          <Button size="small" variant="tertiary" onClick={() => void print(id, 'summary')}>
            {text('summaryPdf')}
          </Button>
        </div>
      ))}
      {stage.at === 'done' && <p role="status">{text('downloaded', { count: stage.count })}</p>}
      {stage.at === 'failed' && <Trouble failure={stage.failure} onRetry={stage.retry} />}
    </section>
  )
}

/** How a search found it is nothing of the record. */
const plain = ({ fullUrl, resource }: BundleEntry): BundleEntry => ({
  ...(fullUrl ? { fullUrl } : {}),
  ...(resource ? { resource } : {}),
})

const save = (bundle: Bundle): void =>
  saveAs(new Blob([JSON.stringify(bundle, null, 2)], { type: 'application/fhir+json' }), 'fylgje.json')

function saveAs(blob: Blob, download: string): void {
  const url = URL.createObjectURL(blob)
  Object.assign(document.createElement('a'), { href: url, download }).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
