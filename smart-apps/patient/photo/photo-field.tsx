import { Button } from '@navikt/ds-react'
import { useId, useState } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { useRecord, useSigned } from '../me-context.ts'
import { recipientsOf } from '../messages/message.ts'
import { maySendPhotos, type Photo } from './photo.ts'
import { shrink } from './shrink.ts'
import { PHOTO_TEXTS } from './texts.ts'
import './photo.css'

type Props = { photo: Photo | undefined; onChange: (photo: Photo | undefined) => void }

/** A picture from the camera or the phone. Not there where this app may not send one, or there is no team to see it. */
export function PhotoField({ photo, onChange }: Props) {
  const text = useTexts(PHOTO_TEXTS)
  const { session } = useSigned()
  const { record } = useRecord()
  const [hasFailed, setHasFailed] = useState(false)
  const id = useId()
  if (!maySendPhotos(session.scope) || !record || recipientsOf(record)?.length === 0) return null
  const take = async (file: File | undefined) => {
    setHasFailed(false)
    if (!file) return
    try {
      onChange(await shrink(file))
    } catch {
      setHasFailed(true)
    }
  }
  return (
    <div className="photo-field">
      <label htmlFor={id}>{text('add')}</label>
      <p className="quiet" id={`${id}-help`}>
        {text('help')}
      </p>
      <input
        id={id}
        type="file"
        accept="image/*"
        aria-describedby={`${id}-help`}
        onChange={({ target }) => {
          void take(target.files?.[0])
          // The same picture can be chosen anew after it was removed.
          target.value = ''
        }}
      />
      <div role="status">{photo && <p>{text('added')}</p>}</div>
      {hasFailed && <p role="alert">{text('cannotRead')}</p>}
      {photo && (
        <>
          <img src={`data:image/jpeg;base64,${photo.data}`} alt={text('alt')} />
          <Button type="button" size="small" variant="secondary" onClick={() => onChange(undefined)}>
            {text('remove')}
          </Button>
        </>
      )}
    </div>
  )
}
