import { Button, Modal, Radio, RadioGroup, Select, Textarea } from '@navikt/ds-react'
import { useRef, useState } from 'react'
import type { Message } from '../../fhir/thread.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import type { Act, Doer } from '../task/act.ts'
import { readReceivers } from '../task/task-data.ts'
import { TASK_TEXTS } from '../task/texts.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import { UI_TEXTS } from '../ui/texts.ts'
import { MESSAGE_UNTILS, type MessageUntil, taskOfMessage } from './message-task.ts'
import { MESSAGE_TEXTS } from './texts.ts'

type Props = {
  message: Message
  /** id */
  patient: string
  doer: Doer
  /** `CareTeam/7`, which follows the patient up. */
  team: string | undefined
  onMake: (act: Act) => void
  onClose: () => void
}

/** What the patient has written asks for more than an answer: somebody is to do something, by a time. */
export function MessageTaskDialog({ message, patient, doer, team, onMake, onClose }: Props) {
  const text = useTexts(MESSAGE_TEXTS)
  const task = useTexts(TASK_TEXTS)
  const ui = useTexts(UI_TEXTS)
  const fhir = useFhir()
  const receivers = useQuery('receivers', (signal) => readReceivers(fhir, signal))
  const [words, setWords] = useState(message.subject ? text(`taskOf-${message.subject}`) : '')
  const [to, setTo] = useState(team ?? '')
  const [until, setUntil] = useState<MessageUntil>('today')
  const [isTried, setIsTried] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const choice = useRef<HTMLSelectElement>(null)
  const all = [...(receivers.data?.teams ?? []), ...(receivers.data?.organizations ?? [])]
  const owner = all.find(({ reference }) => reference === to)
  const isEmpty = words.trim() === ''
  const make = () => {
    setIsTried(true)
    if (isEmpty) return field.current?.focus()
    if (!owner) return choice.current?.focus()
    const act = crypto.randomUUID()
    onMake({
      ...{ id: act, patient, taskIds: [], words: { held: text('taskHeld'), done: text('taskMade') } },
      request: {
        kind: 'transaction',
        entry: [taskOfMessage({ act, now: new Date(), patient, doer }, { message, owner, words: words.trim(), until })],
      },
    })
    onClose()
  }
  return (
    <Modal open onClose={onClose} header={{ heading: text('makeTask'), size: 'small' }} width="medium">
      <Modal.Body className="message-task">
        <blockquote>{message.text}</blockquote>
        <Textarea
          ref={field}
          size="small"
          minRows={2}
          label={text('taskWhat')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          error={isTried && isEmpty ? text('taskWhatMissing') : undefined}
        />
        <AnswerView answer={receivers} what={text('receivers')} rows={1}>
          {({ teams, organizations }) => (
            <Select
              ref={choice}
              size="small"
              label={text('taskWho')}
              value={owner ? to : ''}
              onChange={(event) => setTo(event.target.value)}
              error={isTried && !owner ? text('taskWhoMissing') : undefined}
            >
              <option value="">–</option>
              {[...teams, ...organizations].map(({ reference, display }) => (
                <option key={reference} value={reference}>
                  {display}
                </option>
              ))}
            </Select>
          )}
        </AnswerView>
        <RadioGroup
          size="small"
          legend={text('taskUntil')}
          value={until}
          onChange={(next: MessageUntil) => setUntil(next)}
          className="inline-radios"
        >
          {MESSAGE_UNTILS.map((one) => (
            <Radio key={one} value={one}>
              {task(one)}
            </Radio>
          ))}
        </RadioGroup>
      </Modal.Body>
      <Modal.Footer>
        <Button size="small" onClick={make}>
          {text('makeTaskDo')}
        </Button>
        <Button size="small" variant="tertiary" onClick={onClose}>
          {ui('cancel')}
        </Button>
      </Modal.Footer>
    </Modal>
  )
}
