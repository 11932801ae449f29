import { openCpuDevice } from '../runtime/ort-device.js'
import type { Device } from '../runtime/device.js'
import { withLowerLayers } from '../runtime/layer-devices.js'
import type { TrainJob } from '../schema/job.js'

/** A device with the processor beside it for the layers that a job leaves to that. */
export function deviceOfJob(device: Device, { processorLayers }: Pick<TrainJob, 'processorLayers'>): Device {
  if (processorLayers === 0 || device.name === 'cpu') return device
  return withLowerLayers(device, openCpuDevice({ threads: device.threads }), processorLayers)
}
