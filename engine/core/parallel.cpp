#include "engine/core/parallel.h"

#ifndef __EMSCRIPTEN__
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>
#endif

namespace neural_ode {
namespace {

void run_in_order(int count, Task task, const void* context) {
  for (int i = 0; i < count; ++i) task(context, i);
}

}  // namespace

#ifdef __EMSCRIPTEN__

void set_threads(int) {}
int threads() {
  return 1;
}
void run_tasks(int count, Task task, const void* context) {
  run_in_order(count, task, context);
}

#else

namespace {

// Polls before a thread sleeps: some ten microseconds, what a training step does between its
// parallel parts, and less than it takes to wake.
constexpr int polls = 1000;

class Pool {
 public:
  ~Pool() { resize(0); }

  int workers() const { return static_cast<int>(workers_.size()); }
  void resize(int count);
  void run(int count, Task task, const void* context);

 private:
  static constexpr int closing = -1;

  void work();
  // Takes a task that is left, if any, and does it.
  bool do_one();
  // Returns when `number` is no longer `value`, or perhaps before.
  static void wait_while(const std::atomic<int>& number, int value);

  std::vector<std::thread> workers_;
  std::atomic<bool> busy_{false};
  // Of the tasks under way. Whoever has taken one may read them: they stay until it is done.
  Task task_ = nullptr;
  const void* context_ = nullptr;
  int count_ = 0;
  std::atomic<int> left_{0};        // not yet taken; or closing
  std::atomic<int> unfinished_{0};  // not yet done
};

void Pool::wait_while(const std::atomic<int>& number, int value) {
  for (int i = 0; i < polls; ++i) {
    if (number.load(std::memory_order_relaxed) != value) return;
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }
  number.wait(value);
}

bool Pool::do_one() {
  int left = left_.load();
  while (left > 0) {
    if (!left_.compare_exchange_weak(left, left - 1)) continue;
    task_(context_, count_ - left);
    if (unfinished_.fetch_sub(1) == 1) unfinished_.notify_one();
    return true;
  }
  return false;
}

void Pool::work() {
  for (;;) {
    while (do_one()) {
    }
    if (left_.load() == closing) return;
    wait_while(left_, 0);
  }
}

void Pool::run(int count, Task task, const void* context) {
  if (count < 2 || workers_.empty() || busy_.exchange(true)) {
    return run_in_order(count, task, context);
  }
  task_ = task;
  context_ = context;
  count_ = count;
  unfinished_.store(count);
  left_.store(count);
  left_.notify_all();
  while (do_one()) {
  }
  for (int unfinished = unfinished_.load(); unfinished != 0; unfinished = unfinished_.load()) {
    wait_while(unfinished_, unfinished);
  }
  busy_.store(false);
}

void Pool::resize(int count) {
  left_.store(closing);
  left_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  left_.store(0);
  for (int i = 0; i < count; ++i) workers_.emplace_back([this] { work(); });
}

Pool& pool() {
  static Pool instance;
  return instance;
}

}  // namespace

void set_threads(int count) {
  if (count <= 0) count = static_cast<int>(std::thread::hardware_concurrency());
  const int workers = std::max(count, 1) - 1;
  if (workers != pool().workers()) pool().resize(workers);
}

int threads() {
  return pool().workers() + 1;
}

void run_tasks(int count, Task task, const void* context) {
  pool().run(count, task, context);
}

#endif

}  // namespace neural_ode
