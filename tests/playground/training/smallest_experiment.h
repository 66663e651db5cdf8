// The smallest real experiment: the matrix A of a spiral y' = A y, learnt from one trajectory.
#pragma once
#include "engine/data/windows.h"
#include "engine/fields/mlp_field.h"
#include "engine/train/windows_loss.h"
#include "playground/contract/no_own_data.h"
#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"
#include "playground/training/rows.h"
#include "playground/training/training_experiment.h"
namespace neural_ode::testing {
struct Smallest final : WithoutOwnData<TrainingExperiment> {
  Smallest() : WithoutOwnData({.every = 20}) {
    add_solver_rows(table.parameters, "rk4", 1e-3, 0.1);
    add_training_rows(table.parameters, 0.1, 16, "cosine");
  }
  const ExperimentInfo& info() const override { return table; }
  Plot preview(std::string_view, std::string_view) const override { return {}; }
  Result<Beginning> prepare(std::uint64_t seed) override {
    Rng data(seed, Trainee::data_stream);
    observed = make_trajectories("spiral", 1, 100, 10, 0, data).observed;
    gradient = make_discrete<float>(solver_options(settings()));
    return Beginning{field.mlp().layout(), Vector<float>::Zero(4)};
  }
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override {
    draw_windows(observed, whole, 20, settings().integer("batch"), rng(), batch);
    field.bind(theta().data());
    solve = gradient->forward(field, batch.y0, batch.times);
    const double loss = window_loss(gradient->states(), batch.target, 1, states_bar);
    if (solve.succeeded()) solve = gradient->backward(field, states_bar);
    theta_bar = gradient->theta_bar();
    return loss;
  }
  double score() override { return (theta() - Eigen::Vector4f(-0.1F, 1, -1, -0.1F)).norm(); }
  Frame frame() override {
    Points last;
    for (const auto& y : gradient->states()) last.append(y(0), y(1));
    Plot plot;
    plot.layers = {make_layer(paths_along(observed)), make_layer(last, Role::model, "last batch")};
    return {trainee().step(), {}, {plot, loss_plot(trainee())}, "a spiral, seen and learnt"};
  }
  ExperimentInfo table{"smallest", "Smallest", "Find A.", "", true, 200, {}, {}};
  const std::vector<WindowRange> whole = {{0, 0, 100}};
  std::vector<Trajectory> observed;
  WindowBatch batch;
  std::vector<Matrix<float>> states_bar;
  MlpField<float> field{{{2, 2, Activation::identity, false}}, false};
  std::unique_ptr<Gradient<float>> gradient;
};
}  // namespace neural_ode::testing
