import { type Asked, express } from './expressions.ts'

// Beside the page: an expression that never ends holds up nobody who answers, and is ended with its worker.

const inside = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ turn: number; asked: Asked }>) => void
  postMessage(message: object): void
}

inside.onmessage = ({ data: { turn, asked } }) => {
  try {
    inside.postMessage({ turn, expressed: express(asked) })
  } catch (error) {
    inside.postMessage({ turn, failure: String(error) })
  }
}
inside.postMessage({ isReady: true })
