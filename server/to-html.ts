/** Text, as it may stand in HTML between tags or between quotation marks. */
export function toHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
