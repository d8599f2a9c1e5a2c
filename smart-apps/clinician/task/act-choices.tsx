import type { Patient, Questionnaire } from '@medplum/fhirtypes'
import { ofType } from '../../fhir/client.ts'
import { translated } from '../../fhir/translated.ts'
import type { Measure } from '../../measures/measures.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useMeasureWords } from '../patient/use-measure-words.ts'
import { useFhir } from '../session-context.ts'
import type { StoredTask } from '../worklist/row.ts'
import { Choice, type FieldProps } from './act-fields.tsx'
import type { ActKind } from './suggestion.ts'
import { readReceivers } from './task-data.ts'
import { TASK_TEXTS } from './texts.ts'

/** To be rung with one click, where a telephone is connected. */
export function Phone({ patient }: { patient: Patient | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const number = patient?.telecom?.find(({ system }) => system === 'phone')?.value
  return (
    <p className="phone">
      {text('phone')}: {number ? <a href={`tel:${number.replace(/\s/g, '')}`}>{number}</a> : text('noPhone')}
    </p>
  )
}

/** Which form the patient is sent. */
export function Forms({ draft, change, error }: FieldProps & { error: string | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const { data } = useQuery('forms to send', async (signal) =>
    ofType(
      await fhir.search(
        'Questionnaire',
        { status: 'active', _elements: 'url,version,title,subjectType,item', _count: 200 },
        signal,
      ),
      'Questionnaire',
    ).filter(isForPatients),
  )
  if (data?.length === 0) return <p className="quiet">{text('noForms')}</p>
  return (
    <Choice {...{ draft, change }} field="form" label={text('formWhat')} error={error}>
      {data?.map((form) => (
        <option key={form.id} value={`${form.id} ${form.url}${form.version ? `|${form.version}` : ''}`}>
          {translated(form, 'title', language)?.text ?? form.url}
        </option>
      ))}
    </Choice>
  )
}
/** A form that others own stands here without its questions until it is filled in by its owner. */
const isForPatients = ({ item, subjectType }: Questionnaire): boolean =>
  (item?.length ?? 0) > 0 && (!subjectType || subjectType.includes('Patient'))

/** Who is asked: people, teams or organizations, as the act allows. */
export function Receivers({
  draft,
  change,
  kind,
  label,
  error,
}: FieldProps & { kind: ActKind; label: string; error: string | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const fhir = useFhir()
  const { data } = useQuery('receivers', (signal) => readReceivers(fhir, signal))
  const groups = [
    ...(kind === 'visit' ? [] : [['doctors', data?.doctors ?? []] as const]),
    ...(kind === 'doctor'
      ? []
      : [['teams', data?.teams ?? []] as const, ['organizations', data?.organizations ?? []] as const]),
  ]
  return (
    <Choice {...{ draft, change }} field="to" label={label} error={error}>
      {groups.map(([name, all]) =>
        all.length === 0 ? null : (
          <optgroup key={name} label={text(name)}>
            {all.map(({ reference, display }) => (
              <option key={reference} value={reference}>
                {display}
              </option>
            ))}
          </optgroup>
        ),
      )}
    </Choice>
  )
}

const READING_COUNT = 8

/** Which reading is not believed; the one that the Task is about stands first. */
export function Readings({
  draft,
  change,
  measures,
  task,
  error,
}: FieldProps & { measures: readonly Measure[]; task: StoredTask; error: string | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const words = useMeasureWords()
  const readings = measures
    .flatMap((measure) => measure.points.map((point) => ({ measure, point })))
    .filter(({ point }) => !point.isInvalid)
    .sort((one, other) => other.point.at.getTime() - one.point.at.getTime())
  const about = task.focus?.reference?.replace(/^Observation\//, '')
  const first = readings.filter(({ point }) => point.id === about)
  const shown = [...first, ...readings.filter(({ point }) => point.id !== about)].slice(0, READING_COUNT)
  return (
    <Choice {...{ draft, change }} field="reading" label={text('reading')} error={error}>
      {shown.map(({ measure, point }) => (
        <option key={point.id} value={point.id}>
          {`${measure.title} ${words.value(point, measure)} ${measure.unit}, ${moment(point.at, language)}`}
        </option>
      ))}
    </Choice>
  )
}
