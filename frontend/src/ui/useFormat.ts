import { useI18n } from 'vue-i18n'
import type { Money, Price, Text } from '@/api'
import { bookablePrice, formatMoney, isFree } from '@/lib/money'
import { textOf } from '@/lib/text'

/** Texts, money and measures in the reader's language; instants and dates are `useTimes`'. */
export function useFormat() {
  const { t, te, locale } = useI18n()

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
    duration,
    distance,
    pin,
  }
}
