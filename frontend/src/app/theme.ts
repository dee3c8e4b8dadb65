// Not 'vuetify/styles': the rest of it, 32 kB, is utility classes and palettes that neither our pages nor the pieces of
// Vuetify that we use put on an element. `rounded-lg`, the one that the defaults below emit, is main.css's.
import 'vuetify/styles/core'
import { createVuetify, type ThemeDefinition } from 'vuetify'
import { aliases, mdi } from 'vuetify/iconsets/mdi-svg'
import { en, ru } from 'vuetify/locale'
import type { Locale } from '@/lib/locale'

const light: ThemeDefinition = {
  dark: false,
  colors: {
    'background': '#FAF8F5',
    'surface': '#FFFFFF',
    'on-background': '#1F2421',
    'on-surface': '#1F2421',
    'primary': '#1E5B4F',
    'on-primary': '#FFFFFF',
    'secondary': '#5C665F',
    'accent': '#F2A65A',
    'on-accent': '#1F2421',
    'error': '#B3382C',
    'on-error': '#FFFFFF',
    'success': '#2F7D4F',
    'on-success': '#FFFFFF',
    'info': '#1E5B4F',
    'warning': '#8A5A12',
    'line': '#E4DED6',
    'soft': '#F1ECE4',
  },
  variables: { 'border-color': '#1F2421', 'border-opacity': 0.14, 'medium-emphasis-opacity': 0.72 },
}

const dark: ThemeDefinition = {
  dark: true,
  colors: {
    'background': '#161A18',
    'surface': '#1E2421',
    'on-background': '#ECE7DF',
    'on-surface': '#ECE7DF',
    'primary': '#6FBFA9',
    'on-primary': '#10201B',
    'secondary': '#A9B2AC',
    'accent': '#F2A65A',
    'on-accent': '#1F2421',
    'error': '#F0877B',
    'on-error': '#2A0E0A',
    'success': '#7CC79A',
    'on-success': '#0D2316',
    'info': '#6FBFA9',
    'warning': '#E5B567',
    'line': '#343B37',
    'soft': '#262D29',
  },
  variables: { 'border-color': '#ECE7DF', 'border-opacity': 0.18, 'medium-emphasis-opacity': 0.74 },
}

export function makeVuetify(locale: Locale, theme = 'system') {
  return createVuetify({
    theme: { defaultTheme: theme, themes: { light, dark } },
    icons: { defaultSet: 'mdi', aliases, sets: { mdi } },
    locale: { locale, fallback: 'en', messages: { ru, en } },
    defaults: {
      global: { ripple: false },
      VBtn: { rounded: 'lg', variant: 'flat', height: 44 },
      VTextField: { variant: 'outlined', density: 'comfortable', rounded: 'lg', color: 'primary', hideDetails: 'auto' },
      VSelect: { variant: 'outlined', density: 'comfortable', rounded: 'lg', color: 'primary', hideDetails: 'auto' },
      VCheckbox: { color: 'primary', density: 'compact', hideDetails: true },
      VCard: { rounded: 'lg', variant: 'flat' },
      VDialog: { maxWidth: 480 },
      VSnackbar: { rounded: 'lg' },
    },
  })
}
