import type { RouteRecordRaw } from 'vue-router'
import AboutPage from './about/AboutPage.vue'
import ComparePage from './comparison/ComparePage.vue'
import DataPage from './datasets/DataPage.vue'
import ExportPage from './exports/ExportPage.vue'
import ModelPage from './models/ModelPage.vue'
import RunsPage from './runs/RunsPage.vue'
import SettingsPage from './settings/SettingsPage.vue'
import TrainPage from './training/TrainPage.vue'

/** Every page: a name (the rail and `shell.pages` know it by that), an address and a component. */
export const pages: readonly RouteRecordRaw[] = [
  { name: 'model', path: '/model', component: ModelPage },
  { name: 'data', path: '/data', component: DataPage },
  { name: 'train', path: '/train', component: TrainPage },
  { name: 'compare', path: '/compare', component: ComparePage },
  { name: 'export', path: '/export', component: ExportPage },
  { name: 'runs', path: '/runs', component: RunsPage },
  { name: 'settings', path: '/settings', component: SettingsPage },
  { name: 'about', path: '/about', component: AboutPage },
]
