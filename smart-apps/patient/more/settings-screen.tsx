import { Heading, Radio, RadioGroup } from '@navikt/ds-react'
import { LANGUAGES } from '../../texts/language.ts'
import { useTexts } from '../../texts/use-texts.ts'
import type { Preferences } from '../frame/preferences.ts'
import { useSigned } from '../me-context.ts'
import { LANGUAGE_NAMES } from '../sign-in/sign-in-screen.tsx'
import { MORE_TEXTS } from './texts.ts'

const THEMES = ['system', 'light', 'dark'] as const

export default function SettingsScreen() {
  const text = useTexts(MORE_TEXTS)
  const { preferences, onPreferences } = useSigned()
  const change = (changes: Partial<Preferences>) => onPreferences({ ...preferences, ...changes })
  return (
    <>
      <Heading size="large" level="1">
        {text('settings')}
      </Heading>
      <section className="card">
        <RadioGroup
          legend={text('language')}
          value={preferences.language}
          onChange={(language) => change({ language })}
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
          onChange={(size) => change({ isLarge: size === 'large' })}
        >
          <Radio value="usual">{text('usual')}</Radio>
          <Radio value="large">{text('large')}</Radio>
        </RadioGroup>
        <RadioGroup legend={text('theme')} value={preferences.theme} onChange={(theme) => change({ theme })}>
          {THEMES.map((theme) => (
            <Radio key={theme} value={theme}>
              {text(theme)}
            </Radio>
          ))}
        </RadioGroup>
      </section>
    </>
  )
}
