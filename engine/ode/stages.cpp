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
  method_ = &method;
  const int substitute = method.substitute == nullptr ? 0 : method.substitute->stages;
  for (int i = 0; i < std::max(method.stages, substitute); ++i) {
    y_[i].resize(dim, batch);
    k_[i].resize(dim, batch);
  }
  for (int m = 0; m < method.past; ++m) past_[m].resize(dim, batch);
  times_.resize(batch);
}

template <class Scalar>
void Stages<Scalar>::place(int stage, Index n, const Vector<double>& t, const Vector<double>& h,
                           const Vector<double>& begin, const Vector<double>& end) {
  const double c = method_->c[stage];
  for (Index p = 0; p < n; ++p) {
    const double time = t[p] + c * h[p];
    times_[p] = std::clamp(time, std::min(begin[p], end[p]), std::max(begin[p], end[p]));
  }
}

template <class Scalar>
void Stages<Scalar>::add(Index n, Index row, Index rows, const Vector<double>& h,
                         const double* weights, int count, const Matrix<Scalar>* k,
                         Matrix<Scalar>& out) const {
  // Columns that share one h are one long column: the same operations, fewer loops.
  bool uniform = rows == out.rows();
  for (Index p = 1; p < n && uniform; ++p) uniform = h[p] == h[0];
  const Index columns = uniform ? std::min<Index>(n, 1) : n;
  const Index length = uniform ? rows * n : rows;

  for (Index p = 0; p < columns; ++p) {
    const Index begin = p * out.rows() + row;
    Scalar* to = out.data() + begin;
    for (int j = 0; j < count; ++j) {
      if (weights[j] == 0) continue;
      const Scalar factor = static_cast<Scalar>(h[p] * weights[j]);
      const Scalar* slope = k[j].data() + begin;
      for (Index d = 0; d < length; ++d) to[d] += factor * slope[d];
    }
  }
}

template <class Scalar>
void Stages<Scalar>::state(int stage, Index n, const Scalar* y, const Vector<double>& h) {
  Matrix<Scalar>& out = y_[stage];
  const Index dim = out.rows();
  std::copy(y, y + dim * n, out.data());
  const Index first = method_->partitioned ? dim / 2 : dim;
  add(n, 0, first, h, method_->a[stage], stage, k_, out);
  if (method_->partitioned) add(n, first, dim - first, h, method_->a2[stage], stage, k_, out);
  add(n, 0, dim, h, method_->a_past[stage], method_->past, past_, out);
}

template <class Scalar>
void Stages<Scalar>::guess(int stage, int first, Index n) {
  double weights[ButcherTableau::max_stages];
  guess_weights(*method_, stage, first, weights);
  k_[stage].leftCols(n).setZero();
  Scalar* to = k_[stage].data();
  const Index length = k_[stage].rows() * n;
  for (int j = first; j < stage; ++j) {
    if (weights[j] == 0) continue;
    const Scalar weight = static_cast<Scalar>(weights[j]);
    const Scalar* slope = k_[j].data();
    for (Index d = 0; d < length; ++d) to[d] += weight * slope[d];
  }
}

template <class Scalar>
void Stages<Scalar>::eval(int stage, Index n, VectorField<Scalar>& field) {
  field.eval(times_.head(n), y_[stage].leftCols(n), k_[stage].leftCols(n));
}

template <class Scalar>
void Stages<Scalar>::error(Index n, const Vector<double>& h, Matrix<Scalar>& out) const {
  out.leftCols(n).setZero();
  add(n, 0, out.rows(), h, method_->b_error, method_->stages, k_, out);
}

template <class Scalar>
void Stages<Scalar>::interpolate(Index p, double x, double h, const Scalar* y, Scalar* out) const {
  double weights[ButcherTableau::max_stages];
  const double rise = method_->dense_weights(x, weights);
  const Index dim = y_[0].rows();
  const Scalar* end = y1().col(p).data();
  const Scalar part = static_cast<Scalar>(rise);
  for (Index d = 0; d < dim; ++d) out[d] = y[d] + (rise == 0 ? 0 : part * (end[d] - y[d]));
  for (int i = 0; i < method_->stages; ++i) {
    if (weights[i] == 0) continue;
    const Scalar factor = static_cast<Scalar>(h * weights[i]);
    const Scalar* slope = k_[i].col(p).data();
    for (Index d = 0; d < dim; ++d) out[d] += factor * slope[d];
  }
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
