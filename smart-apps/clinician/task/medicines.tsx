import type { MedicationStatement } from '@medplum/fhirtypes'
import { useTexts } from '../../texts/use-texts.ts'
import { TASK_TEXTS } from './texts.ts'

/** What is taken now. */
export function Medicines({ medications }: { medications: readonly MedicationStatement[] }) {
  const text = useTexts(TASK_TEXTS)
  const active = medications.filter(({ status }) => status === 'active')
  if (active.length === 0) return <p className="quiet">{text('noMedicines')}</p>
  return (
    <ul className="plain-list">
      {active.map(({ id, medicationCodeableConcept: concept, medicationReference, dosage }) => (
        <li key={id}>
          {concept?.text ?? concept?.coding?.[0]?.display ?? medicationReference?.display ?? '–'}
          {dosage?.[0]?.text && <span className="quiet"> {dosage[0].text}</span>}
        </li>
      ))}
    </ul>
  )
}
