import { Button, Heading, Loader } from '@navikt/ds-react'
import { navigate } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { useMe, useRecord } from '../me-context.ts'
import { ContactList } from '../today/contact-list.tsx'
import { TODAY_TEXTS } from '../today/texts.ts'

/** Before the record has been read for the first time: on its way, or without a net. Measuring is possible all the same. */
export function NotLoaded() {
  const text = useTexts(TODAY_TEXTS)
  const { records } = useMe()
  const { isLoading, failure } = useRecord()
  if (isLoading || !failure) return <Loader size="2xlarge" title={text('loading')} className="page-loader" />
  return (
    <section className="card">
      <Heading size="medium" level="1">
        {text('notLoaded')}
      </Heading>
      <p>{text('notLoadedHelp')}</p>
      <div className="buttons">
        <Button onClick={() => void records.reload()}>{text('tryAgain')}</Button>
        <Button variant="secondary" onClick={() => navigate('measure')}>
          {text('doMeasure')}
        </Button>
      </div>
      <ContactList now={new Date()} />
    </section>
  )
}
