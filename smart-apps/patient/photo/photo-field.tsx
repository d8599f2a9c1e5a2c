import { Button, FileUpload } from '@navikt/ds-react'
import { useId } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { useRecord, useSigned } from '../me-context.ts'
import { hasRecipient } from '../messages/message.ts'
import { maySendPhotos } from './photo.ts'
import { PHOTO_TEXTS } from './texts.ts'
import type { PhotoChoice } from './use-photo.ts'
import './photo.css'

/** A picture from the camera or the phone. Not there where this app may not send one, or there is no team to see it. */
export function PhotoField({ choice: { photo, isBusy, hasFailed, choose, remove } }: { choice: PhotoChoice }) {
  const text = useTexts(PHOTO_TEXTS)
  const { session } = useSigned()
  const { record } = useRecord()
  const id = useId()
  if (!maySendPhotos(session.scope) || !record || !hasRecipient(record)) return null
  return (
    <div className="photo-field">
      <FileUpload.Trigger
        accept="image/*"
        multiple={false}
        onSelect={([chosen]) => {
          if (chosen) choose(chosen.file)
        }}
      >
        <Button type="button" variant="secondary" aria-describedby={id}>
          {text('add')}
        </Button>
      </FileUpload.Trigger>
      <p className="quiet" id={id}>
        {text('help')}
      </p>
      <div role="status">{isBusy ? <p>{text('preparing')}</p> : photo && <p>{text('added')}</p>}</div>
      {hasFailed && <p role="alert">{text('cannotRead')}</p>}
      {photo && <img src={`data:image/jpeg;base64,${photo.data}`} alt={text('alt')} />}
      {(photo || isBusy) && (
        <Button type="button" size="small" variant="secondary" onClick={remove}>
          {text('remove')}
        </Button>
      )}
    </div>
  )
}
