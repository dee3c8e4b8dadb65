export default {
  footer: { about: 'Coworking spaces by the hour and by the day', cities: 'Cities' },
  nav: {
    hosting: 'Hosting',
    moderation: 'Moderation',
    city: 'City',
    signIn: 'Sign in',
    bookings: 'My bookings',
    signOut: 'Sign out',
    account: 'Account',
    home: 'Mesto, all places',
    signedOut: 'You are signed out.',
    notSignedOut: 'You are still signed in: Mesto did not answer.',
    profile: 'Profile',
    security: 'Security',
    theme: 'Theme',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  },
  news: {
    booking: '{title}: {status}',
  },
  notFound: {
    title: 'There is no such page',
    hint: 'The address may have a typo.',
    back: 'All places',
  },
}
