import { computed } from 'vue'
import { estimate } from '@/lib/estimate'
import { isFree } from '@/lib/money'
import { minutesBetween } from '@/lib/time'
import { useFormat } from '@/ui/useFormat'
import { useTimes } from '@/ui/useTimes'
import { datesIn } from './slots'
import type { BookingChoice } from './useBookingChoice'

/** What the choice would cost, and how that is reckoned; the service says the exact total before it is paid. */
export function useEstimate({ form, range, resource, slots, room, zone }: BookingChoice) {
  const { t, money, duration } = useFormat()
  const { mine } = useTimes()
  const length = computed(() => (range.value ? minutesBetween(range.value.start, range.value.end) : 0))
  const price = computed(() =>
    range.value && resource.value
      ? estimate(resource.value, length.value, form.seats, datesIn(slots.value, range.value))
      : null,
  )
  /** `250 ₽ × 3 h × 2 seats`: a price is of one seat. */
  const reckoning = computed(() => {
    const found = price.value
    const unit = resource.value?.prices.find((item) => item.per === found?.per && item.currency === found.currency)
    if (!found || !unit || isFree(found) || !range.value) return ''
    const days = datesIn(slots.value, range.value)
    const time =
      found.per === 'hour'
        ? duration(length.value)
        : found.per === 'day'
          ? t('panel.perDays', { n: days }, days)
          : t('panel.perMonth')
    return [money(unit), time, ...(room.value ? [] : [t('panel.seatCount', { n: form.seats }, form.seats)])].join(' × ')
  })
  const hourly = computed(() => !!resource.value?.prices.some((item) => item.per === 'hour'))
  const theirs = computed(() => (range.value ? mine(range.value.start, range.value.end, zone) : null))

  return { length, price, reckoning, hourly, theirs }
}
