import type { Bundle, BundleEntry } from '@medplum/fhirtypes'
import { Button, Heading } from '@navikt/ds-react'
import { useState } from 'react'
import { nextLink } from '../../fhir/client.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { useMe, useSigned } from '../me-context.ts'
import { MY_DATA_TEXTS } from './texts.ts'
import { Trouble } from './trouble.tsx'

type Stage = { at: 'ready' } | { at: 'working' } | { at: 'done'; count: number } | { at: 'failed'; failure: unknown }

/** All that is about the patient, as one Bundle in one file, which says nothing of them by its name. */
export function Download() {
  const text = useTexts(MY_DATA_TEXTS)
  const { fhir } = useMe()
  const { session } = useSigned()
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
      setStage({ at: 'failed', failure })
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
      {stage.at === 'done' && <p role="status">{text('downloaded', { count: stage.count })}</p>}
      {stage.at === 'failed' && <Trouble failure={stage.failure} onRetry={() => void download()} />}
    </section>
  )
}

/** How a search found it is nothing of the record. */
const plain = ({ fullUrl, resource }: BundleEntry): BundleEntry => ({
  ...(fullUrl ? { fullUrl } : {}),
  ...(resource ? { resource } : {}),
})

function save(bundle: Bundle): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(bundle, null, 2)], { type: 'application/fhir+json' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: 'fylgje.json' })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
