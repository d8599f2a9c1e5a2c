import { Heading, Table, Tag } from '@navikt/ds-react'
import { useMemo } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { type Analyte, type Flag, type LabResult, toAnalytes } from './laboratory.ts'
import { type Laboratory, readLaboratory } from './shared-data.ts'
import { SHARED_TEXTS } from './shared-texts.ts'

/** What laboratories have answered: of each thing the newest value, and behind it where it is from and what it was before. */
export function LaboratoryCard({ patient }: { patient: string }) {
  const text = useTexts(SHARED_TEXTS)
  const fhir = useFhir()
  const answer = useQuery(`laboratory ${patient}`, (signal) => readLaboratory(fhir, patient, signal))
  useLive('measurements', patient, answer.reload)
  useLive('documents', patient, answer.reload)
  return (
    <section aria-labelledby="laboratory" className="card">
      <Heading size="small" level="2" id="laboratory">
        {text('laboratory')}
      </Heading>
      <AnswerView
        answer={answer}
        what={text('laboratoryPart')}
        rows={3}
        missing={({ isPartial }) => (isPartial ? text('reportsPart') : undefined)}
        isEmpty={({ observations, reports }) => observations.length === 0 && reports.length === 0}
        empty={<p className="quiet">{text('noLaboratory')}</p>}
      >
        {(data) => <Answers {...data} />}
      </AnswerView>
    </section>
  )
}

function Answers({ observations, reports }: Laboratory) {
  const text = useTexts(SHARED_TEXTS)
  const language = useLanguage()
  const analytes = useMemo(() => toAnalytes(observations, reports, language), [observations, reports, language])
  const concluded = reports.filter(({ status, conclusion }) => conclusion && status !== 'entered-in-error')
  return (
    <>
      {analytes.length > 0 && (
        <Table size="small" className="laboratory">
          <Table.Header>
            <Table.Row>
              <Table.DataCell />
              {(['test', 'value', 'range', 'at'] as const).map((name) => (
                <Table.HeaderCell key={name} scope="col" className={`lab-${name}`}>
                  {text(name)}
                </Table.HeaderCell>
              ))}
            </Table.Row>
          </Table.Header>
          <Table.Body>
            {analytes.map((one) => (
              <AnalyteRow key={one.key} analyte={one} />
            ))}
          </Table.Body>
        </Table>
      )}
      {concluded.length > 0 && (
        <>
          <Heading size="xsmall" level="3" className="lab-conclusions">
            {text('conclusions')}
          </Heading>
          <ul className="task-list">
            {concluded.map(({ id, code, conclusion, effectiveDateTime, issued, performer }) => (
              <li key={id}>
                <span>
                  <strong>{code?.text ?? code?.coding?.[0]?.display}</strong>: {conclusion}
                </span>
                <span className="quiet">
                  {(effectiveDateTime ?? issued) && <Moment at={new Date(effectiveDateTime ?? issued ?? '')} />}
                  {performer?.[0]?.display && ` · ${performer[0].display}`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function AnalyteRow({ analyte: { title, results } }: { analyte: Analyte }) {
  const text = useTexts(SHARED_TEXTS)
  const language = useLanguage()
  const [newest, ...earlier] = results
  if (!newest) return null
  return (
    <Table.ExpandableRow
      togglePlacement="left"
      expandOnRowClick
      content={
        <div className="lab-more">
          <Provenance result={newest} />
          {earlier.length > 0 && (
            <>
              <strong>{text('earlierValues')}</strong>
              <ul className="plain-list">
                {earlier.map((one) => (
                  <li key={one.id}>
                    <Value result={one} /> <span className="quiet">{moment(one.at, language)}</span>
                    {one.performer && <span className="quiet"> · {one.performer}</span>}
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      }
    >
      <Table.HeaderCell scope="row">{title}</Table.HeaderCell>
      <Table.DataCell className="lab-value">
        <Value result={newest} />
      </Table.DataCell>
      <Table.DataCell className="lab-range">{newest.range ?? '–'}</Table.DataCell>
      <Table.DataCell className="lab-at">
        <Moment at={newest.at} />
      </Table.DataCell>
    </Table.ExpandableRow>
  )
}

/** What stands outside of the usual is said in a word, beside its colour. */
function Value({ result: { value, flag, isPreliminary, isCorrected } }: { result: LabResult }) {
  const text = useTexts(SHARED_TEXTS)
  return (
    <>
      <span className="lab-figure">{value}</span>{' '}
      {flag && (
        <Tag size="xsmall" variant={FLAG_VARIANTS[flag]}>
          {text(flag)}
        </Tag>
      )}
      {isPreliminary && (
        <Tag size="xsmall" variant="neutral-moderate">
          {text('preliminary')}
        </Tag>
      )}
      {isCorrected && (
        <Tag size="xsmall" variant="neutral-moderate">
          {text('corrected')}
        </Tag>
      )}
    </>
  )
}
const FLAG_VARIANTS = {
  criticalHigh: 'error-moderate',
  high: 'warning-moderate',
  low: 'warning-moderate',
  criticalLow: 'error-moderate',
  abnormal: 'warning-moderate',
} as const satisfies Record<Flag, string>

function Provenance({ result: { at, range, performer, method, issued, note, conclusion } }: { result: LabResult }) {
  const text = useTexts(SHARED_TEXTS)
  const language = useLanguage()
  const said = [
    ['at', moment(at, language)],
    ['issued', issued && moment(issued, language)],
    ['range', range],
    ['performer', performer],
    ['method', method],
    ['note', note],
    ['conclusion', conclusion],
  ] as const
  return (
    <dl>
      {said.map(([name, words]) =>
        words ? (
          <div key={name}>
            <dt>{text(name)}</dt>
            <dd>{words}</dd>
          </div>
        ) : null,
      )}
    </dl>
  )
}
