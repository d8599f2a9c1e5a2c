import { Button } from '@navikt/ds-react'
import { useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useFhir } from '../session-context.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { type Found, pictureIn } from './picture-in.ts'
import { MESSAGE_TEXTS } from './texts.ts'

/** A picture that came with a message, read when somebody wants to see it. @param name `system|value`, by words of a message: it is sought with the patient alone */
export function Picture({ name, at, patient }: { name: string; at: Date; patient: string }) {
  const text = useTexts(MESSAGE_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const { isBusy, failure, attempt } = useAttempt()
  const [found, setFound] = useState<Found>()
  const read = () => attempt(async () => setFound(pictureIn(await fhir.search('Media', { patient, identifier: name }))))
  if (found && typeof found !== 'string')
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
      {found && <p className="quiet">{text(found === 'closed' ? 'pictureClosed' : 'pictureMissing')}</p>}
      <Button size="xsmall" variant="secondary" loading={isBusy} onClick={() => void read()}>
        {text(found || failure ? 'showPictureAgain' : 'showPicture')}
      </Button>
    </>
  )
}
