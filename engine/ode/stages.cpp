#include "engine/ode/stages.h"

#include <algorithm>
#include <cmath>

namespace neural_ode {
namespace {

// weights: of the slopes k_j, first <= j < stage, by Lagrange's formula.
void guess_weights(const ButcherTableau& method, int stage, int first, double* weights) {
  constexpr int most = 3;
  const double* c = method.c;
  int nodes[most], count = 0;
  std::fill(weights, weights + stage, 0.0);
  while (count < most && (count == 0 || c[nodes[count - 1]] != c[stage])) {
    int nearest = -1;
    for (int j = stage - 1; j >= first; --j) {
      const bool known =
          std::any_of(nodes, nodes + count, [&](int node) { return c[node] == c[j]; });
      if (known) continue;
      if (nearest < 0 || std::abs(c[j] - c[stage]) < std::abs(c[nearest] - c[stage])) nearest = j;
    }
    if (nearest < 0) break;
    nodes[count++] = nearest;
  }
  for (int k = 0; k < count; ++k) {
    double weight = 1;
    for (int l = 0; l < count; ++l) {
      if (l != k) weight *= (c[stage] - c[nodes[l]]) / (c[nodes[k]] - c[nodes[l]]);
    }
    weights[nodes[k]] = weight;
  }
}

}  // namespace

template <class Scalar>
void Stages<Scalar>::reserve(const ButcherTableau& method, Index dim, Index batch) {
  const int substitute = method.substitute == nullptr ? 0 : method.substitute->stages;
  for (int i = 0; i < std::max(method.stages, substitute); ++i) {
    y_[i].resize(dim, batch);
    k_[i].resize(dim, batch);
  }
  for (int m = 0; m < method.past; ++m) past_[m].resize(dim, batch);
  times_.resize(batch);
  list_sums(method, sums_of_[0]);
  if (method.substitute != nullptr) list_sums(*method.substitute, sums_of_[1]);
  use(method);
}

template <class Scalar>
void Stages<Scalar>::list_sums(const ButcherTableau& method, Sums& sums) const {
  const Index dim = y_[0].rows(), first = method.partitioned ? dim / 2 : dim;
  // Over rows [begin, end).
  const auto list = [&](const double* weights, int count, const double* past, Index begin,
                        Index end) {
    SlopeSum<Scalar> sum(end - begin, dim);
    for (int j = 0; j < count; ++j) sum.add(weights[j], k_[j].data() + begin);
    for (int m = 0; m < method.past; ++m) sum.add(past[m], past_[m].data() + begin);
    return sum;
  };
  constexpr double none[ButcherTableau::max_past] = {};
  sums.method = &method;
  sums.implicit = method.implicit();
  sums.partitioned = method.partitioned;
  for (int i = 0; i < method.stages; ++i) {
    sums.stage[i] = list(method.a[i], i, method.a_past[i], 0, first);
    if (method.partitioned) sums.second[i] = list(method.a2[i], i, method.a_past[i], first, dim);
  }
  sums.error = list(method.b_error, method.stages, none, 0, dim);
}

template <class Scalar>
void Stages<Scalar>::guess(int stage, int first, Index n) {
  double weights[ButcherTableau::max_stages];
  guess_weights(*method_, stage, first, weights);
  const Index length = k_[stage].rows() * n;
  SlopeSum<Scalar> sum(length, length);
  for (int j = first; j < stage; ++j) sum.add(weights[j], k_[j].data());
  constexpr double one = 1;
  sum.write(1, &one, k_[stage].data());
}

template <class Scalar>
void Stages<Scalar>::error(Index n, const Vector<double>& h, Matrix<Scalar>& out) const {
  sums_->error.write(n, h.data(), out.data());
}

template <class Scalar>
void Stages<Scalar>::interpolate(Index p, double x, double h, const Scalar* y, Scalar* out) const {
  double weights[ButcherTableau::max_stages];
  const double rise = method_->dense_weights(x, weights);
  const Index dim = y_[0].rows();
  SlopeSum<Scalar> sum(dim, dim);
  for (int i = 0; i < method_->stages; ++i) sum.add(weights[i], k_[i].data() + p * dim);
  const Scalar* end = y1().data() + p * dim;
  const Scalar part = static_cast<Scalar>(rise);
  for (Index d = 0; d < dim; ++d) out[d] = y[d] + (rise == 0 ? 0 : part * (end[d] - y[d]));
  sum.write(1, &h, out, out);
}

template <class Scalar>
void Stages<Scalar>::polynomial(Index p, double h, const Scalar* y, Scalar* coefficients) const {
  const Index dim = y_[0].rows();
  const int degree = method_->interpolant_degree();
  std::copy(y, y + dim, coefficients);
  std::fill(coefficients + dim, coefficients + (degree + 1) * dim, Scalar(0));
  const auto add_slope = [&](int power, int stage, double weight) {
    const Scalar factor = static_cast<Scalar>(h * weight);
    const Scalar* slope = k_[stage].col(p).data();
    for (Index d = 0; d < dim; ++d) coefficients[power * dim + d] += factor * slope[d];
  };
  if (method_->dense_order > 0) {
    for (int i = 0; i < method_->stages; ++i) {
      for (int j = 0; j < degree; ++j) {
        if (method_->dense[i][j] != 0) add_slope(j + 1, i, method_->dense[i][j]);
      }
    }
    return;
  }
  const int last = method_->stages - 1;
  const Scalar* end = y1().col(p).data();
  for (Index d = 0; d < dim; ++d) {
    coefficients[2 * dim + d] = 3 * (end[d] - y[d]);
    coefficients[3 * dim + d] = -2 * (end[d] - y[d]);
  }
  add_slope(1, 0, 1);
  add_slope(2, 0, -2);
  add_slope(2, last, -1);
  add_slope(3, 0, 1);
  add_slope(3, last, 1);
}

template <class Scalar>
std::size_t Stages<Scalar>::bytes() const {
  Index entries = 0;
  for (int i = 0; i < ButcherTableau::max_stages; ++i) entries += y_[i].size() + k_[i].size();
  for (const Matrix<Scalar>& past : past_) entries += past.size();
  return static_cast<std::size_t>(entries) * sizeof(Scalar);
}

template class Stages<float>;
template class Stages<double>;

}  // namespace neural_ode
