// How `dynamics` is judged: on observations that were held back, and against the exact motions.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/fields/systems.h"
#include "engine/train/windows_loss.h"
#include "playground/experiments/dynamics/run.h"

namespace neural_ode::dynamics {

const std::vector<Matrix<float>>& learnt(const Run& run, const Vector<float>& theta,
                                         const Matrix<double>& times) {
  const auto& from = run.data.exact.empty() ? run.data.observed : run.data.exact;
  Matrix<float> y0 = Matrix<float>::Zero(run.dim, static_cast<Index>(from.size()));
  for (std::size_t k = 0; k < from.size(); ++k) {
    y0.col(static_cast<Index>(k)).head(run.data.dim) =
        from[k].y.col(0).head(run.data.dim).cast<float>();
  }
  for (std::size_t s = 0; s < run.segments.size(); ++s) {
    if (run.segments[s].first > 0) continue;
    y0.col(run.segments[s].trajectory) = run.starts(theta).col(static_cast<Index>(s));
  }
  run.field->bind(theta.data());
  run.solver->solve(*run.field, y0, times);
  return run.solver->states();
}

namespace {

const std::vector<Matrix<float>>& learnt(const Run& run, const Vector<float>& theta,
                                         const std::vector<Trajectory>& motions) {
  std::size_t longest = 0;
  for (const Trajectory& motion : motions) longest = std::max(longest, motion.times.size());
  Matrix<double> times(static_cast<Index>(longest), static_cast<Index>(motions.size()));
  for (Index k = 0; k < times.cols(); ++k) {
    const auto& own = motions[static_cast<std::size_t>(k)].times;
    const auto count = static_cast<Index>(own.size());
    for (Index i = 0; i < count; ++i) times(i, k) = own[static_cast<std::size_t>(i)];
    append_idle_times(times, count, k);
  }
  return learnt(run, theta, times);
}

// Every window from its first observation.
double window_score(const Run& run, const Vector<float>& theta) {
  if (run.test_window == 0) return unknown;
  Matrix<float> y0 = Matrix<float>::Zero(run.dim, run.held_out.y0.cols());
  y0.topRows(run.data.dim) = run.held_out.y0;
  run.field->bind(theta.data());
  run.solver->solve(*run.field, y0, run.held_out.times);
  return window_error(run.solver->states(), run.held_out.target, 1);
}

// Trained states say nothing of windows that begin later: what is held back is reached from the
// beginning of its motion.
double held_back_error(const Run& run, const Vector<float>& theta) {
  const auto& states = learnt(run, theta, run.data.observed);
  MeanSquare error;
  for (std::size_t k = 0; k < run.data.observed.size(); ++k) {
    const auto& y = run.data.observed[k].y;
    for (Index i = run.data.shown[k]; i < y.cols(); ++i) {
      for (Index d = 0; d < run.data.dim; ++d) {
        const float state = states[static_cast<std::size_t>(i)](d, static_cast<Index>(k));
        error.add(static_cast<double>(state), y(d, i));
      }
    }
  }
  return error.value();
}

}  // namespace

Scores score(const Run& run, const Vector<float>& theta) {
  Scores scores;
  scores.test_loss = run.trains_starts() ? held_back_error(run, theta) : window_score(run, theta);
  const auto& truth = run.data.exact.empty() ? run.data.observed : run.data.exact;
  const auto& shown = run.data.exact.empty() ? run.data.shown : run.data.exact_shown;
  const auto& states = learnt(run, theta, truth);
  MeanSquare within, beyond;
  for (std::size_t k = 0; k < truth.size(); ++k) {
    for (Index i = 0; i < truth[k].y.cols(); ++i) {
      const auto& state = states[static_cast<std::size_t>(i)];
      for (Index d = 0; d < run.data.dim; ++d) {
        const double size = run.data.error_unit(d);
        (i < shown[k] ? within : beyond)
            .add(size * static_cast<double>(state(d, static_cast<Index>(k))),
                 size * truth[k].y(d, i));
      }
    }
  }
  scores.trajectory_mse = within.value();
  scores.extrapolation_mse = beyond.value();
  return scores;
}

double matrix_error(const Run& run, const Vector<float>& theta) {
  if (!run.options.is_linear || run.options.data != "linear" || run.dim != 2) return unknown;
  // The true matrix, column by column: f(e_j) = A e_j.
  const auto field = find_system(find_known_data("linear")->system)->make();
  const Matrix<double> basis = Matrix<double>::Identity(2, 2);
  const Vector<double> t = Vector<double>::Zero(2);
  Matrix<double> truth(2, 2);
  field->eval(t, basis, truth);
  double error = 0;
  for (Index i = 0; i < 4; ++i) {
    error = std::max(error, std::abs(truth.data()[i] - static_cast<double>(theta[i])));
  }
  return error;
}

}  // namespace neural_ode::dynamics
