import { Button } from '@navikt/ds-react'
import { useState } from 'react'
import { type Found, pictureIn } from '../../fhir/picture-in.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useFhir } from '../session-context.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { MESSAGE_TEXTS } from './texts.ts'

type Props = {
  /** Its id, or by which name a message names it (`system|value`, by words of the message): it is sought with the patient alone. */
  named: { _id: string } | { identifier: string }
  at: Date
  patient: string
}

/** A picture that came with a message, a measurement or answers, read when somebody wants to see it. */
export function Picture({ named, at, patient }: Props) {
  const text = useTexts(MESSAGE_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const { isBusy, failure, attempt } = useAttempt()
  const [found, setFound] = useState<Found>()
  const read = () => attempt(async () => setFound(pictureIn(await fhir.search('Media', { patient, ...named }))))
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
