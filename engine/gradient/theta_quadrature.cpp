#include "engine/gradient/theta_quadrature.h"

#include <algorithm>
#include <cmath>

#include "engine/core/math.h"
#include "engine/gradient/gauss_legendre.h"

namespace neural_ode {
namespace {

// More than a product needs for its speed, few enough for its operands to stay in the cache.
constexpr Index columns_at_once = 32;

int count_weights(const ButcherTableau& method) {
  return static_cast<int>(
      std::count_if(method.b, method.b + method.stages, [](double b) { return b != 0; }));
}

// A rule of less than the method's order would find differences where there are none to mind.
int coarse_nodes(const SolverOptions& options) {
  if (!options.adaptive()) return 0;
  return std::clamp(options.method->order / 2, 1, most_gauss_nodes - 1);
}

template <class Sum>
double largest(const Sum& sum) {
  return sum.size() == 0 ? 0 : static_cast<double>(sum.cwiseAbs().maxCoeff());
}

}  // namespace

template <class Scalar>
void ThetaQuadrature<Scalar>::bind(VectorField<Scalar>& field, AdjointField<Scalar>& adjoint,
                                   const SolverOptions& options, const Vector<double>& sizes,
                                   Vector<Scalar>& theta_bar, std::span<Count> products) {
  field_ = &field;
  adjoint_ = &adjoint;
  options_ = &options;
  sizes_ = &sizes;
  theta_bar_ = &theta_bar;
  products_ = products;
  coarse_ = coarse_nodes(options);
  const Index dim = field.dim();
  const auto reserve = [&](Columns& columns) {
    columns.n = 0;
    columns.samples.resize(static_cast<std::size_t>(columns_at_once));
    columns.t.resize(columns_at_once);
    columns.y.resize(dim, columns_at_once);
    columns.weighted.resize(dim, columns_at_once);
  };
  waiting_.resize(coarse_ > 0 ? products.size() : 1);
  for (Waiting& waiting : waiting_) {
    reserve(waiting.stages);
    waiting.steps.clear();
    waiting.solution.clear(adjoint.dim(), 1);
    waiting.gathered = 0;
  }
  reserve(nodes_);
  y_bar_.resize(dim, columns_at_once);
  t_bar_.resize(columns_at_once);
  state_.resize(adjoint.dim());
  fine_sum_.resize(theta_bar.size());
  coarse_sum_.resize(theta_bar.size());
  field.reserve(columns_at_once);
}

template <class Scalar>
void ThetaQuadrature<Scalar>::step(const StepView<Scalar>& view) {
  const bool made_room = coarse_ > 0 && make_room(view), integrated = add_stages(view);
  if (made_room || integrated) adjoint_->select(view.samples);
}

// Steps that are judged are not torn apart.
template <class Scalar>
bool ThetaQuadrature<Scalar>::make_room(const StepView<Scalar>& view) {
  const Index columns = count_weights(view.stages.method());
  bool integrated = false;
  for (Index p = 0; p < view.n; ++p) {
    if (view.accepted[static_cast<std::size_t>(p)] == 0) continue;
    Waiting& waiting = waiting_of(adjoint_->sample(view.samples[static_cast<std::size_t>(p)]));
    if (waiting.stages.n + columns > columns_at_once) {
      integrate(waiting);
      integrated = true;
    }
    waiting.steps.push_back({view.t[p], view.h[p]});
    waiting.solution.add(0, view.t[p], view.h[p], p, view.stages.y(0).col(p).data(), view.stages);
  }
  return integrated;
}

template <class Scalar>
bool ThetaQuadrature<Scalar>::add_stages(const StepView<Scalar>& view) {
  Stages<Scalar>& stages = view.stages;
  const ButcherTableau& method = stages.method();
  bool integrated = false;
  for (int i = 0; i < method.stages; ++i) {
    if (method.b[i] == 0) continue;
    stages.place(i, view.n, view.t, view.h, view.begin, view.end);
    for (Index p = 0; p < view.n; ++p) {
      if (view.accepted[static_cast<std::size_t>(p)] == 0) continue;
      const int sample = adjoint_->sample(view.samples[static_cast<std::size_t>(p)]);
      Waiting& waiting = waiting_of(sample);
      if (waiting.stages.n == columns_at_once) {
        integrate(waiting);
        integrated = true;
      }
      add_column(sample, stages.times()[p], stages.y(i).col(p).data(), view.h[p] * method.b[i],
                 waiting.stages);
    }
  }
  return integrated;
}

template <class Scalar>
void ThetaQuadrature<Scalar>::add_column(int sample, double t, const Scalar* state, double weight,
                                         Columns& columns) {
  const Index column = columns.n++;
  ++products_[static_cast<std::size_t>(sample)];
  columns.samples[static_cast<std::size_t>(column)] = sample;
  columns.t[column] = t;
  adjoint_->read_state(sample, t, state, columns.y.col(column).data());
  // From t1 to t0: h is that of the way back.
  const Scalar factor = static_cast<Scalar>(-weight * (*sizes_)[sample]);
  const Scalar* lambda = state + adjoint_->state_rows();
  for (Index d = 0; d < columns.y.rows(); ++d) columns.weighted(d, column) = factor * lambda[d];
}

template <class Scalar>
void ThetaQuadrature<Scalar>::add_nodes(int sample, const Interval& interval, int count) {
  const Waiting& waiting = waiting_[static_cast<std::size_t>(sample)];
  for (const QuadratureNode& node : gauss_legendre(count)) {
    const double t = interval.t + node.x * interval.h;
    waiting.solution.eval(0, t, state_.data());
    add_column(sample, t, state_.data(), interval.h * node.weight, nodes_);
  }
}

template <class Scalar>
void ThetaQuadrature<Scalar>::integrate(Waiting& waiting) {
  if (waiting.stages.n == 0) return;
  if (coarse_ == 0) return pull(waiting.stages, *theta_bar_);
  const int sample = waiting.stages.samples.front();
  fine_sum_.setZero();
  pull(waiting.stages, fine_sum_);
  waiting.gathered += largest(fine_sum_);
  for (const Interval& step : waiting.steps) add_nodes(sample, step, coarse_);
  pull_nodes(coarse_sum_);
  if (agree(sample, waiting.steps.size(), fine_sum_, coarse_sum_)) {
    *theta_bar_ += fine_sum_;
  } else {
    for (const Interval& step : waiting.steps) divide(sample, step);
  }
  waiting.steps.clear();
  waiting.solution.clear(adjoint_->dim(), 1);
}

template <class Scalar>
void ThetaQuadrature<Scalar>::divide(int sample, const Interval& interval) {
  add_nodes(sample, interval, coarse_ + 1);
  pull_nodes(fine_sum_);
  add_nodes(sample, interval, coarse_);
  pull_nodes(coarse_sum_);
  const double half = interval.h / 2, middle = interval.t + half;
  const bool divisible = middle != interval.t && middle + half != middle;
  if (!divisible || agree(sample, 1, fine_sum_, coarse_sum_)) {
    *theta_bar_ += fine_sum_;
    return;
  }
  divide(sample, {interval.t, half});
  divide(sample, {middle, half});
}

// The difference is the error of the coarse rule, of order 2 n; the fine one has two orders more.
template <class Scalar>
bool ThetaQuadrature<Scalar>::agree(int sample, std::size_t steps, const Vector<Scalar>& fine,
                                    const Vector<Scalar>& coarse) const {
  const double size = std::max(largest(fine), largest(coarse));
  const double difference = largest(fine - coarse);
  if (!(difference > 0) || !std::isfinite(size)) return true;
  const double gain = 2.0 / (2 * coarse_ + 1);
  const double error = difference * math::pow(difference / size, gain);
  const double allowed = options_->atol * (*sizes_)[sample] +
                         options_->rtol * waiting_[static_cast<std::size_t>(sample)].gathered;
  return error <= static_cast<double>(steps) * allowed;
}

template <class Scalar>
void ThetaQuadrature<Scalar>::pull(Columns& columns, Vector<Scalar>& sum) {
  const Index n = columns.n;
  y_bar_.leftCols(n).setZero();
  t_bar_.head(n).setZero();
  field_->select(std::span(columns.samples).first(static_cast<std::size_t>(n)));
  field_->vjp(columns.t.head(n), columns.y.leftCols(n), columns.weighted.leftCols(n),
              y_bar_.leftCols(n), sum, t_bar_.head(n));
  columns.n = 0;
}

template <class Scalar>
void ThetaQuadrature<Scalar>::pull_nodes(Vector<Scalar>& sum) {
  sum.setZero();
  pull(nodes_, sum);
}

template <class Scalar>
void ThetaQuadrature<Scalar>::finish() {
  for (Waiting& waiting : waiting_) integrate(waiting);
}

template <class Scalar>
std::size_t ThetaQuadrature<Scalar>::bytes() const {
  const auto entries = [](const Columns& columns) {
    return columns.y.size() + columns.weighted.size();
  };
  std::size_t bytes = 0;
  for (const Waiting& waiting : waiting_)
    bytes += waiting.solution.bytes() +
             static_cast<std::size_t>(entries(waiting.stages)) * sizeof(Scalar);
  return bytes + static_cast<std::size_t>(entries(nodes_) + y_bar_.size() + fine_sum_.size() +
                                          coarse_sum_.size()) *
                     sizeof(Scalar);
}

template class ThetaQuadrature<float>;
template class ThetaQuadrature<double>;

}  // namespace neural_ode
