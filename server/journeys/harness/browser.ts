/** As much of a browser as signing in needs: cookies with their paths, and redirects that are looked at one by one. */
export class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>()

  /** Follows redirects as long as they stay at `origin`. @returns the last response, and the address it came from or leads to */
  async open(
    address: string | URL,
    origin: string,
    form?: Record<string, string> | [string, string][],
  ): Promise<{ response: Response; url: URL }> {
    let url = new URL(address)
    let body = form && new URLSearchParams(form)
    for (let redirects = 0; redirects < 10; redirects++) {
      const response = await fetch(url, {
        method: body ? 'POST' : 'GET',
        headers: { cookie: this.#cookiesFor(url), accept: 'text/html' },
        redirect: 'manual',
        ...(body ? { body } : {}),
      })
      this.#keep(response, url)
      const location = response.headers.get('location')
      if (location === null) return { response, url }
      url = new URL(location, url)
      body = undefined
      if (url.origin !== origin || url.searchParams.has('code') || url.searchParams.has('error'))
        return { response, url }
    }
    throw new Error('too many redirects')
  }

  #cookiesFor({ pathname }: URL): string {
    const sent = [...this.#cookies].filter(
      ([, { path }]) => pathname === path || pathname.startsWith(path.replace(/\/?$/, '/')),
    )
    return sent.map(([key, { value }]) => `${key.split(';')[0]}=${value}`).join('; ')
  }

  #keep(response: Response, url: URL): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/; */)
      const [name = '', value = ''] = pair.split('=', 2)
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? url.pathname
      const key = `${name};${path}`
      if (value === '') this.#cookies.delete(key)
      else this.#cookies.set(key, { value, path })
    }
  }
}
