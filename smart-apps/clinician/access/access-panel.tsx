import type { Provenance } from '@medplum/fhirtypes'
import { BodyShort, Button, Heading } from '@navikt/ds-react'
import { useState } from 'react'
import { type FhirClient, ofType } from '../../fhir/client.ts'
import { orMissing } from '../../fhir/missing.ts'
import {
  ended,
  type Grant,
  grantsOf,
  relationOf,
  type StoredConsent,
  type StoredKin,
  shareOf,
} from '../../sharing/grants.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date, moment } from '../../ui/format.ts'
import { nameOf } from '../../ui/person.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { latestReason } from '../plan/changed-meanwhile.ts'
import { type Notice, NoticeView } from '../plan/notice-view.tsx'
import { changeWithReason } from '../plan/plan-data.ts'
import { useMay, useSession } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { EndGrantDialog } from './end-grant-dialog.tsx'
import { GrantDialog } from './grant-dialog.tsx'
import { withoutAccess } from './granted.ts'
import { ACCESS_TEXTS } from './texts.ts'
import './access.css'

type Sharing = { consents: StoredConsent[]; kin: StoredKin[]; provenances: Provenance[]; isPartial: boolean }

async function readSharing(fhir: FhirClient, patient: string, signal: AbortSignal): Promise<Sharing> {
  const [consents, kin] = await Promise.all([
    fhir.search('Consent', { patient, _sort: '-_lastUpdated', _count: 100 }, signal),
    fhir.search('RelatedPerson', { patient, _count: 50 }, signal),
  ])
  const found = ofType(consents, 'Consent')
  const target = found.map(({ id }) => `Consent/${id}`).join(',')
  const told = target ? await orMissing(fhir.search('Provenance', { target, _count: 200 }, signal)) : { entry: [] }
  return {
    consents: found,
    kin: ofType(kin, 'RelatedPerson'),
    provenances: told ? ofType(told as Parameters<typeof ofType>[0], 'Provenance') : [],
    isPartial: told === undefined,
  }
}

type Open = 'new' | { give: StoredKin } | { end: Grant }

