// A trainer that runs on the caller's thread, inside poll: what a test sends has been done when
// poll returns.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "playground/catalogue/catalogue.h"
#include "web/host/trainer_host.h"
#include "web/trainer/trainer.h"

namespace neural_ode::web {

class DirectHost final : public TrainerHost {
 public:
  DirectHost()
      : trainer_(all_experiments(),
                 [this](Message event) { events_.push_back(std::move(event)); }) {}

  void post(std::string command_json) override { trainer_.handle(command_json); }

  void poll(const std::function<void(const Message&)>& receive) override {
    // A slice ends with the first step: each look at the clock is a millisecond later.
    trainer_.run(time_, [this] { return time_ += 1; });
    for (const Message& event : std::exchange(events_, {})) receive(event);
  }

 private:
  double time_ = 0;
  std::vector<Message> events_;
  Trainer trainer_;
};

}  // namespace neural_ode::web
