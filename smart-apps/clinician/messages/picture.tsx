import type { Media } from '@medplum/fhirtypes'
import { Button } from '@navikt/ds-react'
import { useState } from 'react'
import { ofType } from '../../fhir/client.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useFhir } from '../session-context.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { MESSAGE_TEXTS } from './texts.ts'

/** Of what a picture may be: nothing in an image runs. */
const TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp'])

/** A picture that came with a message, read when somebody wants to see it. @param name `system|value` */
export function Picture({ name, at }: { name: string; at: Date }) {
  const text = useTexts(MESSAGE_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<Error>()
  const [found, setFound] = useState<Media | 'missing'>()
  const read = async () => {
    setIsBusy(true)
    setFailure(undefined)
    try {
      const [media] = ofType(await fhir.search('Media', { identifier: name }), 'Media')
      setFound(media?.content.data && TYPES.has(media.content.contentType ?? '') ? media : 'missing')
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)))
    }
    setIsBusy(false)
  }
  if (found === 'missing') return <p className="quiet">{text('pictureMissing')}</p>
  if (found)
    return (
      <img
        className="picture"
        src={`data:${found.content.contentType};base64,${found.content.data}`}
        alt={text('pictureAlt', { time: moment(at, language) })}
      />
    )
  return (
    <>
      {failure && <FailureNote failure={failure} />}
      <Button size="xsmall" variant="secondary" loading={isBusy} onClick={() => void read()}>
        {text('showPicture')}
      </Button>
    </>
  )
}
