import { createRouter, createWebHashHistory, type Router } from 'vue-router'
import { pages } from './pages.js'

/** The pages by address. Hashes, so that a reload finds its page under any host. */
export function createPages(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [...pages, { path: '/:rest(.*)*', redirect: '/model' }],
  })
}
