import type { Observation } from '@medplum/fhirtypes'
import { CheckmarkCircleIcon, CloudSlashIcon, CloudUpIcon, ExclamationmarkTriangleIcon } from '@navikt/aksel-icons'
import { Button, Heading } from '@navikt/ds-react'
import type { Language } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock, moment, number } from '../../ui/format.ts'
import { useMe, useSending } from '../me-context.ts'
import { findKind, kindOfCodes } from '../measure/kinds.ts'
import type { Entry, Made } from './entry.ts'
import { RefusalView } from './refusal-view.tsx'
import { SENDING_TEXTS } from './texts.ts'

/** Every single thing that was saved here and has not come back in the record yet. */
export default function SendingScreen() {
  const text = useTexts(SENDING_TEXTS)
  const { outbox } = useMe()
  const { entries, isReached } = useSending()
  const isWaiting = entries.some(({ state }) => state === 'waiting')
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      <p>{text('lead')}</p>
      {entries.length === 0 && (
        <section className="card">
          <Heading size="small" level="2">
            {text('none')}
          </Heading>
          <p>{text('noneHelp')}</p>
        </section>
      )}
      <ul className="entries">
        {entries.toReversed().map((entry) => (
          <EntryLine key={entry.id} entry={entry} isReached={isReached !== false} />
        ))}
      </ul>
      {isWaiting && <Button onClick={() => void outbox.flush()}>{text('tryNow')}</Button>}
    </>
  )
}

/** What was done when it was saved. */
const MADE = {
  Observation: 'measuredAt',
  QuestionnaireResponse: 'answeredAt',
  Communication: 'writtenAt',
  Media: 'addedAt',
} as const satisfies Record<Made['resourceType'], string>
const NAMES = { Communication: 'message', Media: 'picture', QuestionnaireResponse: 'answers' } as const

function EntryLine({ entry, isReached }: { entry: Entry; isReached: boolean }) {
  const text = useTexts(SENDING_TEXTS)
  const language = useLanguage()
  const { state, sentAt, resource } = entry
  const [kind, Icon, words] =
    state === 'refused'
      ? (['refused', ExclamationmarkTriangleIcon, text('refused')] as const)
      : state === 'sent'
        ? (['sent', CheckmarkCircleIcon, text('sent', { at: clock(new Date(sentAt ?? 0), language) })] as const)
        : isReached
          ? (['sending', CloudUpIcon, text('sending')] as const)
          : (['offline', CloudSlashIcon, text('waiting')] as const)
  const title =
    resource.resourceType === 'Observation' ? valueInWords(resource, language) : text(NAMES[resource.resourceType])
  const at = resource.resourceType === 'Observation' ? (resource.effectiveDateTime ?? entry.savedAt) : entry.savedAt
  const when = text(MADE[resource.resourceType], { at: moment(new Date(at), language) })
  return (
    <li className="card entry" data-state={kind}>
      <p className="what">{title}</p>
      <p className="quiet">{when}</p>
      <p className="where" data-state={kind}>
        <Icon aria-hidden fontSize="1.25rem" /> {words}
      </p>
      {state === 'refused' && <RefusalView entry={entry} />}
    </li>
  )
}

/** "Oxygen (SpO₂) 93 %", "Blood pressure 142/88 mmHg". */
function valueInWords({ code, valueQuantity, component = [] }: Observation, language: Language): string {
  const codes = code?.coding?.map((coding) => coding.code ?? '') ?? []
  const kind = kindOfCodes(codes)
  const isPulse = codes.includes('8867-4')
  const title = (isPulse ? findKind('pulse') : kind)?.title[language] ?? code?.text ?? ''
  if (valueQuantity?.value !== undefined) {
    const name = kind?.name === 'oximeter' && !isPulse ? (kind.fields[0]?.title[language] ?? title) : title
    return `${name} ${number(valueQuantity.value, language)} ${valueQuantity.unit ?? ''}`
  }
  const values = component.flatMap(({ valueQuantity: one }) => one?.value ?? [])
  return `${title} ${values.join('/')} ${component[0]?.valueQuantity?.unit ?? ''}`
}
