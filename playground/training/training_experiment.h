// What every experiment that trains has in common: a run that begins with data and parameters,
// steps of one loss and one gradient, scores now and then, saving and loading. An experiment says
// what is its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/nn/parameter_layout.h"
#include "engine/ode/solve_status.h"
#include "playground/contract/experiment.h"
#include "playground/training/trainee.h"

namespace neural_ode {

// What a run begins with.
struct Beginning {
  ParameterLayout layout;
  Vector<float> theta;
  std::int64_t schedule_steps = 0;  // a round of the learning rate's schedule; 0: default_steps
  Index clip_apart = 0;  // parameters from here on are of another model, clipped by their own norm
};

// What a batch, or a part of it, says of the parameters.
struct Share {
  double loss = 0;
  Vector<float> theta_bar;
  SolveReport solve;  // the worst of its solves
};

class TrainingExperiment : public Experiment {
 public:
  Status reset(const Settings& settings, std::uint64_t seed) final;
  StepReport step() final;
  // A step in two halves: the loss and the gradient of its batch, and the update by the sum of all
  // shares, in their order. Those who begin with the same settings and seed and finish with the
  // same shares stay the same.
  const Share& compute();
  StepReport finish(std::span<const Share> shares);

  std::vector<std::uint8_t> save() const final;
  Status load(std::span<const std::uint8_t> safetensors) final;

 protected:
  // When scores are taken: every so many steps, and as a run begins.
  struct Scoring {
    std::int64_t every = 1;
    bool at_start = true;
  };
  explicit TrainingExperiment(Scoring scoring) : scoring_(scoring) {}

  // --- what an experiment says of itself
  // Data and model of settings(); why they cannot be run. Afterwards nothing is left of an earlier
  // run.
  virtual Result<Beginning> prepare(std::uint64_t seed) = 0;
  // Draws a batch by rng() and returns its loss; its gradient into theta_bar, which is P and holds
  // anything. Where `solve` says that it did not succeed neither counts.
  virtual double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) = 0;
  // What was computed last has become a step.
  virtual void accepted() {}
  // The test loss, NaN where it is not known; other scores are remembered for the picture.
  virtual double score() = 0;
  // After a score that is due, not after one that a picture asks for.
  virtual void record_scores(double test_loss) { trainee_.record_test(test_loss); }
  // Another state was loaded.
  virtual void restored() {}
  virtual std::int64_t steps_between_scores() const { return scoring_.every; }
  // Why there is no run, where more is to be said than that its settings cannot be used.
  virtual std::string obstacle() const { return {}; }

  // --- what it may use
  const Settings& settings() const { return settings_; }
  bool ready() const { return ready_; }  // there is a run
  Trainee& trainee() { return trainee_; }
  const Trainee& trainee() const { return trainee_; }
  const Vector<float>& theta() const { return trainee_.theta(); }
  Rng& rng() { return trainee_.rng(); }
  const SolveReport& solve() const { return solve_; }  // of the last step
  void refresh_scores();  // for a picture: unless they are of this very step

 private:
  StepReport update();
  double take_score();

  const Scoring scoring_;
  Settings settings_;
  bool ready_ = false;
  Trainee trainee_;
  Share share_;        // of the step that is being taken
  SolveReport solve_;  // of the last one that succeeded
  std::int64_t scored_step_ = -1;
};

}  // namespace neural_ode
