// How `dynamics` is judged: on observations that were held back, and against the exact motions.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/data/systems.h"
#include "engine/train/windows_loss.h"
#include "playground/experiments/dynamics/run.h"

namespace neural_ode {

const std::vector<Matrix<float>>& Dynamics::learnt(const Matrix<double>& times) {
  const auto& from = data_.exact.empty() ? data_.observed : data_.exact;
  Matrix<float> y0 = Matrix<float>::Zero(dim_, static_cast<Index>(from.size()));
  for (std::size_t k = 0; k < from.size(); ++k) {
    y0.col(static_cast<Index>(k)).head(data_.dim) = from[k].y.col(0).head(data_.dim).cast<float>();
  }
  for (std::size_t s = 0; s < segments_.size(); ++s) {
    if (segments_[s].first > 0) continue;
    y0.col(segments_[s].trajectory) = starts().col(static_cast<Index>(s));
  }
  field_->bind(trainee_.theta().data());
  solver_->solve(*field_, y0, times);
  return solver_->states();
}

const std::vector<Matrix<float>>& Dynamics::learnt(const std::vector<Trajectory>& motions) {
  std::size_t longest = 0;
  for (const Trajectory& motion : motions) longest = std::max(longest, motion.times.size());
  Matrix<double> times(static_cast<Index>(longest), static_cast<Index>(motions.size()));
  for (Index k = 0; k < times.cols(); ++k) {
    const auto& own = motions[static_cast<std::size_t>(k)].times;
    const auto count = static_cast<Index>(own.size());
    for (Index i = 0; i < count; ++i) times(i, k) = own[static_cast<std::size_t>(i)];
    append_idle_times(times, count, k);
  }
  return learnt(times);
}

// Every window from its first observation.
double Dynamics::test_windows() {
  if (test_window_ == 0) return unknown;
  Matrix<float> y0 = Matrix<float>::Zero(dim_, held_out_.y0.cols());
  y0.topRows(data_.dim) = held_out_.y0;
  field_->bind(trainee_.theta().data());
  solver_->solve(*field_, y0, held_out_.times);
  return window_error(solver_->states(), held_out_.target, 1);
}

// Trained states say nothing of windows that begin later: what is held back is reached from the
// beginning of its motion.
double Dynamics::held_back_error() {
  const auto& states = learnt(data_.observed);
  MeanSquare error;
  for (std::size_t k = 0; k < data_.observed.size(); ++k) {
    const auto& y = data_.observed[k].y;
    for (Index i = data_.shown[k]; i < y.cols(); ++i) {
      for (Index d = 0; d < data_.dim; ++d) {
        const float state = states[static_cast<std::size_t>(i)](d, static_cast<Index>(k));
        error.add(static_cast<double>(state), y(d, i));
      }
    }
  }
  return error.value();
}

void Dynamics::test() {
  tested_step_ = trainee_.step();
  scores_ = {};
  scores_.test_loss = trains_starts() ? held_back_error() : test_windows();
  const auto& truth = data_.exact.empty() ? data_.observed : data_.exact;
  const auto& shown = data_.exact.empty() ? data_.shown : data_.exact_shown;
  const auto& states = learnt(truth);
  MeanSquare within, beyond;
  for (std::size_t k = 0; k < truth.size(); ++k) {
    for (Index i = 0; i < truth[k].y.cols(); ++i) {
      const auto& state = states[static_cast<std::size_t>(i)];
      for (Index d = 0; d < data_.dim; ++d) {
        (i < shown[k] ? within : beyond)
            .add(static_cast<double>(state(d, static_cast<Index>(k))), truth[k].y(d, i));
      }
    }
  }
  scores_.trajectory_mse = within.value();
  scores_.extrapolation_mse = beyond.value();
}

void Dynamics::record_test() {
  if (test_window_ > 0) trainee_.record_test(scores_.test_loss);
}

double Dynamics::matrix_error() const {
  if (settings_.choice("model") != "linear" || settings_.choice("data") != "linear" || dim_ != 2) {
    return unknown;
  }
  // The true matrix, column by column: f(e_j) = A e_j.
  const auto field = find_system(find_known_data("linear")->system)->make();
  const Matrix<double> basis = Matrix<double>::Identity(2, 2);
  const Vector<double> t = Vector<double>::Zero(2);
  Matrix<double> truth(2, 2);
  field->eval(t, basis, truth);
  double error = 0;
  for (Index i = 0; i < 4; ++i) {
    error = std::max(error, std::abs(truth.data()[i] - static_cast<double>(trainee_.theta()[i])));
  }
  return error;
}

}  // namespace neural_ode
