import { picturesOf } from '../../fhir/pictures.ts'
import { translated } from '../../fhir/translated.ts'
import { Go } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { Picture } from '../messages/picture.tsx'
import { formAnswers } from '../patient/form-answers.ts'
import { readAnswers } from '../patient/patient-data.ts'
import { PATIENT_TEXTS } from '../patient/texts.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { TASK_TEXTS } from './texts.ts'

/** The newest form that was answered, what has changed since the one before marked. */
export function Answers({ patient }: { patient: string }) {
  const text = useTexts(TASK_TEXTS)
  const words = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const answer = useQuery(`answers ${patient}`, (signal) => readAnswers(fhir, patient, signal))
  return (
    <AnswerView
      answer={answer}
      what={text('answersPart')}
      rows={3}
      isEmpty={({ responses }) => responses.length === 0}
      empty={<p className="quiet">{text('noAnswers')}</p>}
    >
      {({ responses, forms, pictures }) => {
        const [response] = responses
        if (!response) return null
        const url = response.questionnaire?.split('|', 1)[0]
        const form = forms.find((one) => one.url === url)
        const before = responses.slice(1).find(({ questionnaire }) => questionnaire?.split('|', 1)[0] === url)
        const answers = formAnswers(response, before, form, language, { yes: words('yes'), no: words('no') })
        return (
          <>
            <p className="quiet">
              {translated(form, 'title', language)?.text ?? url}
              {response.authored && (
                <>
                  {' · '}
                  <Moment at={new Date(response.authored)} />
                </>
              )}
            </p>
            <dl className="short-answers">
              {answers.map(({ linkId, question, answer, before: was }) => (
                <div key={linkId} data-changed={was !== undefined || undefined}>
                  <dt>{question}</dt>
                  <dd>
                    {answer}
                    {was !== undefined && <span className="was"> {words('changed', { before: was })}</span>}
                  </dd>
                </div>
              ))}
            </dl>
            {picturesOf(response, pictures).map(({ id }) => (
              <Picture key={id} named={{ _id: id }} at={new Date(response.authored ?? 0)} patient={patient} />
            ))}
            <Go to={`patient/${patient}?tab=answers`}>{text('moreAnswers')}</Go>
          </>
        )
      }}
    </AnswerView>
  )
}
