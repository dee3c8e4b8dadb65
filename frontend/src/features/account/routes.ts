import type { RouteRecordRaw } from 'vue-router'
import { authMessages } from '@/features/auth'
import { bookingMessages } from '@/features/booking'
import { messages } from './messages'

export const routes: RouteRecordRaw[] = [
  {
    path: '/bookings',
    name: 'bookings',
    component: () => import('./pages/BookingsPage.vue'),
    meta: {
      layout: 'account',
      role: 'renter',
      title: 'bookings.title',
      messages: [messages, bookingMessages, authMessages],
    },
  },
  {
    path: '/account/profile',
    name: 'profile',
    component: () => import('./pages/ProfilePage.vue'),
    meta: { layout: 'account', role: 'renter', title: 'profile.title', messages: [messages, authMessages] },
  },
  {
    path: '/account/security',
    name: 'security',
    component: () => import('./pages/SecurityPage.vue'),
    meta: { layout: 'account', role: 'renter', title: 'security.title', messages: [messages, authMessages] },
  },
]
