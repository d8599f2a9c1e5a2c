import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { Button, Heading, Loader } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useMe, useSigned } from '../me-context.ts'
import { MY_DATA_TEXTS } from './texts.ts'
import { Trouble } from './trouble.tsx'

const COUNT = 10

type Look = { key: string; text: string; at: Date }
type Log = { looks: Look[]; next?: string }

/** Who has looked into the record, in plain language, newest first, as the server tells it. */
export function AccessLog() {
  const text = useTexts(MY_DATA_TEXTS)
  const language = useLanguage()
  const { fhir } = useMe()
  const { session } = useSigned()
  const [log, setLog] = useState<Log>()
  const [failure, setFailure] = useState<unknown>()
  const read = async (end?: string) => {
    setFailure(undefined)
    try {
      const answer = await fhir.operation<Parameters>(`Patient/${session.patient}/$access-log`, [
        { name: 'count', valueInteger: COUNT },
        ...(end ? [{ name: 'end', valueDateTime: end }] : []),
      ])
      const { looks, next } = toLog(answer)
      setLog((before) => ({ looks: end ? [...(before?.looks ?? []), ...looks] : looks, ...(next ? { next } : {}) }))
    } catch (error) {
      setFailure(error)
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each language
  useEffect(() => {
    void read()
  }, [language])
  return (
    <section className="card" aria-labelledby="log">
      <Heading size="small" level="2" id="log">
        {text('log')}
      </Heading>
      <p>{text('logLead')}</p>
      {failure !== undefined && <Trouble failure={failure} onRetry={() => void read()} />}
      {!log && failure === undefined && <Loader title={text('loading')} />}
      {log?.looks.length === 0 && <p>{text('logNone')}</p>}
      <ol className="log">
        {log?.looks.map((look) => (
          <li key={look.key}>
            <p className="quiet">
              <time dateTime={look.at.toISOString()}>{moment(look.at, language)}</time>
            </p>
            <p>{look.text}</p>
          </li>
        ))}
      </ol>
      {log?.next && (
        <Button variant="secondary" onClick={() => void read(log.next)}>
          {text('logMore')}
        </Button>
      )}
    </section>
  )
}

function toLog({ parameter = [] }: Parameters): Log {
  const looks = parameter.flatMap(({ name, part }, i): Look[] => {
    if (name !== 'entry' || !part) return []
    const all = (wanted: string) => part.filter((one: ParametersParameter) => one.name === wanted)
    const said = (wanted: string) => all(wanted).flatMap(({ valueString }) => valueString ?? [])
    const { start, end } = all('period')[0]?.valuePeriod ?? {}
    const at = end ?? start
    return at ? [{ key: `${at} ${i}`, text: said('text')[0] ?? '', at: new Date(at) }] : []
  })
  const next = parameter.find(({ name }) => name === 'next')?.valueInstant
  return { looks, ...(next ? { next } : {}) }
}
