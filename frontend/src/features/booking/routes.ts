import type { RouteRecordRaw } from 'vue-router'
import { authMessages } from '@/features/auth'
import { messages } from './messages'

export const routes: RouteRecordRaw[] = [
  {
    path: '/bookings/:id',
    name: 'booking',
    component: () => import('./pages/BookingPage.vue'),
    meta: { layout: 'account', role: 'renter', title: 'booking.title', messages: [messages, authMessages] },
  },
]