/** Who may see what of a patient, as the patient has said; given to more, and ended, with how they said so. */
export default function AccessPanel({ patient, onChanged }: { patient: string; onChanged: () => void }) {
  const text = useTexts(ACCESS_TEXTS)
  const { fhir, session } = useSession()
  const may = useMay()
  const answer = useQuery(`access ${patient}`, (signal) => readSharing(fhir, patient, signal))
  useLive('sperring', patient, answer.reload)
  const [open, setOpen] = useState<Open>()
  const [notice, setNotice] = useState<Notice>()
  const done = (told: Notice) => {
    setOpen(undefined)
    setNotice(told)
    answer.reload()
    onChanged()
  }
  const by = { practitioner: session.fhirUser ?? '', patient }
  const end = async (grant: Grant, reason: string) => {
    const { consent } = grant
    const versionId = await changeWithReason(fhir, ended(grant), { ...by, reason, now: new Date() })
    const undo = async () => {
      const back = { ...consent, meta: { ...consent.meta, versionId } }
      await changeWithReason(fhir, back, { ...by, reason: text('undoReason', { reason }), now: new Date() })
      return text('isBack', { name: namesOf(grant, text) })
    }
    done({ words: text('isEnded', { name: namesOf(grant, text) }), undo })
  }
  const mayGive = may('Consent', 'c')
  return (
    <div className="access">
      <NoticeView notice={notice} onUndone={(words) => done({ words })} onClose={() => setNotice(undefined)} />
      <AnswerView
        answer={answer}
        what={text('what')}
        rows={4}
        missing={({ isPartial }) => (isPartial ? text('reasons') : undefined)}
      >
        {({ consents, kin, provenances }) => {
          const grants = grantsOf(consents, kin, new Date())
          const standing = grants.filter(({ isOver, isClosing }) => !isOver && !isClosing)
          const closings = grants.filter(({ isOver, isClosing }) => !isOver && isClosing)
          const over = grants.filter(({ isOver }) => isOver)
          const others = withoutAccess(kin, grants)
          return (
            <div className="columns">
              <div>
                <Part id="shared" title={text('shared')} help={text('sharedHelp')}>
                  {standing.length === 0 && <p className="quiet">{text('noneShared')}</p>}
                  <ul className="access-list">
                    {standing.map((grant) => (
                      <GrantLine key={keyOf(grant)} grant={grant} kin={kin}>
                        {may('Consent', 'u') && (
                          <Button
                            size="xsmall"
                            variant="tertiary"
                            data-color="danger"
                            aria-label={text('endFor', { name: namesOf(grant, text) })}
                            onClick={() => setOpen({ end: grant })}
                          >
                            {text('end')}
                          </Button>
                        )}
                      </GrantLine>
                    ))}
                  </ul>
                </Part>
                <Part id="known" title={text('known')}>
                  {others.length === 0 && <p className="quiet">{text('noneKnown')}</p>}
                  <ul className="access-list">
                    {others.map((one) => (
                      <KinLine key={one.id} kin={one}>
                        {mayGive && (
                          <Button
                            size="xsmall"
                            variant="secondary"
                            aria-label={text('giveTo', { name: nameOf(one.name) ?? '' })}
                            onClick={() => setOpen({ give: one })}
                          >
                            {text('give')}
                          </Button>
                        )}
                      </KinLine>
                    ))}
                  </ul>
                  {mayGive && (
                    <Button size="small" variant="secondary" onClick={() => setOpen('new')}>
                      {text('giveNew')}
                    </Button>
                  )}
                </Part>
              </div>
              <div>
                <Part id="closed" title={text('closed')} help={text('closedHelp')}>
                  {closings.length === 0 && <p className="quiet">{text('noneClosed')}</p>}
                  <ul className="access-list">
                    {closings.map((grant) => (
                      <GrantLine key={keyOf(grant)} grant={grant} kin={kin} />
                    ))}
                  </ul>
                </Part>
                {over.length > 0 && (
                  <Part id="over" title={text('over')}>
                    <ul className="access-list">
                      {over.map((grant) => (
                        <GrantLine
                          key={keyOf(grant)}
                          grant={grant}
                          kin={kin}
                          reason={reasonOf(provenances, grant.consent)}
                        />
                      ))}
                    </ul>
                  </Part>
                )}
              </div>
            </div>
          )
        }}
      </AnswerView>
      {(open === 'new' || (typeof open === 'object' && 'give' in open)) && (
        <GrantDialog
          patient={patient}
          kin={open === 'new' ? undefined : open.give}
          onGiven={(name) => done({ words: text('isGiven', { name }) })}
          onClose={(mayHold) => {
            setOpen(undefined)
            if (mayHold) answer.reload()
          }}
        />
      )}
      {typeof open === 'object' && 'end' in open && (
        <EndGrantDialog
          name={namesOf(open.end, text)}
          onEnd={(reason) => end(open.end, reason)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  )
}

const keyOf = ({ consent, within }: Grant) => `${consent.id} ${within}`

type Text = ReturnType<typeof useTexts<keyof (typeof ACCESS_TEXTS)['nb']>>

const namesOf = ({ actors }: Grant, text: Text): string =>
  actors.length === 0 ? text('everybody') : actors.map(({ name, reference }) => name ?? reference).join(', ')

/** Why it was changed last. */
function reasonOf(provenances: readonly Provenance[], { id }: StoredConsent): string | undefined {
  return latestReason(
    provenances.filter(({ target }) =>
      target.some(({ reference }) => reference?.split('/_history')[0] === `Consent/${id}`),
    ),
  )
}

type PartProps = { id: string; title: string; help?: string; children: React.ReactNode }
const Part = ({ id, title, help, children }: PartProps) => (
  <section className="card" aria-labelledby={`access-${id}`}>
    <Heading size="small" level="2" id={`access-${id}`}>
      {title}
    </Heading>
    {help && (
      <BodyShort size="small" className="quiet">
        {help}
      </BodyShort>
    )}
    {children}
  </section>
)

type LineProps = { grant: Grant; kin: readonly StoredKin[]; reason?: string | undefined; children?: React.ReactNode }

function GrantLine({ grant, kin, reason, children }: LineProps) {
  const text = useTexts(ACCESS_TEXTS)
  const language = useLanguage()
  const { actors, types, from, until, basis } = grant
  const relation =
    actors.length === 1 ? kin.find(({ id }) => actors[0]?.reference === `RelatedPerson/${id}`) : undefined
  const relationWords = relation && relationOf(relation, language)
  const { shares, others } = shareOf(types ?? [])
  const what = types ? [...shares.map((share) => text(share)), ...others].join(', ') : text('everything')
  return (
    <li>
      <div>
        <strong>{namesOf(grant, text)}</strong>
        {relationWords && ` (${relationWords})`}
        <span className="access-what">{what}</span>
        <span className="quiet">
          {[
            from && text('since', { date: date(from, language) }),
            until ? text('until', { time: moment(until, language) }) : text('noEnd'),
            basis,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        {reason && <span className="quiet">«{reason}»</span>}
      </div>
      {children}
    </li>
  )
}

function KinLine({ kin, children }: { kin: StoredKin; children?: React.ReactNode }) {
  const language = useLanguage()
  const relation = relationOf(kin, language)
  const phone = kin.telecom?.find(({ system }) => system === 'phone')?.value
  return (
    <li>
      <div>
        <strong>{nameOf(kin.name) ?? '–'}</strong>
        {relation && ` (${relation})`}
        {phone && (
          <span className="quiet">
            <a href={`tel:${phone.replace(/\s/g, '')}`}>{phone}</a>
          </span>
        )}
      </div>
      {children}
    </li>
  )
}
