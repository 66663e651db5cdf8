#include "engine/ode/newton.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/lu.h"
#include "engine/core/math.h"

namespace neural_ode {

NewtonOptions NewtonOptions::to_rounding(double epsilon) {
  NewtonOptions options;
  options.rtol = options.atol = epsilon;
  options.kappa = 1;
  options.max_iterations = 50;
  options.trusting = false;
  options.rounding = 100;
  return options;
}

template <class Scalar>
void NewtonSolver<Scalar>::reset(const NewtonOptions& options, Index dim, Index batch) {
  options_ = options;
  dim_ = dim;
  const auto count = static_cast<std::size_t>(batch);
  samples_.assign(count, Sample{});
  jacobian_.resize(dim, dim * batch);
  lu_.resize(dim, dim * batch);
  pivots_.resize(static_cast<std::size_t>(dim) * count);
  evaluator_.reserve(dim, batch);
  open_.reserve(count);
  open_samples_.reserve(count);
  for (Matrix<Scalar>* matrix : {&r_, &y_, &f_}) matrix->resize(dim, batch);
  t_.resize(batch);
}

template <class Scalar>
void NewtonSolver<Scalar>::begin_step(VectorField<Scalar>& field, std::span<const int> samples,
                                      TimesIn t, MatrixIn<Scalar> y,
                                      std::vector<Count>& jacobians) {
  open_samples_.clear();
  Index n = 0;
  for (std::size_t p = 0; p < samples.size(); ++p) {
    Sample& sample = state(samples[p]);
    // Hairer and Wanner's code keeps a Jacobian that converges by a factor of 1000, where a new one
    // brings new factors of large matrices.
    constexpr double fast = 0.03;
    sample.wanted = sample.wanted || sample.worst_rate > fast;
    sample.worst_rate = 0;
    sample.failed = false;
    ++sample.age;
    if (!sample.wanted) continue;
    sample.wanted = false;
    sample.age = 0;
    sample.w = 0;
    sample.eta = 1;
    ++jacobians[static_cast<std::size_t>(samples[p])];
    open_samples_.push_back(samples[p]);
    y_.col(n) = y.col(static_cast<Index>(p));
    t_[n++] = t[static_cast<Index>(p)];
  }
  if (n == 0) return;
  field.select(open_samples_);
  const auto jacobian = evaluator_(field, t_.head(n), y_.leftCols(n));
  for (Index q = 0; q < n; ++q) {
    const int sample = open_samples_[static_cast<std::size_t>(q)];
    jacobian_.middleCols(sample * dim_, dim_) = jacobian.middleCols(q * dim_, dim_);
  }
  field.select(samples);
}

template <class Scalar>
bool NewtonSolver<Scalar>::factor(int sample, double w) {
  Sample& own = state(sample);
  if (own.w == w) return true;
  Scalar* lu = lu_.data() + sample * dim_ * dim_;
  const Scalar* jacobian = jacobian_.data() + sample * dim_ * dim_;
  for (Index i = 0; i < dim_ * dim_; ++i) lu[i] = static_cast<Scalar>(-w) * jacobian[i];
  for (Index d = 0; d < dim_; ++d) lu[d * (dim_ + 1)] += 1;
  own.w = lu_factor(dim_, lu, pivots_.data() + sample * dim_) ? w : 0;
  return own.w != 0;
}

template <class Scalar>
bool NewtonSolver<Scalar>::iterate(Open& open, int sample, double w, Scalar* y, Scalar* k,
                                   const Scalar* r, const Scalar* f) {
  Sample& own = state(sample);
  Scalar* step = y_.data();  // scratch: the gathered states are not needed any more
  const Scalar weight = static_cast<Scalar>(w);
  for (Index d = 0; d < dim_; ++d) step[d] = f[d] - k[d];
  lu_solve(dim_, lu_.data() + sample * dim_ * dim_, pivots_.data() + sample * dim_, step);
  for (Index d = 0; d < dim_; ++d) {
    k[d] += step[d];
    step[d] *= weight;
    y[d] = r[d] + weight * k[d];
  }
  const double length = options_.norm(dim_, step, y, r, options_.rtol, options_.atol);
  own.failed = true;
  if (!std::isfinite(length)) return false;

  if (++open.iteration == 1) {
    // What was measured is trusted less with every stage, or a Jacobian that was good once would be
    // thought so for ever.
    own.eta = math::pow(
        std::max(own.eta, static_cast<double>(std::numeric_limits<Scalar>::epsilon())), 0.8);
  } else {
    const double rate = length / open.length;
    own.worst_rate = std::max(own.worst_rate, rate);
    if (!(rate < 1)) {
      own.failed = !(length <= options_.rounding);
      return false;
    }
    own.eta = rate / (1 - rate);
    const int left = options_.max_iterations - open.iteration;
    if (math::pow(rate, left) / (1 - rate) * length > std::max(options_.kappa, options_.rounding))
      return false;
  }
  open.length = length;
  const bool enough = open.iteration > 1 || options_.trusting;
  own.failed = !(length == 0 || (enough && own.eta * length <= options_.kappa));
  return own.failed;
}

template <class Scalar>
void NewtonSolver<Scalar>::solve(VectorField<Scalar>& field, std::span<const int> samples,
                                 TimesIn t, const Vector<double>& w, MatrixOut<Scalar> y,
                                 MatrixOut<Scalar> k, std::vector<Count>& nfe) {
  open_.clear();
  for (std::size_t p = 0; p < samples.size(); ++p) {
    const Index column = static_cast<Index>(p);
    r_.col(column) = y.col(column);
    Sample& own = state(samples[p]);
    if (own.failed) continue;
    own.failed = !factor(samples[p], w[column]);
    if (own.failed) continue;
    const Scalar weight = static_cast<Scalar>(w[column]);
    for (Index d = 0; d < dim_; ++d) y(d, column) += weight * k(d, column);
    open_.push_back({static_cast<int>(p), 0, 0});
  }

  bool subset = false;
  while (!open_.empty()) {
    const Index n = static_cast<Index>(open_.size());
    open_samples_.clear();
    for (Index q = 0; q < n; ++q) {
      const int column = open_[static_cast<std::size_t>(q)].column;
      open_samples_.push_back(samples[static_cast<std::size_t>(column)]);
      y_.col(q) = y.col(column);
      t_[q] = t[column];
    }
    subset = subset || open_.size() < samples.size();
    if (subset) field.select(open_samples_);
    field.eval(t_.head(n), y_.leftCols(n), f_.leftCols(n));

    std::size_t kept = 0;
    for (Index q = 0; q < n; ++q) {
      Open open = open_[static_cast<std::size_t>(q)];
      const int sample = open_samples_[static_cast<std::size_t>(q)];
      ++nfe[static_cast<std::size_t>(sample)];
      if (iterate(open, sample, w[open.column], y.col(open.column).data(),
                  k.col(open.column).data(), r_.col(open.column).data(), f_.col(q).data())) {
        open_[kept++] = open;
      }
    }
    open_.resize(kept);
  }
  if (subset) field.select(samples);
  for (std::size_t p = 0; p < samples.size(); ++p) {
    if (!failed(samples[p])) continue;
    const Index column = static_cast<Index>(p);
    y.col(column) = r_.col(column);
    k.col(column).setZero();
  }
}

template <class Scalar>
std::size_t NewtonSolver<Scalar>::bytes() const {
  const Index entries = jacobian_.size() + lu_.size() + r_.size() + y_.size() + f_.size();
  return static_cast<std::size_t>(entries) * sizeof(Scalar);
}

template class NewtonSolver<float>;
template class NewtonSolver<double>;

}  // namespace neural_ode
