// Where training runs: a Web Worker in the browser, a thread on the desktop. Both run
// web/trainer/trainer.h and speak its messages.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "web/protocol/message.h"

namespace neural_ode::web {

class TrainerHost {
 public:
  virtual ~TrainerHost() = default;
  virtual void post(std::string command_json) = 0;
  // Called on the UI's thread, from poll().
  virtual void poll(const std::function<void(const Message&)>& receive) = 0;
};

// Defined by host/worker_host.cpp (web) or host/thread_host.cpp (desktop); one of them is linked.
std::unique_ptr<TrainerHost> make_trainer_host();

}  // namespace neural_ode::web
