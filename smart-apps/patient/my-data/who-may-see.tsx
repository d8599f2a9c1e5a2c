import type { Parameters } from '@medplum/fhirtypes'
import { Heading, Loader } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { Go } from '../../place/router.tsx'
import { SHARES, shareOf } from '../../sharing/grants.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { useMe, useSigned } from '../me-context.ts'
import { SHARING_TEXTS } from '../sharing/texts.ts'
import { groupsOf, type Seer, toSeers } from './seers.ts'
import { MY_DATA_TEXTS } from './texts.ts'
import { Trouble } from './trouble.tsx'

/** Who may see something of the record now, as the server's own decision has it: the team, others in the health service, next of kin. */
export function WhoMaySee() {
  const text = useTexts(MY_DATA_TEXTS)
  const { fhir } = useMe()
  const { session } = useSigned()
  const [seers, setSeers] = useState<Seer[]>()
  const [failure, setFailure] = useState<unknown>()
  const read = async () => {
    setFailure(undefined)
    try {
      setSeers(toSeers(await fhir.operation<Parameters>(`Patient/${session.patient}/$who-may-see`)))
    } catch (error) {
      setFailure(error)
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    void read()
  }, [])
  return (
    <section className="card" aria-labelledby="seers">
      <Heading size="small" level="2" id="seers">
        {text('seers')}
      </Heading>
      {failure !== undefined && <Trouble failure={failure} onRetry={() => void read()} />}
      {!seers && failure === undefined && <Loader title={text('loading')} />}
      {seers?.length === 0 && <p>{text('seersNone')}</p>}
      {seers &&
        groupsOf(seers).map(([group, of]) => (
          <div key={group}>
            <Heading size="xsmall" level="3">
              {text(group)}
            </Heading>
            <ul className="seers">
              {of.map((seer) => (
                <li key={seer.who}>
                  <SeerLine seer={seer} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      <Go to="sharing">{text('toSharing')}</Go>
    </section>
  )
}

function SeerLine({ seer: { name, isClosed, types, until } }: { seer: Seer }) {
  const text = useTexts(MY_DATA_TEXTS)
  const shared = useTexts(SHARING_TEXTS)
  const language = useLanguage()
  const { shares, others } = types ? shareOf(types) : { shares: SHARES, others: [] }
  const kinds = [...shares.map((share) => shared(share)), ...(others.length > 0 ? [shared('others')] : [])]
  return (
    <>
      {name ?? text('seerUnknown')}
      {isClosed ? (
        <span className="quiet"> – {text('seerClosed')}</span>
      ) : (
        <>
          {types && <span className="quiet"> – {kinds.join(', ')}</span>}
          {until && <span className="quiet"> – {text('seerUntil', { date: date(new Date(until), language) })}</span>}
        </>
      )}
    </>
  )
}
