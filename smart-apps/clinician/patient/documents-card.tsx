import { Button, Heading, Tag } from '@navikt/ds-react'
import { useState } from 'react'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { DocumentDialog } from './document-dialog.tsx'
import { readDocuments, type StoredDocument } from './shared-data.ts'
import { SHARED_TEXTS } from './shared-texts.ts'

/** Documents that others have written about the patient: what, of when, by whom; read here where their content is here. */
export function DocumentsCard({ patient }: { patient: string }) {
  const text = useTexts(SHARED_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const answer = useQuery(`documents ${patient}`, (signal) => readDocuments(fhir, patient, signal))
  useLive('documents', patient, answer.reload)
  const [shown, setShown] = useState<StoredDocument>()
  return (
    <section aria-labelledby="documents" className="card">
      <Heading size="small" level="2" id="documents">
        {text('documents')}
      </Heading>
      <AnswerView
        answer={answer}
        what={text('documentsPart')}
        rows={2}
        isEmpty={(documents) => documents.length === 0}
        empty={<p className="quiet">{text('noDocuments')}</p>}
      >
        {(documents) => (
          <ul className="document-list">
            {documents.map((one) => {
              const title = titleOf(one, language)
              const kind = kindOf(one, language)
              const authors = one.author?.map(({ display }) => display).filter(Boolean)
              return (
                <li key={one.id}>
                  <div>
                    <strong>{title}</strong>{' '}
                    {one.status === 'superseded' && (
                      <Tag size="xsmall" variant="neutral-moderate">
                        {text('superseded')}
                      </Tag>
                    )}
                    <span className="quiet">
                      {[kind !== title && kind, authors?.join(', ') ?? one.custodian?.display]
                        .filter(Boolean)
                        .join(' · ')}
                      {one.date && (
                        <>
                          {' · '}
                          <Moment at={new Date(one.date)} />
                        </>
                      )}
                    </span>
                  </div>
                  <Button
                    size="xsmall"
                    variant="tertiary"
                    aria-label={text('openDocument', { title })}
                    onClick={() => setShown(one)}
                  >
                    {text('openIt')}
                  </Button>
                </li>
              )
            })}
          </ul>
        )}
      </AnswerView>
      {shown && <DocumentDialog stored={shown} title={titleOf(shown, language)} onClose={() => setShown(undefined)} />}
    </section>
  )
}

const kindOf = ({ type }: StoredDocument, language: Language): string =>
  translated(type, 'text', language)?.text ?? type?.coding?.find(({ display }) => display)?.display ?? ''

const titleOf = (one: StoredDocument, language: Language): string =>
  one.description ?? one.content[0]?.attachment.title ?? (kindOf(one, language) || '–')
