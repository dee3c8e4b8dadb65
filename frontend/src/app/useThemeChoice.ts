import { ref } from 'vue'
import { useTheme } from 'vuetify'

export const THEMES = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof THEMES)[number]
const STORED = 'mesto.theme'

/** The theme last chosen here, else the system's. */
export function storedTheme(): ThemeChoice {
  try {
    const stored = localStorage.getItem(STORED)
    return THEMES.find((theme) => theme === stored) ?? 'system'
  } catch {
    return 'system'
  }
}

/** What is chosen, and choosing another: it is kept for this browser. */
export function useThemeChoice() {
  const theme = useTheme()
  const chosen = ref(storedTheme())

  function choose(next: ThemeChoice): void {
    chosen.value = next
    theme.change(next)
    try {
      if (next === 'system') localStorage.removeItem(STORED)
      else localStorage.setItem(STORED, next)
    } catch {
      // Without storage the choice lives as long as the page.
    }
  }
  return { chosen, choose }
}
