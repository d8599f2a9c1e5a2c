/** How this server asks others over HTTP: for the keys of clients, at identity providers, at an EHR. */
export type Outgoing = {
  /** Whether this address is at a host that may be asked although it is private, and without TLS. */
  mayUse: (url: URL) => boolean
  /** `fetch` for oidc-provider, which brings a dispatcher that refuses private addresses. */
  fetchFromLibrary: Fetch
}

export type Fetch = (url: string | URL, options: RequestInit) => Promise<Response>

/** What a page on this machine could be at; in demo mode everything may be there. */
export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/**
 * A client says where its keys are, and we fetch them from there: an address inside our own network would make us a tool
 * to reach what the caller cannot. The library refuses such addresses after the name was resolved; only hosts that the
 * operator has named are let through.
 * @param privateHosts `name` or `name:port`, from the setting PRIVATE_HOSTS
 */
export function createOutgoing(privateHosts: readonly string[]): Outgoing {
  return {
    mayUse: (url) => isNamed(url, privateHosts),
    fetchFromLibrary: (url, options) => {
      const { dispatcher: _, ...unguarded } = options as RequestInit & { dispatcher?: unknown }
      // A redirect could lead from a host that was named to one that was not.
      return fetch(url, { ...(isNamed(new URL(url), privateHosts) ? unguarded : options), redirect: 'error' })
    },
  }
}

const isNamed = ({ host, hostname }: URL, names: readonly string[]) => names.includes(host) || names.includes(hostname)
