import { describe, expect, it } from 'vitest'
import { ENOUGH, passwordScore } from './usePasswordStrength'

describe('passwordScore', () => {
  it.each(['qwerty123456', 'P@ssw0rd123', 'йцукен12345', 'пароль12345', 'anna.sergeevna1'])(
    'takes %s for easy to guess',
    async (password) => {
      expect(await passwordScore(password, ['Anna', 'anna.sergeevna@example.org'])).toBeLessThan(ENOUGH)
    },
  )

  it.each(['korrekt-Pferd-7', 'three green lamps 9', 'тихая комната под крышей'])('takes %s', async (password) => {
    expect(await passwordScore(password, ['Anna', 'anna@example.org'])).toBeGreaterThanOrEqual(ENOUGH)
  })
})
