import type { Booking } from '@/api'
import { answerBy, returnOf, wasPaid } from './refunds'
import { isFree } from '@/lib/money'
import { userZone } from '@/lib/time'
import { useFormat } from '@/ui/useFormat'
import { useTimes } from '@/ui/useTimes'

/** What has become of a booking, to its renter or (where it is not theirs) to the owner of its space. */
export function useBookingWords() {
  const { t, money } = useFormat()
  const { moment } = useTimes()

  function headline(booking: Booking): string {
    const { status, ended_by: by } = booking
    if (booking.mine === false) return hosted(booking)
    switch (status) {
      case 'held':
        return t('booking.held')
      case 'confirmed':
        return t('booking.confirmed')
      case 'awaiting_approval':
        return isFree(booking.total) ? t('booking.awaitingFree') : t('booking.awaiting')
      case 'expired':
        return t('booking.expired')
      case 'cancelled':
        return !isFree(booking.total) && !wasPaid(booking) && by === 'renter'
          ? t('booking.released')
          : t(
              by === 'owner'
                ? 'booking.cancelledByOwner'
                : by === 'renter'
                  ? 'booking.cancelledByRenter'
                  : 'booking.cancelled',
            )
      case 'declined':
        return t(by === 'time' ? 'booking.unanswered' : 'booking.declined')
      case 'checked_in':
        return t('booking.checked_in')
      case 'no_show':
        return t('booking.no_show')
      default:
        return t('booking.completed')
    }
  }

  function hosted({ status, ended_by: by }: Booking): string {
    switch (status) {
      case 'cancelled':
        return t(
          by === 'owner'
            ? 'hosted.cancelledByOwner'
            : by === 'renter'
              ? 'hosted.cancelledByRenter'
              : 'booking.cancelled',
        )
      case 'declined':
        return t(by === 'time' ? 'hosted.unanswered' : 'hosted.declined')
      case 'completed':
        return t('booking.completed')
      default:
        return t(`hosted.${status}`)
    }
  }

  /** What comes back of an ended booking, or what its answer waits for; empty where there is nothing to say. */
  function explanation(booking: Booking): string {
    const hosting = booking.mine === false
    switch (booking.status) {
      case 'awaiting_approval': {
        const when = moment(answerBy(booking), booking.time_zone ?? userZone())
        if (hosting) return t('hosted.answerBy', { when })
        return t(isFree(booking.total) ? 'booking.awaitingFreeHint' : 'booking.awaitingHint', { when })
      }
      case 'expired':
        return hosting ? '' : t('booking.expiredHint')
      case 'cancelled':
      case 'declined':
        return comesBack(booking, hosting)
      default:
        return ''
    }
  }

  function comesBack(booking: Booking, hosting: boolean): string {
    if (isFree(booking.total)) return ''
    if (!wasPaid(booking)) return t('booking.releasedHint')
    const back = returnOf(booking)
    if (isFree(back)) return t('booking.notRefunded')
    const names = { refund: money(back), total: money(booking.total) }
    if (back.amount === booking.total.amount)
      return t(hosting ? 'hosted.declinedHint' : 'booking.declinedHint', { total: names.total })
    return t(hosting ? 'hosted.refunded' : 'booking.refunded', names)
  }

  return { headline, explanation }
}
