import { Radio, RadioGroup } from '@navikt/ds-react'
import { LANGUAGES } from '../../texts/language.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { useSigned } from '../me-context.ts'
import { LANGUAGE_NAMES } from '../sign-in/sign-in-screen.tsx'
import { MORE_TEXTS } from './texts.ts'

/** What makes it easier to read: in which language, and how large. */
export function ReadingFields() {
  const text = useTexts(MORE_TEXTS)
  const { preferences, onPreferences } = useSigned()
  return (
    <>
      <RadioGroup
        legend={text('language')}
        value={preferences.language}
        onChange={(language) => onPreferences({ ...preferences, language })}
      >
        {LANGUAGES.map((language) => (
          <Radio key={language} value={language} lang={language}>
            {LANGUAGE_NAMES[language]}
          </Radio>
        ))}
      </RadioGroup>
      <RadioGroup
        legend={text('textSize')}
        value={preferences.isLarge ? 'large' : 'usual'}
        onChange={(size) => onPreferences({ ...preferences, isLarge: size === 'large' })}
      >
        <Radio value="usual">{text('usual')}</Radio>
        <Radio value="large">{text('large')}</Radio>
      </RadioGroup>
    </>
  )
}
