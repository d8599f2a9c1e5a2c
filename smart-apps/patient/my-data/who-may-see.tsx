import type { Parameters } from '@medplum/fhirtypes'
import { Heading, Loader } from '@navikt/ds-react'
import { Go } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { useMe, useSigned } from '../me-context.ts'
import { useShareWords } from '../sharing/use-share-words.ts'
import { groupsOf, type Seer, toSeers } from './seers.ts'
import { MY_DATA_TEXTS } from './texts.ts'
import { Trouble } from './trouble.tsx'
import { useReading } from './use-reading.ts'

/** Who may see something of the record now, as the server's own decision has it: the team, others in the health service, next of kin. */
export function WhoMaySee() {
  const text = useTexts(MY_DATA_TEXTS)
  const { fhir } = useMe()
  const { session } = useSigned()
  const {
    found: seers,
    failure,
    read,
  } = useReading(async () => toSeers(await fhir.operation<Parameters>(`Patient/${session.patient}/$who-may-see`)))
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
  const what = useShareWords(types)
  const language = useLanguage()
  return (
    <>
      {name ?? text('seerUnknown')}
      {isClosed ? (
        <span className="quiet"> – {text('seerClosed')}</span>
      ) : (
        <>
          {what && <span className="quiet"> – {what}</span>}
          {until && <span className="quiet"> – {text('seerUntil', { date: date(new Date(until), language) })}</span>}
        </>
      )}
    </>
  )
}
