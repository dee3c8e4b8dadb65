import type { Booking, Money } from '@/api'
import { isFree } from '@/lib/money'

const ANSWER_MS = 24 * 3_600_000

/** Until when the owner may answer a request: 24 hours after it was asked or paid, at the latest when it begins. */
export function answerBy(booking: Booking): string {
  if (booking.expires_at) return booking.expires_at
  // A request that costs nothing carries no date of its own: it was asked when it was made.
  const asked = Date.parse(booking.created_at ?? '')
  const start = Date.parse(booking.start)
  return new Date(Number.isNaN(asked) ? start : Math.min(asked + ANSWER_MS, start)).toISOString()
}

/** Whether money came for a booking that is over: what was given back is then told, if only a zero. */
export function wasPaid(booking: Booking): boolean {
  return !isFree(booking.total) && (booking.status === 'declined' || (booking.refund ?? null) !== null)
}

/** What comes back of a paid booking; whoever was declined gets everything. */
export function returnOf(booking: Booking): Money {
  return booking.refund ?? booking.total
}
