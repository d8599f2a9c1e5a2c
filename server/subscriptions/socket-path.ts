/** Where sockets are opened, below the address of the server. */
export const SOCKET_PATH = '/subscriptions/socket'
