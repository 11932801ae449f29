import type { RouteRecordRaw } from 'vue-router'
import ComparePage from './comparison/ComparePage.vue'
import DataPage from './datasets/DataPage.vue'
import ModelPage from './models/ModelPage.vue'
import ComingPage from './shell/ComingPage.vue'
import TrainPage from './training/TrainPage.vue'

/** Every page: a name (the rail and `shell.pages` know it by that), an address and a component. */
export const pages: readonly RouteRecordRaw[] = [
  { name: 'model', path: '/model', component: ModelPage },
  { name: 'data', path: '/data', component: DataPage },
  { name: 'train', path: '/train', component: TrainPage },
  { name: 'compare', path: '/compare', component: ComparePage },
  { name: 'export', path: '/export', component: ComingPage },
  { name: 'runs', path: '/runs', component: ComingPage },
  { name: 'settings', path: '/settings', component: ComingPage },
  { name: 'about', path: '/about', component: ComingPage },
]
