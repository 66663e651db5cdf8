#include "playground/experiments/latent/query.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/math.h"
#include "engine/train/optimizer.h"

namespace neural_ode::latent {

namespace {

constexpr std::size_t most_observations = 500;
constexpr Index samples = 8;
constexpr int refinements = 20;
constexpr double refinement_rate = 0.05;

}  // namespace

void Query::start(Trajectory observations) {
  now_ = std::move(observations);
  edited_ = false;
  undo_ = {};
}

Status Query::add(double t, const Vector<double>& y) {
  if (now_.times.size() >= most_observations) return Error{"no more than 500 observations"};
  undo_.remember(now_);
  edited_ = true;
  const auto place = std::lower_bound(now_.times.begin(), now_.times.end(), t);
  const auto at = static_cast<Index>(place - now_.times.begin());
  if (place != now_.times.end() && *place == t) {  // one observation at a time: the new one
    now_.y.col(at) = y;
    return {};
  }
  Matrix<double> grown(y.size(), now_.y.cols() + 1);
  grown.leftCols(at) = now_.y.leftCols(at);
  grown.col(at) = y;
  grown.rightCols(now_.y.cols() - at) = now_.y.rightCols(now_.y.cols() - at);
  now_.y = std::move(grown);
  now_.times.insert(place, t);
  return {};
}

Status Query::remove(Index i) {
  if (i < 0 || i >= now_.y.cols()) return Error{"there is no observation here"};
  undo_.remember(now_);
  edited_ = true;
  Matrix<double> left(now_.y.rows(), now_.y.cols() - 1);
  left.leftCols(i) = now_.y.leftCols(i);
  left.rightCols(left.cols() - i) = now_.y.rightCols(left.cols() - i);
  now_.y = std::move(left);
  now_.times.erase(now_.times.begin() + i);
  return {};
}

void Query::clear() {
  if (now_.times.empty()) return;
  undo_.remember(now_);
  edited_ = true;
  now_.times.clear();
  now_.y.resize(now_.y.rows(), 0);
}

Status Query::undo() {
  if (!undo_.take_back(now_)) return Error{"nothing to undo"};
  return {};
}

bool Query::infer(const Data& data, LatentModel<float>& model, const Vector<float>& theta) {
  const Index latent = model.spec().encoder.latent_dim;
  mean_.setZero(latent);
  log_variance_.setZero(latent);
  if (now_.times.empty()) return true;  // the prior
  fill_batch(data, now_, 1, batch_);
  model.encode(theta, batch_, mean_, log_variance_);
  return !edited_ || refine(data, model, theta);
}

// Adam on mean and log_variance, with the same `samples` draws of eps at every step.
bool Query::refine(const Data& data, LatentModel<float>& model, const Vector<float>& theta) {
  const Index latent = mean_.size();
  fill_batch(data, now_, samples, batch_);
  Rng rng(1);
  Matrix<float> eps(latent, samples), z0(latent, samples), z0_bar(latent, samples);
  for (Index i = 0; i < eps.size(); ++i) eps.data()[i] = static_cast<float>(rng.normal());
  Vector<float> q(2 * latent), q_bar(2 * latent);
  q << mean_, log_variance_;
  const auto adam = make_optimizer<float>("adam", q.size());
  for (int step = 0; step < refinements; ++step) {
    for (Index k = 0; k < samples; ++k) {
      for (Index j = 0; j < latent; ++j) {
        z0(j, k) = q[j] + static_cast<float>(math::exp(0.5 * static_cast<double>(q[latent + j]))) *
                              eps(j, k);
      }
    }
    if (!model.likelihood_gradient(theta, z0, batch_, z0_bar).succeeded()) return false;
    // Down minus the ELBO.
    for (Index j = 0; j < latent; ++j) {
      const double variance = math::exp(static_cast<double>(q[latent + j]));
      double mean_bar = static_cast<double>(q[j]), log_variance_bar = 0.5 * (variance - 1);
      for (Index k = 0; k < samples; ++k) {
        const double share = static_cast<double>(z0_bar(j, k)) / static_cast<double>(samples);
        mean_bar -= share;
        log_variance_bar -= 0.5 * share * static_cast<double>(eps(j, k)) * std::sqrt(variance);
      }
      q_bar[j] = static_cast<float>(mean_bar);
      q_bar[latent + j] = static_cast<float>(log_variance_bar);
    }
    adam->step(q, q_bar, refinement_rate);
  }
  mean_ = q.head(latent);
  log_variance_ = q.tail(latent);
  return true;
}

}  // namespace neural_ode::latent
