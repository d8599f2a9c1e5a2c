import type { Attachment } from '@medplum/fhirtypes'
import { BodyShort, Heading } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { ReadingDialog } from '../ui/reading-dialog.tsx'
import { type DocumentContent, readContent } from './document-content.ts'
import type { StoredDocument } from './shared-data.ts'
import { SHARED_TEXTS } from './shared-texts.ts'

/** What a document holds: text is read here, other content is downloaded; what lies at another place is said to. */
export function DocumentDialog({
  stored,
  title,
  onClose,
}: {
  stored: StoredDocument
  title: string
  onClose: () => void
}) {
  return (
    <ReadingDialog title={title} onClose={onClose} className="document">
      {stored.content.map(({ attachment }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part has no other name than its place
        <Part key={i} name={`${stored.id}.${i}`} attachment={attachment} title={title} />
      ))}
    </ReadingDialog>
  )
}

function Part({ name, attachment, title }: { name: string; attachment: Attachment; title: string }) {
  const text = useTexts(SHARED_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const answer = useQuery(`document ${name} ${language}`, (signal) => readContent(fhir, attachment, language, signal))
  return (
    <AnswerView answer={answer} what={text('document')} rows={4}>
      {(content) => <Content content={content} name={attachment.title ?? title} />}
    </AnswerView>
  )
}

/** What of a document can be read here, or a file to be saved. */
export function Content({ content, name }: { content: DocumentContent; name: string }) {
  const text = useTexts(SHARED_TEXTS)
  if (content.kind === 'elsewhere')
    return <BodyShort>{text('elsewhere', { where: content.where || text('unknownPlace') })}</BodyShort>
  if (content.kind === 'file') return <Download file={content.file} name={name} />
  return content.parts.map(({ heading, rows }) => (
    <section key={`${heading} ${rows.length}`}>
      {heading && (
        <Heading size="xsmall" level="2">
          {heading}
        </Heading>
      )}
      {rows.map((cells, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name than its place
        <p key={i}>{cells.join(': ')}</p>
      ))}
    </section>
  ))
}

function Download({ file, name }: { file: Blob; name: string }) {
  const text = useTexts(SHARED_TEXTS)
  const [address, setAddress] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  return (
    <p>
      {text('noPreview', { type: file.type || '–' })}{' '}
      <a href={address} download={name}>
        {text('download', { name })}
      </a>
    </p>
  )
}
