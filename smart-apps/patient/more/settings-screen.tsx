import { Heading, Radio, RadioGroup } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import { useSigned } from '../me-context.ts'
import { ReminderFields } from '../reminders/reminder-fields.tsx'
import { REMINDER_TEXTS } from '../reminders/texts.ts'
import { isKin } from '../sign-in/whose.ts'
import { ReadingFields } from './reading-fields.tsx'
import { MORE_TEXTS } from './texts.ts'

const THEMES = ['system', 'light', 'dark'] as const

export default function SettingsScreen() {
  const text = useTexts(MORE_TEXTS)
  const reminderText = useTexts(REMINDER_TEXTS)
  const { preferences, onPreferences, session } = useSigned()
  return (
    <>
      <Heading size="large" level="1">
        {text('settings')}
      </Heading>
      <section className="card">
        <ReadingFields />
        <RadioGroup
          legend={text('theme')}
          value={preferences.theme}
          onChange={(theme) => onPreferences({ ...preferences, theme })}
        >
          {THEMES.map((theme) => (
            <Radio key={theme} value={theme}>
              {text(theme)}
            </Radio>
          ))}
        </RadioGroup>
      </section>
      {!isKin(session) && (
        <section className="card" aria-labelledby="reminders">
          <Heading size="small" level="2" id="reminders">
            {reminderText('title')}
          </Heading>
          <ReminderFields />
        </section>
      )}
    </>
  )
}
