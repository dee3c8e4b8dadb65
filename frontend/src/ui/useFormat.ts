import { useI18n } from 'vue-i18n'
import type { Money, Price, Text } from '@/api'
import { bookablePrice, formatMoney, isFree } from '@/lib/money'
import { humanise, textOf } from '@/lib/text'
import { byMyClock, clock, dateInWords, endClock, longDate, momentIn, period, zoneCity, zonesDiffer } from '@/lib/time'

/** Everything the pages show, in the reader's language. */
export function useFormat() {
  const { t, te, locale, messages } = useI18n()

  function duration(minutes: number): string {
    const days = minutes / 1440
    if (minutes >= 1440 && Number.isInteger(days)) return t('duration.days', { n: days }, days)
    const hours = Math.floor(minutes / 60)
    const rest = minutes % 60
    const parts = []
    if (hours) parts.push(t('duration.hours', { n: hours }, hours))
    if (rest || !hours) parts.push(t('duration.minutes', { n: rest }))
    return parts.join(' ')
  }

  function distance(metres: number): string {
    if (metres < 1000) return t('card.metres', { n: Math.round(metres) })
    const km = new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }).format(metres / 1000)
    return t('card.kilometres', { n: km })
  }

  /** Known amenities are translated; a new slug is shown readable rather than not at all. */
  function amenity(slug: string, label?: string | null): string {
    const known: Record<string, string> = messages.value[locale.value]?.amenity ?? {}
    return known[slug] ?? (label && label !== slug ? label : humanise(slug))
  }

  /** An instant by the venue's clock; whose clock that is is said where the reader's shows another time. */
  function moment(instant: string, zone: string): string {
    const when = momentIn(instant, zone, locale.value)
    return zonesDiffer(instant, zone) ? t('terms.zoned', { when, city: zoneCity(zone, locale.value) }) : when
  }

  /** A price in a few letters, its unit with it, for a pin on the map; empty without a price that can be booked by. */
  function pin(price: Price | null | undefined): string {
    const shown = bookablePrice(price)
    if (!shown) return ''
    return isFree(shown) ? t('money.free') : `${formatMoney(shown, locale.value)} / ${t(`per.${shown.per}`)}`
  }

  return {
    t,
    te,
    locale,
    text: (value: Text | null | undefined) => textOf(value, locale.value),
    money: (value: Money) => formatMoney(value, locale.value),
    /** What something costs: a zero is said in words. */
    cost: (value: Money) => (isFree(value) ? t('money.free') : formatMoney(value, locale.value)),
    clock: (instant: string, zone: string) => clock(instant, zone, locale.value),
    endClock: (end: string, zone: string) => endClock(end, zone, locale.value),
    period: (start: string, end: string, zone: string) => period(start, end, zone, locale.value),
    date: (instant: string, zone: string) => longDate(instant, zone, locale.value),
    day: (date: string, options?: Intl.DateTimeFormatOptions) => dateInWords(date, locale.value, options),
    mine: (start: string, end: string, zone: string) => byMyClock(start, end, zone, locale.value),
    duration,
    distance,
    amenity,
    moment,
    pin,
  }
}
