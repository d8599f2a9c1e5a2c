import { BookmarkIcon } from '@navikt/aksel-icons'
import { ActionMenu, Button, Modal, TextField } from '@navikt/ds-react'
import { type FormEvent, useState } from 'react'
import { changeQuery, usePlace } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { useSession } from '../session-context.ts'
import { UI_TEXTS } from '../ui/texts.ts'
import type { Filter } from './filter.ts'
import { WORKLIST_TEXTS } from './texts.ts'
import { changesTo, isWorthKeeping, keepViews, readViews, VIEW_NAME_LENGTH_MAX, viewQuery, withView } from './views.ts'

/** What somebody has kept of the list, to go there again, and to keep what is chosen now. */
export function ViewsMenu({ filter }: { filter: Filter }) {
  const text = useTexts(WORKLIST_TEXTS)
  const { session } = useSession()
  const { query } = usePlace()
  const [views, setViews] = useState(() => readViews(session.fhirUser))
  const [isNaming, setIsNaming] = useState(false)
  const here = viewQuery(query)
  const current = views.find((view) => view.query === here)
  const mayKeep = isWorthKeeping(filter) && !current
  if (views.length === 0 && !mayKeep) return null
  const change = (next: typeof views) => {
    setViews(next)
    keepViews(session.fhirUser, next)
  }
  return (
    <>
      <ActionMenu>
        <ActionMenu.Trigger>
          <Button size="xsmall" variant="tertiary" icon={<BookmarkIcon aria-hidden />}>
            {current?.name ?? text('views')}
          </Button>
        </ActionMenu.Trigger>
        <ActionMenu.Content>
          {views.length > 0 && (
            <ActionMenu.RadioGroup
              label={text('views')}
              value={current?.name ?? ''}
              onValueChange={(name) => {
                const view = views.find((one) => one.name === name)
                if (view) changeQuery(changesTo(view))
              }}
            >
              {views.map(({ name }) => (
                <ActionMenu.RadioItem key={name} value={name}>
                  {name}
                </ActionMenu.RadioItem>
              ))}
            </ActionMenu.RadioGroup>
          )}
          {mayKeep && <ActionMenu.Item onSelect={() => setIsNaming(true)}>{text('keepView')}</ActionMenu.Item>}
          {current && (
            <ActionMenu.Item
              variant="danger"
              onSelect={() => change(views.filter(({ name }) => name !== current.name))}
            >
              {text('removeView', { name: current.name })}
            </ActionMenu.Item>
          )}
        </ActionMenu.Content>
      </ActionMenu>
      {isNaming && (
        <NameDialog
          onName={(name) => {
            change(withView(views, { name, query: here }))
            setIsNaming(false)
          }}
          onClose={() => setIsNaming(false)}
        />
      )}
    </>
  )
}

function NameDialog({ onName, onClose }: { onName: (name: string) => void; onClose: () => void }) {
  const text = useTexts(WORKLIST_TEXTS)
  const ui = useTexts(UI_TEXTS)
  const [name, setName] = useState('')
  const [isAsked, setIsAsked] = useState(false)
  const isMissing = name.trim() === ''
  const go = (event: FormEvent) => {
    event.preventDefault()
    setIsAsked(true)
    if (!isMissing) onName(name.trim())
  }
  return (
    <Modal open onClose={onClose} header={{ heading: text('keepViewTitle'), size: 'small' }}>
      <form onSubmit={go} noValidate>
        <Modal.Body>
          <TextField
            label={text('viewName')}
            description={text('viewNameHelp')}
            size="small"
            maxLength={VIEW_NAME_LENGTH_MAX}
            value={name}
            onChange={(event) => setName(event.target.value)}
            error={isAsked && isMissing ? text('viewNameMissing') : undefined}
          />
        </Modal.Body>
        <Modal.Footer>
          <Button size="small" type="submit">
            {text('keepView').replace(/ …$/, '')}
          </Button>
          <Button size="small" type="button" variant="tertiary" onClick={onClose}>
            {ui('cancel')}
          </Button>
        </Modal.Footer>
      </form>
    </Modal>
  )
}
