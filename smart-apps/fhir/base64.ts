/** The bytes of a base64Binary, or of base64url as keys and tokens have it. @throws DOMException where it is neither */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0))
