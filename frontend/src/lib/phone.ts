import { parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** Return the international form of a phone number, or null when it is none; without a code it is taken for Russian. */
export function parsePhone(value: string): string | null {
  const parsed = parsePhoneNumberFromString(value, 'RU')
  return parsed?.isValid() ? parsed.number : null
}

/** Return an international number with its groups apart, as people write it; what is no number as it is. */
export function formatPhone(value: string): string {
  return parsePhoneNumberFromString(value)?.formatInternational() ?? value
}
