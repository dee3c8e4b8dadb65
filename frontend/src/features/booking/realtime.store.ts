import { onScopeDispose, ref } from 'vue'
import { defineStore } from 'pinia'
import type { Socket } from 'socket.io-client'
import { checkSession, getAccessToken, onAccessToken } from '@/api/http'
import type { Booking } from '@/api'
import { useBookings } from './bookings.queries'

/** The live channel: open while there is a session, silent otherwise. */
export const useRealtime = defineStore('realtime', () => {
  const connected = ref(false)
  /** The last change told, for one sentence to the reader (and to screen readers). */
  const last = ref<Booking | null>(null)
  let socket: Socket | null = null
  const bookings = useBookings()

  /** Whether there is a session to be told of; the library is fetched only then. */
  let signedIn = false

  async function open(): Promise<void> {
    signedIn = true
    if (socket) return
    let io: typeof import('socket.io-client').io
    try {
      io = (await import('socket.io-client')).io
    } catch {
      // Nothing needs it: the next token, or the next page, tries again.
      return
    }
    if (!signedIn || socket) return
    socket = io({
      path: '/api/notifications/socket.io',
      transports: ['websocket', 'polling'],
      // Asked at each connect, so that a reconnect never shows an old token.
      auth: (give) => give({ token: getAccessToken() }),
    })
    socket.on('connect', () => (connected.value = true))
    socket.on('disconnect', (reason) => {
      connected.value = false
      // The session may have been ended somewhere else: the token tells.
      if (reason === 'io server disconnect') void reauthenticate()
    })
    socket.on('booking.updated', (message: Booking | { booking: Booking }) => {
      const booking = 'booking' in message ? message.booking : message
      bookings.upsert(booking)
      last.value = booking
    })
    socket.on('connect_error', () => void reauthenticate())
  }

  /** Socket.IO does not reconnect by itself when the server refused: the token was most likely too old. */
  async function reauthenticate(): Promise<void> {
    connected.value = false
    if (!socket || socket.active) return
    try {
      if (await checkSession()) setTimeout(() => socket?.connect(), 1000)
    } catch {
      setTimeout(() => void reauthenticate(), 10_000)
    }
  }

  function close(): void {
    signedIn = false
    socket?.disconnect()
    socket = null
    connected.value = false
    last.value = null
  }

  onScopeDispose(onAccessToken((token) => void (token ? open() : close())))
  return { connected, last, open, close }
})
