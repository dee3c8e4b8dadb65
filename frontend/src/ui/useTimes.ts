import { useI18n } from 'vue-i18n'
import { byMyClock, clock, dateInWords, endClock, longDate, momentIn, period, zoneCity, zonesDiffer } from '@/lib/time'

/** Instants and dates in the reader's language, by the venue's clock. */
export function useTimes() {
  const { t, locale } = useI18n()

  /** An instant by the venue's clock; whose clock that is is said where the reader's shows another time. */
  function moment(instant: string, zone: string): string {
    const when = momentIn(instant, zone, locale.value)
    return zonesDiffer(instant, zone) ? t('terms.zoned', { when, city: zoneCity(zone, locale.value) }) : when
  }

  return {
    clock: (instant: string, zone: string) => clock(instant, zone, locale.value),
    endClock: (end: string, zone: string) => endClock(end, zone, locale.value),
    period: (start: string, end: string, zone: string) => period(start, end, zone, locale.value),
    date: (instant: string, zone: string) => longDate(instant, zone, locale.value),
    day: (date: string, options?: Intl.DateTimeFormatOptions) => dateInWords(date, locale.value, options),
    mine: (start: string, end: string, zone: string) => byMyClock(start, end, zone, locale.value),
    moment,
  }
}
