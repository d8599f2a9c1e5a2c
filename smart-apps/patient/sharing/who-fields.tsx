import { Radio, RadioGroup, Select, TextField } from '@navikt/ds-react'
import { RELATIONS, relationOf, type StoredKin } from '../../sharing/grants.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { nameOf } from '../../ui/person.ts'
import { numberOf, type Problem, startOf } from './share.ts'
import { SHARING_TEXTS } from './texts.ts'
import { WrongPerson } from './wrong-person-view.tsx'

export const SOMEBODY_NEW = 'new'

/** Whom the patient shares with, as they have written it so far. */
export type Who = {
  /** id of one who is known, SOMEBODY_NEW, or nothing yet. */
  who: string
  name: string
  nationalNumber: string
  relation: string
}

type Props = {
  known: readonly StoredKin[]
  written: Who
  onChange: (changed: Partial<Who>) => void
  errorOf: (problem: Problem | 'who') => string | false
  /** They are nobody's next of kin. @throws what the server or the net has against it */
  onWrong: (kin: StoredKin) => Promise<void>
}

/** Somebody who is known, or somebody new; with the number by which they sign in, where that is not known. */
export function WhoFields({ known, written, onChange, errorOf, onWrong }: Props) {
  const text = useTexts(SHARING_TEXTS)
  const language = useLanguage()
  const { who, name, nationalNumber, relation } = written
  const kin = known.find(({ id }) => id === who)
  const number = numberOf(kin)
  const described = (one: StoredKin) => {
    const start = numberOf(one)
    return [relationOf(one, language), start && text('numberBegins', { start: startOf(start) })]
      .filter(Boolean)
      .join('. ')
  }
  const writeAnew = async (wrong: StoredKin) => {
    await onWrong(wrong)
    const known = RELATIONS.find(({ words }) => words[language] === relationOf(wrong, language))
    onChange({
      ...{ who: SOMEBODY_NEW, name: nameOf(wrong.name) ?? '', nationalNumber: '' },
      relation: known?.coding.code ?? '',
    })
  }
  return (
    <>
      {known.length > 0 && (
        <RadioGroup
          legend={text('who')}
          id="share-who"
          tabIndex={-1}
          value={who}
          onChange={(chosen: string) => onChange({ who: chosen })}
          error={errorOf('who')}
        >
          {known.map((one) => (
            <Radio key={one.id} value={one.id} description={described(one)}>
              {nameOf(one.name)}
            </Radio>
          ))}
          <Radio value={SOMEBODY_NEW}>{text('somebodyNew')}</Radio>
        </RadioGroup>
      )}
      {kin && number !== undefined && (
        <WrongPerson key={kin.id} name={nameOf(kin.name) ?? ''} onWrong={() => writeAnew(kin)} />
      )}
      {who === SOMEBODY_NEW && (
        <>
          <TextField
            id="share-name"
            label={text('name')}
            autoComplete="off"
            value={name}
            error={errorOf('name')}
            onChange={({ target }) => onChange({ name: target.value })}
          />
          <Select
            id="share-relation"
            label={text('relation')}
            value={relation}
            error={errorOf('relation')}
            onChange={({ target }) => onChange({ relation: target.value })}
          >
            <option value="">{text('choose')}</option>
            {RELATIONS.map(({ coding, words }) => (
              <option key={coding.code} value={coding.code}>
                {words[language]}
              </option>
            ))}
          </Select>
        </>
      )}
      {who !== '' && number === undefined && (
        <TextField
          id="share-number"
          label={text('number')}
          description={text('numberHelp')}
          inputMode="numeric"
          autoComplete="off"
          value={nationalNumber}
          error={errorOf('number')}
          onChange={({ target }) => onChange({ nationalNumber: target.value })}
        />
      )}
    </>
  )
}
