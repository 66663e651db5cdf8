// Tasks shared by threads.
#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include "engine/core/parallel.h"
#include "tests/support/threads.h"

#ifndef __EMSCRIPTEN__
#include <set>
#include <thread>
#endif

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

// How often each of so many tasks was done in a loop of them.
std::vector<int> times_done(int count) {
  std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
  parallel_for(count, [&](int i) { ++done[static_cast<std::size_t>(i)]; });
  return {done.begin(), done.end()};
}

}  // namespace

TEST_CASE("parallel: every task is done once before the loop returns, for any number of threads") {
  for (const int count : {1, 2, 3, 8}) {
    const Threads threads_now(count);
    for (int repeat = 0; repeat < 300; ++repeat) {
      const int tasks = repeat % 7;
      CHECK(times_done(tasks) == std::vector<int>(static_cast<std::size_t>(tasks), 1));
    }
  }
}

TEST_CASE("parallel: a loop within a task does all its tasks") {
  const Threads threads_now(3);
  std::vector<std::atomic<int>> done(4);
  parallel_for(4,
               [&](int i) { parallel_for(5, [&](int) { ++done[static_cast<std::size_t>(i)]; }); });
  for (const auto& each : done) CHECK(each == 5);
}

#ifdef __EMSCRIPTEN__

TEST_CASE("parallel: WebAssembly has one thread") {
  set_threads(4);
  CHECK(threads() == 1);
}

#else

TEST_CASE("parallel: there are as many threads as were asked for, and they work at the same time") {
  for (const int count : {1, 2, 4}) {
    const Threads threads_now(count);
    CHECK(threads() == count);
    // Each task waits until all have begun: fewer threads would wait forever.
    std::atomic<int> begun{0};
    std::vector<std::thread::id> ids(static_cast<std::size_t>(count));
    parallel_for(count, [&](int i) {
      ids[static_cast<std::size_t>(i)] = std::this_thread::get_id();
      ++begun;
      while (begun < count) std::this_thread::yield();
    });
    CHECK(static_cast<int>(std::set(ids.begin(), ids.end()).size()) == count);
  }
  const Threads all(0);
  CHECK(threads() >= 1);
}

TEST_CASE("parallel: a loop that begins while another thread's runs does all its tasks") {
  const Threads threads_now(2);
  std::atomic<int> done{0};
  const auto loops = [&] {
    for (int repeat = 0; repeat < 200; ++repeat) parallel_for(5, [&](int) { ++done; });
  };
  std::thread other(loops);
  loops();
  other.join();
  CHECK(done == 2 * 200 * 5);
}

#endif
