/** By which the EHR knows our messages, and whose page alone may read them. */
export type Messaging = { handle: string; origin: string }

/** @see https://hl7.org/fhir/uv/smart-web-messaging/STU1/ */
export type Message =
  /** Whether anybody listens. */
  | { messageType: 'status.handshake'; payload: Record<string, never> }
  /** We have done what we were opened for: the EHR closes us. */
  | { messageType: 'ui.done'; payload: Record<string, never> }

/** An EHR that says nothing for so long does not listen. */
const ANSWER_MILLIS = 1_000

/** The page that holds us in a frame, or that opened our window. */
const pageOfEhr = (): Window | undefined => (window.parent === window ? (window.opener ?? undefined) : window.parent)

/** @returns what the EHR answers, such as `{ success: true }`; undefined when there is none, or it does not answer */
export function askEhr(
  { handle, origin }: Messaging,
  { messageType, payload }: Message,
): Promise<{ success?: boolean } | undefined> {
  const page = pageOfEhr()
  if (!page) return Promise.resolve(undefined)
  const messageId = crypto.randomUUID()
  return new Promise((resolve) => {
    const end = (answer?: object) => {
      clearTimeout(late)
      removeEventListener('message', onMessage)
      resolve(answer)
    }
    const onMessage = (event: MessageEvent) => {
      // Any page may send us messages: only that of the EHR counts, and only as the answer to this one.
      if (event.source !== page || event.origin !== origin || event.data?.responseToMessageId !== messageId) return
      end(event.data.payload ?? {})
    }
    const late = setTimeout(end, ANSWER_MILLIS)
    addEventListener('message', onMessage)
    page.postMessage({ messagingHandle: handle, messageId, messageType, payload }, origin)
  })
}
