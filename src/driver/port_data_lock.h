// The lock of a driver's data that its own threads share with its port (driver_pdl_create).
#pragma once

#include <erl_driver.h>

#include <atomic>
#include <mutex>

#include "io/port.h"

struct erl_drv_port_data_lock {
  explicit erl_drv_port_data_lock(hanse::Port& of) : port(&of) {}
  // Whoever has the lock may ask for the queue, also when the port was stopped.
  const hanse::Ref<hanse::Port> port;
  std::mutex mutex;
  // The port's, those that the driver has taken, and one for each thread that holds the lock or waits for it.
  std::atomic<ErlDrvSInt> references{1};
};
