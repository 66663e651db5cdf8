// The trainer on a thread of its own, for the desktop window.
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "playground/catalogue/catalogue.h"
#include "web/host/trainer_host.h"
#include "web/trainer/trainer.h"

namespace neural_ode::web {
namespace {

constexpr double slice = 12;  // ms of training between looks at the commands

double now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

class ThreadHost final : public TrainerHost {
 public:
  ThreadHost() : thread_([this] { work(); }) {}

  ~ThreadHost() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void post(std::string command_json) override {
    {
      const std::lock_guard lock(mutex_);
      commands_.push_back(std::move(command_json));
    }
    changed_.notify_one();
  }

  void poll(const std::function<void(const Message&)>& receive) override {
    std::deque<Message> events;
    {
      const std::lock_guard lock(mutex_);
      events.swap(events_);
    }
    for (const Message& event : events) receive(event);
  }

 private:
  void work() {
    Trainer trainer(all_experiments(), [this](Message event) {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    });
    double wait = std::numeric_limits<double>::infinity();
    for (;;) {
      std::deque<std::string> commands;
      {
        std::unique_lock lock(mutex_);
        const auto awake = [this] { return stopping_ || !commands_.empty(); };
        if (std::isinf(wait)) {
          changed_.wait(lock, awake);
        } else if (wait > 0) {
          changed_.wait_for(lock, std::chrono::duration<double, std::milli>(wait), awake);
        }
        if (stopping_) return;
        commands.swap(commands_);
      }
      for (const std::string& command : commands) trainer.handle(command);
      wait = trainer.run(now_ms() + slice, now_ms);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> commands_;
  std::deque<Message> events_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<TrainerHost> make_trainer_host() {
  return std::make_unique<ThreadHost>();
}

}  // namespace neural_ode::web
