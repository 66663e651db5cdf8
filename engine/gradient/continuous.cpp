// The two strategies that solve the continuous adjoint: `interpolated` and `backsolve`.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/gradient/adjoint_field.h"
#include "engine/gradient/gradient.h"
#include "engine/gradient/theta_quadrature.h"
#include "engine/gradient/time_gradient.h"

namespace neural_ode {
namespace {

enum class StateSource { stored, solved_backwards };

template <class Scalar>
class ContinuousAdjoint final : public Gradient<Scalar> {
 public:
  ContinuousAdjoint(const SolverOptions& options, const GradientOptions& gradient,
                    StateSource source)
      : source_(source), gradient_(gradient), forward_(options), backward_(options) {}

  const SolveReport& forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                             const Matrix<double>& times, const Events<Scalar>& events) override {
    forward_request_.events = events;
    forward_request_.recording =
        source_ == StateSource::stored ? Recording::interpolant : Recording::nothing;
    return forward_.solve(field, y0, times, forward_request_);
  }
  const std::vector<Matrix<Scalar>>& states() const override { return forward_.states(); }
  const Matrix<double>& times() const override { return forward_.times(); }

  const SolveReport& backward(VectorField<Scalar>& field,
                              const std::vector<Matrix<Scalar>>& states_bar) override;
  const Matrix<Scalar>& y0_bar() const override { return lambda_; }
  const Vector<Scalar>& theta_bar() const override { return theta_bar_; }
  const Matrix<double>& times_bar() const override { return times_bar_; }

  Count nfe_backward() const override { return report_.nfe(); }
  Count nvjp() const override {
    return nvjp_.empty() ? 0 : *std::max_element(nvjp_.begin(), nvjp_.end());
  }
  std::size_t state_bytes() const override {
    return forward_.dense_output().bytes() + backward_.bytes() + adjoint_.bytes() +
           quadrature_.bytes() + time_gradient_.bytes() +
           static_cast<std::size_t>(state_.size() + lambda_.size() + part_.size()) * sizeof(Scalar);
  }

 private:
  Status check(const VectorField<Scalar>& field,
               const std::vector<Matrix<Scalar>>& states_bar) const;
  void set_backward_options(Index parameters);
  void find_sizes(const std::vector<Matrix<Scalar>>& states_bar);
  bool solve_between(Index row);

