import type { QuestionnaireResponse } from '@medplum/fhirtypes'
import { BodyShort, ExpansionCard, Tag } from '@navikt/ds-react'
import { picturesOf } from '../../fhir/pictures.ts'
import { translated } from '../../fhir/translated.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { Picture } from '../messages/picture.tsx'
import { useFhir } from '../session-context.ts'
import { AnswerView, EmptyView } from '../ui/answer-view.tsx'
import { formAnswers } from './form-answers.ts'
import { type Answered, readAnswers } from './patient-data.ts'
import { PATIENT_TEXTS } from './texts.ts'

/** What the patient has answered, the newest first and open; what is not as last time is marked. */
export default function AnswersPanel({ patient }: { patient: string }) {
  const text = useTexts(PATIENT_TEXTS)
  const fhir = useFhir()
  const answer = useQuery(`answers ${patient}`, (signal) => readAnswers(fhir, patient, signal))
  useLive('answers', patient, answer.reload)
  return (
    <AnswerView
      answer={answer}
      what={text('forms')}
      rows={4}
      missing={({ missing }) => missing.map((one) => text(`${one}Part`)).join(', ')}
      isEmpty={({ responses }) => responses.length === 0}
      empty={
        <EmptyView title={text('noForms')}>
          <p>{text('noFormsHelp')}</p>
        </EmptyView>
      }
    >
      {(answered) => (
        <div className="form-list">
          {answered.responses.map((response, i) => (
            <Answers key={response.id} {...{ answered, response, patient }} isOpen={i === 0} />
          ))}
        </div>
      )}
    </AnswerView>
  )
}

const urlOf = ({ questionnaire }: QuestionnaireResponse): string => questionnaire?.split('|', 1)[0] ?? ''

function Answers({
  answered,
  response,
  patient,
  isOpen,
}: {
  answered: Answered
  response: Answered['responses'][number]
  patient: string
  isOpen: boolean
}) {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  const { responses, forms } = answered
  const version = response.questionnaire?.split('|')[1]
  const ofUrl = forms.filter(({ url }) => url === urlOf(response))
  const form = ofUrl.find((one) => one.version === version) ?? ofUrl[0]
  const before = responses.slice(responses.indexOf(response) + 1).find((one) => urlOf(one) === urlOf(response))
  const answers = formAnswers(response, before, form, language, { yes: text('yes'), no: text('no') })
  const scores = answers.filter(({ isScore }) => isScore)
  const title = translated(form, 'title', language)
  return (
    <ExpansionCard
      size="small"
      defaultOpen={isOpen}
      aria-label={[title?.text ?? urlOf(response), response.authored && moment(new Date(response.authored), language)]
        .filter(Boolean)
        .join(', ')}
    >
      <ExpansionCard.Header>
        <ExpansionCard.Title as="h2" size="small" lang={title?.lang}>
          {title?.text ?? urlOf(response)}
        </ExpansionCard.Title>
        <ExpansionCard.Description>
          {response.authored && <Moment at={new Date(response.authored)} />}
          {scores.map(({ linkId, answer }) => (
            <Tag key={linkId} variant="neutral-moderate" size="xsmall" className="score">
              {text('score', { score: answer })}
            </Tag>
          ))}
        </ExpansionCard.Description>
      </ExpansionCard.Header>
      <ExpansionCard.Content>
        <dl className="answer-list">
          {answers.map(({ linkId, question, answer, before: was }) => (
            <div key={linkId} data-changed={was !== undefined || undefined}>
              <dt>{question}</dt>
              <dd>
                {answer}
                {was !== undefined && (
                  <BodyShort size="small" as="span" className="was">
                    {text('changed', { before: was })}
                  </BodyShort>
                )}
              </dd>
            </div>
          ))}
        </dl>
        {picturesOf(response, answered.pictures).map(({ id }) => (
          <Picture key={id} named={{ _id: id }} at={new Date(response.authored ?? 0)} patient={patient} />
        ))}
      </ExpansionCard.Content>
    </ExpansionCard>
  )
}
