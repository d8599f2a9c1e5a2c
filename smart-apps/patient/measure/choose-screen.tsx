import { ChevronRightIcon } from '@navikt/aksel-icons'
import { Heading } from '@navikt/ds-react'
import { Go } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useRecord } from '../me-context.ts'
import type { OwnRecord } from '../record/record.ts'
import { KINDS, type Kind, kindOfCodes } from './kinds.ts'
import { lastInWords } from './reading.ts'
import { MEASURE_TEXTS } from './texts.ts'

/** What can be measured: what the plan asks for first. */
export default function ChooseScreen() {
  const text = useTexts(MEASURE_TEXTS)
  const { record } = useRecord()
  const asked = KINDS.filter((kind) => record?.requests.some((request) => asks(request, kind)))
  const others = KINDS.filter((kind) => !asked.includes(kind))
  return (
    <>
      <Heading size="large" level="1">
        {text('choose')}
      </Heading>
      {asked.length > 0 && <KindList title={text('asked')} kinds={asked} record={record} />}
      <KindList title={text('others')} kinds={others} record={record} />
    </>
  )
}

const asks = ({ code }: OwnRecord['requests'][number], kind: Kind): boolean =>
  kindOfCodes(code?.coding?.flatMap((coding) => coding.code ?? []) ?? []) === kind

type Props = { title: string; kinds: readonly Kind[]; record: OwnRecord | undefined }

function KindList({ title, kinds, record }: Props) {
  const text = useTexts(MEASURE_TEXTS)
  const language = useLanguage()
  return (
    <section className="choices">
      <Heading size="small" level="2">
        {title}
      </Heading>
      <ul>
        {kinds.map((kind) => {
          const last = lastInWords(kind, record?.observations ?? [], language)
          const about = record?.requests.find((request) => asks(request, kind))?.id
          return (
            <li key={kind.name}>
              <Go to={`measure/${kind.name}${about ? `?about=ServiceRequest/${about}` : ''}`} className="choice">
                <span>
                  <span className="what">{kind.title[language]}</span>
                  {last && <span className="quiet">{text('last', { value: last })}</span>}
                </span>
                <ChevronRightIcon aria-hidden fontSize="1.5rem" />
              </Go>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