  StateSource source_;
  GradientOptions gradient_;
  Solver<Scalar> forward_, backward_;
  SolveRequest<Scalar> forward_request_, backward_request_;
  AdjointField<Scalar> adjoint_;
  ThetaQuadrature<Scalar> quadrature_;
  TimeGradient<Scalar> time_gradient_;
  SolveReport report_;
  std::vector<Count> nvjp_;  // per sample
  Vector<double> sizes_;     // B
  Matrix<Scalar> state_, part_, lambda_;
  Vector<Scalar> theta_bar_;
  Matrix<double> times_bar_, span_;  // span_: 2 x columns, of one interval
  Vector<double> steps_;             // how far each sample steps next
  std::vector<int> running_;         // samples that take part in an interval
};

template <class Scalar>
Status ContinuousAdjoint<Scalar>::check(const VectorField<Scalar>& field,
                                        const std::vector<Matrix<Scalar>>& states_bar) const {
  const ButcherTableau* method = forward_.options().method;
  const GradientStrategy& strategy =
      *find_gradient(source_ == StateSource::stored ? "interpolated" : "backsolve");
  if (method != nullptr) {
    if (Status status = validate(strategy, *method); !status) return status;
  }
  return check_cotangents(forward_, field, states_bar);
}

// The forward norm for the state and for lambda, each by itself; where theta_bar takes part, in
// full. In one norm the many small errors of one would hide the large ones of another.
template <class Scalar>
void ContinuousAdjoint<Scalar>::set_backward_options(Index parameters) {
  SolverOptions options = forward_.options();
  const Index states = adjoint_.state_rows(), dim = forward_.states()[0].rows();
  options.norm.parts = {dim, states > 0 ? dim : 0};
  const Vector<double> own = options.norm.weights;
  if (own.size() > 0) {
    options.norm.weights.setOnes(states + dim + parameters);
    options.norm.weights.segment(states, dim) = own;
    if (states > 0) options.norm.weights.head(dim) = own;
  }
  options.exact_jacobian = false;
  backward_.set_options(options);
}

// The largest cotangent of each sample. The solve divides lambda by it, so that atol means the same
// for a loss and for a thousandth of it: a mean over the batch makes cotangents small, not
// unimportant.
template <class Scalar>
void ContinuousAdjoint<Scalar>::find_sizes(const std::vector<Matrix<Scalar>>& states_bar) {
  sizes_.setZero(states_bar[0].cols());
  for (const Matrix<Scalar>& bar : states_bar) {
    for (Index s = 0; s < bar.cols(); ++s) {
      const double size = static_cast<double>(bar.col(s).cwiseAbs().maxCoeff());
      if (!(size <= sizes_[s])) sizes_[s] = size;
    }
  }
  for (double& size : sizes_) {
    if (!(size > 0) || !std::isfinite(size)) size = 1;
  }
}

template <class Scalar>
const SolveReport& ContinuousAdjoint<Scalar>::backward(
    VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar) {
  const Index batch = states_bar.empty() ? 0 : states_bar[0].cols(), dim = field.dim();
  report_.reset(batch);
  nvjp_.assign(static_cast<std::size_t>(batch), 0);
  if (const Status status = check(field, states_bar); !status) {
    report_.status = SolveStatus::invalid;
    report_.reason = status.error();
    return report_;
  }
  const bool stored = source_ == StateSource::stored, with_theta = !gradient_.seminorm;
  const Index parameters = field.parameter_count();
  adjoint_.bind(field, stored ? &forward_.dense_output() : nullptr, with_theta);
  set_backward_options(with_theta ? parameters : 0);
  theta_bar_.setZero(parameters);
  const bool quadrature = !with_theta && parameters > 0;
  find_sizes(states_bar);
  if (quadrature) quadrature_.bind(field, adjoint_, backward_.options(), sizes_, theta_bar_, nvjp_);
  backward_request_.sink = quadrature ? &quadrature_ : nullptr;

  const auto& states = forward_.states();
  const Index rows = static_cast<Index>(states.size()), at = adjoint_.state_rows();
  steps_ = forward_.next_steps();
  state_.setZero(adjoint_.dim(), batch);
  if (!stored) state_.topRows(dim) = states.back();
  for (Index row = rows - 1; row > 0; --row) {
    for (Index s = 0; s < batch; ++s)
      state_.col(s).segment(at, dim) +=
          states_bar[static_cast<std::size_t>(row)].col(s) / static_cast<Scalar>(sizes_[s]);
    if (!solve_between(row)) return report_;
    if (!stored && gradient_.reset) state_.topRows(dim) = states[static_cast<std::size_t>(row - 1)];
  }
  lambda_ = state_.middleRows(at, dim);
  for (Index s = 0; s < batch; ++s) {
    const Scalar size = static_cast<Scalar>(sizes_[s]);
    lambda_.col(s) *= size;
    if (with_theta) theta_bar_ += size * state_.col(s).tail(parameters);
  }
  if (quadrature) quadrature_.finish();
  if (gradient_.times) {
    times_bar_.setZero(forward_.times().rows(), forward_.times().cols());
    time_gradient_.add(field, forward_, states_bar, lambda_, times_bar_, report_);
  }
  lambda_ += states_bar[0];
  if (!all_finite(lambda_, theta_bar_)) {
    report_.status = SolveStatus::non_finite;
    report_.t = forward_.time(0, 0);
  }
  return report_;
}

// From the output time `row` to the one before; samples that an event ended earlier wait.
template <class Scalar>
bool ContinuousAdjoint<Scalar>::solve_between(Index row) {
  const Index batch = state_.cols(), columns = forward_.times().cols(),
              dim = forward_.states()[0].rows();
  running_.clear();
  for (int s = 0; s < static_cast<int>(batch); ++s) {
    if (forward_.time(row, s) != forward_.time(row - 1, s)) running_.push_back(s);
  }
  const Index n = static_cast<Index>(running_.size());
  if (n == 0) return true;
  part_.resize(state_.rows(), n);
  backward_request_.first_steps.resize(n);
  span_.resize(2, columns == 1 ? 1 : n);
  for (Index p = 0; p < n; ++p) {
    const int s = running_[static_cast<std::size_t>(p)];
    part_.col(p) = state_.col(s);
    backward_request_.first_steps[p] = steps_[s];
    if (p < span_.cols()) span_.col(p) << forward_.time(row, s), forward_.time(row - 1, s);
  }
  adjoint_.set_batch(running_);
  const SolveReport& report = backward_.solve(adjoint_, part_, span_, backward_request_);
  report_.add_steps(report);
  for (Index p = 0; p < n; ++p) {
    const auto q = static_cast<std::size_t>(p), s = static_cast<std::size_t>(running_[q]);
    // A slope of the adjoint is one product, and one evaluation where the state is solved too; a
    // Jacobian is D products.
    if (source_ == StateSource::solved_backwards)
      report_.nfe_per_sample[s] += report.nfe_per_sample[q];
    nvjp_[s] += report.nfe_per_sample[q] + dim * report.jacobians_per_sample[q];
  }
  if (!report.succeeded()) {
    report_.stop_as(report,
                    report.sample < 0 ? -1 : running_[static_cast<std::size_t>(report.sample)]);
    return false;
  }
  for (Index p = 0; p < n; ++p) {
    const int s = running_[static_cast<std::size_t>(p)];
    state_.col(s) = backward_.states()[1].col(p);
    steps_[s] = backward_.next_steps()[p];
  }
  return true;
}

}  // namespace

template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_interpolated(const SolverOptions& options,
                                                    const GradientOptions& gradient) {
  return std::make_unique<ContinuousAdjoint<Scalar>>(options, gradient, StateSource::stored);
}

template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_backsolve(const SolverOptions& options,
                                                 const GradientOptions& gradient) {
  return std::make_unique<ContinuousAdjoint<Scalar>>(options, gradient,
                                                     StateSource::solved_backwards);
}

template std::unique_ptr<Gradient<float>> make_interpolated(const SolverOptions&,
                                                            const GradientOptions&);
template std::unique_ptr<Gradient<double>> make_interpolated(const SolverOptions&,
                                                             const GradientOptions&);
template std::unique_ptr<Gradient<float>> make_backsolve(const SolverOptions&,
                                                         const GradientOptions&);
template std::unique_ptr<Gradient<double>> make_backsolve(const SolverOptions&,
                                                          const GradientOptions&);

}  // namespace neural_ode
