import { CogIcon, KeyHorizontalIcon, LeaveIcon } from '@navikt/aksel-icons'
import { ActionMenu, Button } from '@navikt/ds-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { BASE } from '../../launch/settings.ts'
import { Go, navigate, usePlace } from '../../place/router.tsx'
import { LANGUAGES, type Language } from '../../texts/language.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { POLL_MILLIS } from '../live/poll.ts'
import { useLiveState } from '../live/use-live.ts'
import { useSession } from '../session-context.ts'
import { useShortcutBook, useShortcuts } from '../ui/shortcuts.tsx'
import { BackToEhr } from './back-to-ehr.tsx'
import type { Preferences } from './preferences.ts'
import { FRAME_TEXTS } from './texts.ts'

/** Where the bar on top leads. */
const PLACES = [
  { to: 'worklist', text: 'worklist' },
  { to: 'messages', text: 'messages' },
  { to: 'team-lead', text: 'teamLead' },
] as const

const LANGUAGE_NAMES: Record<Language, string> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' }

type Props = { preferences: Preferences; onChange: (preferences: Preferences) => void; children: ReactNode }

/** The bar on top, and the screen below it. */
export function Frame({ preferences, onChange, children }: Props) {
  const text = useTexts(FRAME_TEXTS)
  const { path } = usePlace()
  const { session } = useSession()
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useShortcuts([
    { keys: 'g a', label: text('worklist'), run: () => navigate('worklist') },
    { keys: 'g m', label: text('messages'), run: () => navigate('messages') },
    { keys: 'g t', label: text('teamLead'), run: () => navigate('team-lead') },
    { keys: 'g s', label: text('sentMessages'), run: () => navigate('sent') },
  ])
  // Whoever comes to another page by keyboard or hears it read begins at its top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what says that it is another page
  useEffect(() => {
    if (isFirst.current) isFirst.current = false
    else main.current?.focus({ preventScroll: true })
  }, [path])
  return (
    <>
      <a className="skip" href="#main">
        {text('skip')}
      </a>
      <header className="bar">
        <Go to="worklist" className="brand">
          <img src={`${BASE}mark.svg`} alt="" width="28" height="28" />
          <span>Fylgje</span>
        </Go>
        {session.isDemo && <span className="demo-mark">{text('demo')}</span>}
        <nav aria-label={text('menu')}>
          {PLACES.map(({ to, text: name }) => (
            <Go key={to} to={to} aria-current={path.split('/', 1)[0] === to ? 'page' : undefined}>
              {text(name)}
            </Go>
          ))}
        </nav>
        <LiveNote />
        <BackToEhr />
        <Settings preferences={preferences} onChange={onChange} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

/** What is shown is as old as the last look: said where nothing tells of what changes. */
function LiveNote() {
  const text = useTexts(FRAME_TEXTS)
  const isPolling = useLiveState() === 'polling'
  return (
    <span role="status" className="live-note">
      {isPolling && text('polling', { seconds: POLL_MILLIS / 1_000 })}
    </span>
  )
}

function Settings({ preferences, onChange }: Omit<Props, 'children'>) {
  const text = useTexts(FRAME_TEXTS)
  const book = useShortcutBook()
  const { leave } = useSession()
  return (
    <ActionMenu>
      <ActionMenu.Trigger>
        <Button
          variant="tertiary-neutral"
          size="small"
          className="settings"
          icon={<CogIcon aria-hidden />}
          aria-label={text('settings')}
        />
      </ActionMenu.Trigger>
      <ActionMenu.Content>
        <ActionMenu.RadioGroup
          label={text('language')}
          value={preferences.language}
          onValueChange={(language) => onChange({ ...preferences, language: language as Language })}
        >
          {LANGUAGES.map((language) => (
            <ActionMenu.RadioItem key={language} value={language} lang={language}>
              {LANGUAGE_NAMES[language]}
            </ActionMenu.RadioItem>
          ))}
        </ActionMenu.RadioGroup>
        <ActionMenu.Divider />
        <ActionMenu.RadioGroup
          label={text('theme')}
          value={preferences.theme}
          onValueChange={(theme) => onChange({ ...preferences, theme: theme as Preferences['theme'] })}
        >
          {(['system', 'light', 'dark'] as const).map((theme) => (
            <ActionMenu.RadioItem key={theme} value={theme}>
              {text(theme)}
            </ActionMenu.RadioItem>
          ))}
        </ActionMenu.RadioGroup>
        <ActionMenu.Divider />
        <ActionMenu.Group aria-label={text('settings')}>
          <ActionMenu.Item icon={<KeyHorizontalIcon aria-hidden />} onSelect={() => book?.openList()}>
            {text('shortcuts')}
          </ActionMenu.Item>
          <ActionMenu.Item icon={<LeaveIcon aria-hidden />} onSelect={leave}>
            {text('leave')}
          </ActionMenu.Item>
        </ActionMenu.Group>
      </ActionMenu.Content>
    </ActionMenu>
  )
}
