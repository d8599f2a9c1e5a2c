import type { Media } from '@medplum/fhirtypes'
import { Button } from '@navikt/ds-react'
import { useState } from 'react'
import { type Found, pictureIn } from '../../fhir/picture-in.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useMe, useSending, useSigned } from '../me-context.ts'
import { PHOTO_TEXTS } from './texts.ts'
import { keptPicture } from './waiting-pictures.ts'
import './photo.css'

type Props = {
  /** Its id, or the name by which a message names it, `system|value` by words of the message. */
  named: { _id: string } | { identifier: string }
  at: Date
}

/** A picture that somebody has sent with a measurement, answers or a message: fetched when they want to see it; one that still waits is here. */
export function Picture({ named, at }: Props) {
  const text = useTexts(PHOTO_TEXTS)
  const language = useLanguage()
  const { fhir } = useMe()
  const { session } = useSigned()
  const { entries } = useSending()
  const [found, setFound] = useState<Found | 'failed'>()
  const [isBusy, setIsBusy] = useState(false)
  const show = async () => {
    const kept = keptPicture(entries, named)
    if (kept) return setFound(kept)
    setIsBusy(true)
    try {
      setFound(pictureIn(await fhir.search('Media', { patient: session.patient ?? '', ...named })))
    } catch {
      setFound('failed')
    } finally {
      setIsBusy(false)
    }
  }
  if (found && typeof found !== 'string')
    return <Shown picture={found} alt={text('sentAlt', { at: moment(at, language) })} />
  return (
    <>
      <Button type="button" size="small" variant="secondary" loading={isBusy} onClick={() => void show()}>
        {text(found ? 'showAgain' : 'show')}
      </Button>
      <span role="status">{found && text(found === 'failed' ? 'cannotShow' : 'notThere')}</span>
    </>
  )
}

const Shown = ({ picture: { content }, alt }: { picture: Media; alt: string }) => (
  <img className="sent-picture" src={`data:${content.contentType};base64,${content.data}`} alt={alt} />
)
