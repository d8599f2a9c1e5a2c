import { Button, Heading, Loader } from '@navikt/ds-react'
import { useState } from 'react'
import { ofType } from '../../fhir/client.ts'
import { ended, type Grant, grantsOf, relationOf, type StoredConsent, type StoredKin } from '../../sharing/grants.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { useMe, useSigned } from '../me-context.ts'
import { Trouble } from '../my-data/trouble.tsx'
import { useReading } from '../my-data/use-reading.ts'
import { isKin } from '../sign-in/whose.ts'
import { numberOf, startOf } from './share.ts'
import { ShareForm } from './share-form.tsx'
import { SHARING_TEXTS } from './texts.ts'
import { useShareWords } from './use-share-words.ts'
import { withoutPerson } from './wrong-person.ts'
import './sharing.css'

/** For the patient alone. */
export default function SharingScreen() {
  const text = useTexts(SHARING_TEXTS)
  const { session } = useSigned()
  if (isKin(session))
    return (
      <>
        <Heading size="large" level="1">
          {text('title')}
        </Heading>
        <p>{text('onlyPatient')}</p>
      </>
    )
  return <OwnSharing />
}

/** Whom the patient shares with, what, and until when; given to others, and taken back in one act. Only with a net: it must be of now. */
function OwnSharing() {
  const text = useTexts(SHARING_TEXTS)
  const { fhir } = useMe()
  const { session } = useSigned()
  const [isGiving, setIsGiving] = useState(false)
  const [notice, setNotice] = useState('')
  const [hasFailed, setHasFailed] = useState(false)
  const {
    found: sharing,
    failure,
    read,
  } = useReading(async () => {
    const patient = session.patient
    const [consents, kin] = await Promise.all([
      fhir.search('Consent', { patient, status: 'active', _count: 200 }),
      fhir.search('RelatedPerson', { patient, _count: 200 }),
    ])
    const known = ofType(kin, 'RelatedPerson') as StoredKin[]
    const grants = grantsOf(ofType(consents, 'Consent') as StoredConsent[], known, new Date())
    return { grants: grants.filter(({ isOver }) => !isOver).flatMap(toEachKin), kin: known }
  })
  const takeBack = async (grant: Grant) => {
    setHasFailed(false)
    setNotice('')
    const hasWorked = await fhir.update(ended(grant)).then(
      () => true,
      () => false,
    )
    setHasFailed(!hasWorked)
    const left = await read()
    const isLeft = left?.grants.some(({ actors }) => actors[0]?.reference === grant.actors[0]?.reference)
    if (hasWorked) setNotice(text(!left || isLeft ? 'takenBackSome' : 'takenBack', { name: nameOfFirst(grant) }))
  }
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      <p>{text('lead')}</p>
      {failure !== undefined && <Trouble failure={failure} onRetry={() => void read()} />}
      {!sharing && failure === undefined && <Loader title={text('loading')} />}
      <div role="status">{notice && <p className="card">{notice}</p>}</div>
      {hasFailed && <p role="alert">{text('notSaved')}</p>}
      {sharing && (
        <section className="card" aria-labelledby="shared">
          <Heading size="small" level="2" id="shared">
            {text('shared')}
          </Heading>
          {sharing.grants.length === 0 && <p>{text('none')}</p>}
          <ul className="shared">
            {sharing.grants.map((grant) => (
              <li key={`${grant.consent.id} ${grant.within} ${grant.actors[0]?.reference}`}>
                <Shared grant={grant} kin={sharing.kin} onTakeBack={() => void takeBack(grant)} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {sharing && !isGiving && (
        <Button
          className="big"
          onClick={() => {
            setNotice('')
            setIsGiving(true)
          }}
        >
          {text('shareNew')}
        </Button>
      )}
      {sharing && isGiving && (
        <ShareForm
          known={sharing.kin.filter(({ active }) => active !== false)}
          onCancel={(mayHold) => {
            setIsGiving(false)
            if (mayHold) void read()
          }}
          onWrong={async (wrong) => {
            // Also where the answer was lost: then what has become of it is read.
            await fhir.transact(withoutPerson(wrong, sharing.grants)).finally(read)
          }}
          onShared={async (name) => {
            setIsGiving(false)
            await read()
            setNotice(text('nowShared', { name }))
          }}
        />
      )}
    </>
  )
}

/** What several next of kin have been given together is taken back from each by itself; what is not theirs is not told of here. */
const toEachKin = (grant: Grant): Grant[] =>
  grant.isClosing
    ? []
    : grant.actors.flatMap((actor) =>
        actor.reference.startsWith('RelatedPerson/') ? [{ ...grant, actors: [actor] }] : [],
      )
const nameOfFirst = ({ actors: [actor] }: Grant): string => actor?.name ?? actor?.reference ?? ''

type SharedProps = { grant: Grant; kin: readonly StoredKin[]; onTakeBack: () => void }

/** One sharing in plain words: who, what, until when. */
function Shared({ grant, kin, onTakeBack }: SharedProps) {
  const text = useTexts(SHARING_TEXTS)
  const language = useLanguage()
  const { actors, types, until } = grant
  const name = nameOfFirst(grant)
  const person = kin.find(({ id }) => actors[0]?.reference === `RelatedPerson/${id}`)
  const relation = person && relationOf(person, language)
  const number = numberOf(person)
  const what = useShareWords(types) ?? text('everything')
  return (
    <>
      <p>
        <strong>{name}</strong>
        {relation && ` (${relation})`}
      </p>
      <p>{text('sees', { what })}</p>
      <p className="quiet">{until ? text('until', { date: date(until, language) }) : text('noEnd')}</p>
      {number && <p className="quiet">{text('numberBegins', { start: startOf(number) })}</p>}
      {person && !number && <p>{text('cannotSignIn')}</p>}
      <Button variant="secondary" onClick={onTakeBack}>
        {text('takeBack', { name })}
      </Button>
    </>
  )
}
