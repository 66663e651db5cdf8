// What every experiment that trains has in common: parameters and optimiser, the generator that
// draws batches, the step count and the loss curves; one update; saving and restoring all of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/rng.h"
#include "engine/nn/parameter_layout.h"
#include "engine/ode/solve_status.h"
#include "engine/train/curve_history.h"
#include "engine/train/optimizer.h"
#include "playground/contract/experiment.h"
#include "playground/contract/parameter.h"

namespace neural_ode {

class Trainee {
 public:
  // Streams of the random generator: one per purpose, so that a change of the data leaves the
  // initial weights alone.
  enum Stream : std::uint64_t { data_stream = 1, weight_stream = 2, batch_stream = 3 };

  void start(const Settings& settings, std::uint64_t seed, std::int64_t schedule_steps,
             const ParameterLayout& layout, Vector<float> initial_theta);

  // Parameters before `first` and from it on belong to two models: their gradients are clipped each
  // by its own norm. Until the next start.
  void clip_apart(Index first) { clip_apart_ = first; }

  const Vector<float>& theta() const { return theta_; }
  Rng& rng() { return rng_; }
  std::int64_t step() const { return step_; }
  double loss() const { return loss_; }
  const CurveHistory& train_curve() const { return train_; }
  const CurveHistory& test_curve() const { return test_; }

  // Remembers the generator, which a failed step puts back.
  void begin();
  // Ends a step with the loss, its gradient, which is clipped in place, and the worst report of its
  // solves. When these are finite and ok the parameters move; else nothing changes and the report
  // says why.
  StepReport finish(double loss, const SolveReport& solve, Vector<float>& theta_bar);
  void record_test(double loss) { test_.add(step_, loss); }
  // Further curves of the run, saved with it; a curve that was never recorded is empty.
  void record(const std::string& curve, double value) { curves_[curve].add(step_, value); }
  const CurveHistory& curve(const std::string& name) const;

  // own_data: what the run was trained on, where that is a person's own.
  std::vector<std::uint8_t> save(const std::string& experiment,
                                 std::optional<std::string> own_data) const;
  Status load(const std::string& experiment, std::span<const std::uint8_t> bytes);

 private:
  Settings settings_;
  std::uint64_t seed_ = 0;
  std::int64_t schedule_steps_ = 0;
  ParameterLayout layout_;
  Vector<float> theta_;  // P
  Index clip_apart_ = 0;
  std::unique_ptr<Optimizer<float>> optimizer_;
  Rng rng_;
  Rng::State before_;
  std::int64_t step_ = 0;
  double loss_ = 0;
  CurveHistory train_, test_;
  std::map<std::string, CurveHistory> curves_;
};

}  // namespace neural_ode
