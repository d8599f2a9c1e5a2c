import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { Button, Heading, Loader } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useMe, useSigned } from '../me-context.ts'
import { MY_DATA_TEXTS } from './texts.ts'
import { Trouble } from './trouble.tsx'

const COUNT = 10

type Look = { key: string; text: string; at: Date; isOwn: boolean }
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
      const { looks, next } = toLog(answer, session.patient ?? '')
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
        {gathered(log?.looks ?? []).map((looks) => (
          <li key={looks[0]?.key}>
            {looks[0]?.isOwn ? (
              <details>
                <summary>{text('logOwn', { count: looks.length })}</summary>
                <ol className="log">
                  {looks.map((look) => (
                    <li key={look.key}>
                      <OneLook look={look} />
                    </li>
                  ))}
                </ol>
              </details>
            ) : (
              looks.map((look) => <OneLook key={look.key} look={look} />)
            )}
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

function OneLook({ look: { at, text } }: { look: Look }) {
  const language = useLanguage()
  return (
    <>
      <p className="quiet">
        <time dateTime={at.toISOString()}>{moment(at, language)}</time>
      </p>
      <p>{text}</p>
    </>
  )
}

/** What somebody has looked at themselves stands together below the rest: who else has looked is what they want to know. */
function gathered(looks: readonly Look[]): Look[][] {
  const own = looks.filter(({ isOwn }) => isOwn)
  return [...looks.filter(({ isOwn }) => !isOwn).map((look) => [look]), ...(own.length > 0 ? [own] : [])]
}

function toLog({ parameter = [] }: Parameters, patient: string): Log {
  const looks = parameter.flatMap(({ name, part }, i): Look[] => {
    if (name !== 'entry' || !part) return []
    const all = (wanted: string) => part.filter((one: ParametersParameter) => one.name === wanted)
    const said = (wanted: string) => all(wanted).flatMap(({ valueString }) => valueString ?? [])
    const { start, end } = all('period')[0]?.valuePeriod ?? {}
    const at = end ?? start
    // Another server may tell it in one sentence alone.
    const words = said('said')[0] ?? said('text')[0] ?? ''
    const isOwn = all('person')[0]?.valueReference?.reference === `Patient/${patient}`
    return at ? [{ key: `${at} ${i}`, text: words, at: new Date(at), isOwn }] : []
  })
  const next = parameter.find(({ name }) => name === 'next')?.valueInstant
  return { looks, ...(next ? { next } : {}) }
}
