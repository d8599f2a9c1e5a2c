/**
 * What one window keeps until it is closed. In a frame of another site browsers may forbid it; then it lasts as long as the page.
 * Never localStorage: another window may be another launch, for another patient.
 */
const inMemory = new Map<string, string>()

export function keep(key: string, value: unknown): void {
  const text = JSON.stringify(value)
  inMemory.set(key, text)
  try {
    sessionStorage.setItem(key, text)
  } catch {
    // Forbidden, or full: it is in memory.
  }
}

/** @returns undefined for what is not there, or was written by another version of the app and is no JSON */
export function kept<T>(key: string): T | undefined {
  try {
    const text = inMemory.get(key) ?? sessionStorage.getItem(key)
    return text ? (JSON.parse(text) as T) : undefined
  } catch {
    return undefined
  }
}

export function forget(key: string): void {
  inMemory.delete(key)
  try {
    sessionStorage.removeItem(key)
  } catch {
    // There was nothing.
  }
}

/** Everything whose key begins so. */
export function forgetAll(prefix: string): void {
  for (const key of inMemory.keys()) if (key.startsWith(prefix)) inMemory.delete(key)
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key)
  } catch {
    // There was nothing.
  }
}
