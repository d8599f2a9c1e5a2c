import {
  Checkbox,
  CheckboxGroup,
  DatePicker,
  Radio,
  RadioGroup,
  Select,
  TextField,
  useDatepicker,
} from '@navikt/ds-react'
import { useState } from 'react'
import { openAttempts } from '../../sharing/attempts.ts'
import { RELATIONS, SHARES, type Share, type StoredKin } from '../../sharing/grants.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { nameOf } from '../../ui/person.ts'
import { ActDialog } from '../plan/act-dialog.tsx'
import { startOfDay } from '../plan/act-words.ts'
import { useSession } from '../session-context.ts'
import { granted, identifierOf } from './granted.ts'
import { ACCESS_TEXTS } from './texts.ts'

type Props = {
  patient: string
  /** undefined: somebody who is not known yet. */
  kin: StoredKin | undefined
  onGiven: (name: string) => void
  /** @param mayHold the answer was lost: it may have been given all the same */
  onClose: (mayHold: boolean) => void
}

/** Whom the patient lets see what, until when, and how they said so. */
export function GrantDialog({ patient, kin, onGiven, onClose }: Props) {
  const text = useTexts(ACCESS_TEXTS)
  const language = useLanguage()
  const { fhir, session } = useSession()
  const [attempts] = useState(() => openAttempts({ fhir, identifierOf }))
  const [fullName, setFullName] = useState('')
  const [relation, setRelation] = useState('')
  const [phone, setPhone] = useState('')
  const [isAll, setIsAll] = useState(true)
  const [shares, setShares] = useState<readonly Share[]>([])
  const [until, setUntil] = useState<Date>()
  const [isSure, setIsSure] = useState(false)
  const picker = useDatepicker({ fromDate: new Date(Date.now() + 86_400_000), onDateChange: setUntil })
  const name = kin ? (nameOf(kin.name) ?? '') : fullName.trim()
  const isKnown = kin !== undefined || (name.includes(' ') && relation !== '')
  const isReady = isKnown && isSure && (isAll || shares.length > 0)
  const give = async (reason: string) => {
    const who = kin ? { id: kin.id, name } : { name, phone: phone.trim(), relation }
    const person = attempts.personOf(Object.values(who))
    await attempts.send((as) =>
      granted({
        ...{ ...as, person, who, now: new Date(), patient, practitioner: session.fhirUser ?? '', reason },
        shares: isAll ? [] : shares,
        until: until && startOfDay(until),
      }),
    )
    onGiven(name)
  }
  return (
    <ActDialog
      title={kin ? text('giveTitle', { name }) : text('giveNewTitle')}
      will={text('giveWill', { name: name || text('they') })}
      confirm={text('giveDo')}
      reasonLabel={text('giveReason')}
      isReady={isReady}
      notReady={text(isKnown ? (isSure ? 'chooseWhat' : 'notSure') : 'notKnown')}
      onAct={give}
      onClose={() => onClose(attempts.mayHold())}
    >
      {!kin && (
        <div className="field-row">
          <TextField
            size="small"
            label={text('fullName')}
            value={fullName}
            onChange={(event) => setFullName(event.target.value)}
          />
          <Select
            size="small"
            label={text('relation')}
            value={relation}
            onChange={(event) => setRelation(event.target.value)}
          >
            <option value="">–</option>
            {RELATIONS.map(({ coding, words }) => (
              <option key={coding.code} value={coding.code}>
                {words[language]}
              </option>
            ))}
          </Select>
          <TextField
            size="small"
            label={text('phone')}
            type="tel"
            value={phone}
            onChange={(event) => setPhone(event.target.value)}
          />
        </div>
      )}
      <RadioGroup
        size="small"
        legend={text('whatShared')}
        value={isAll ? 'all' : 'some'}
        onChange={(value) => setIsAll(value === 'all')}
        className="in-row"
      >
        <Radio value="all">{text('everything')}</Radio>
        <Radio value="some">{text('some')}</Radio>
      </RadioGroup>
      {!isAll && (
        <CheckboxGroup size="small" legend={text('some')} hideLegend value={[...shares]} onChange={setShares}>
          {SHARES.map((share) => (
            <Checkbox key={share} value={share}>
              {text(share)}
            </Checkbox>
          ))}
        </CheckboxGroup>
      )}
      <DatePicker {...picker.datepickerProps}>
        <DatePicker.Input
          {...picker.inputProps}
          size="small"
          label={text('lastDay')}
          description={text('lastDayHelp')}
        />
      </DatePicker>
      <Checkbox size="small" checked={isSure} onChange={(event) => setIsSure(event.target.checked)}>
        {text('sure')}
      </Checkbox>
    </ActDialog>
  )
}
