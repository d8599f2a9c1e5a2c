import { type ComponentType, lazy, useState } from 'react'

export type Lazily<P> = ComponentType<P> & {
  /** Loads it before it is shown. Fails as nothing: it is loaded again when it is shown, and fails then. */
  load: () => void
}

/**
 * A component that is loaded when it is first shown, or before. What is loaded already is drawn at once: React's own `lazy` shows its
 * placeholder even then, and puts nothing in the place of one for 300 ms.
 */
export function lazily<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): Lazily<P> {
  let loaded: ComponentType<P> | undefined
  const remember = async () => {
    const module = await load()
    loaded = module.default
    return module
  }
  const Later = lazy(remember)
  function Loaded(props: P) {
    // Chosen once: in another component in its place, what was typed would be gone.
    const [Shown] = useState<ComponentType<P>>(() => loaded ?? (Later as unknown as ComponentType<P>))
    return <Shown {...props} />
  }
  return Object.assign(Loaded, { load: () => void remember().catch(() => {}) })
}
