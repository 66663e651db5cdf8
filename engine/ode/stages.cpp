#include "engine/ode/stages.h"

#include <algorithm>

namespace neural_ode {

template <class Scalar>
void combine(Index n, const Scalar* y, const Vector<double>& h, const double* weights, int count,
             const Matrix<Scalar>* k, Matrix<Scalar>& out) {
  // Columns that share one h are one long column: the same operations, fewer loops.
  bool uniform = true;
  for (Index p = 1; p < n; ++p) uniform = uniform && h[p] == h[0];
  const Index columns = uniform ? std::min<Index>(n, 1) : n;
  const Index length = uniform ? out.rows() * n : out.rows();

  for (Index p = 0; p < columns; ++p) {
    const Index begin = p * length;
    Scalar* to = out.data() + begin;
    const Scalar* from = y + begin;
    for (Index d = 0; d < length; ++d) to[d] = from[d];
    for (int j = 0; j < count; ++j) {
      if (weights[j] == 0) continue;
      const Scalar factor = static_cast<Scalar>(h[p] * weights[j]);
      const Scalar* slope = k[j].data() + begin;
      for (Index d = 0; d < length; ++d) to[d] += factor * slope[d];
    }
  }
}

template <class Scalar>
void Stages<Scalar>::reserve(const ButcherTableau& method, Index dim, Index batch) {
  method_ = &method;
  for (int i = 0; i < method.stages; ++i) {
    y_[i].resize(dim, batch);
    k_[i].resize(dim, batch);
  }
  times_.resize(batch);
}

template <class Scalar>
void Stages<Scalar>::place(int stage, Index n, const Vector<double>& t, const Vector<double>& h,
                           const Vector<double>& end) {
  const double c = method_->c[stage];
  for (Index p = 0; p < n; ++p) {
    const double time = t[p] + c * h[p];
    times_[p] = h[p] > 0 ? std::min(time, end[p]) : std::max(time, end[p]);
  }
}

template <class Scalar>
void Stages<Scalar>::state(int stage, Index n, const Scalar* y, const Vector<double>& h) {
  combine(n, y, h, method_->a[stage], stage, k_, y_[stage]);
}

template <class Scalar>
void Stages<Scalar>::eval(int stage, Index n, VectorField<Scalar>& field) {
  field.eval(times_.head(n), y_[stage].leftCols(n), k_[stage].leftCols(n));
}

template <class Scalar>
std::size_t Stages<Scalar>::bytes() const {
  Index entries = 0;
  for (int i = 0; i < ButcherTableau::max_stages; ++i) entries += y_[i].size() + k_[i].size();
  return static_cast<std::size_t>(entries) * sizeof(Scalar);
}

template class Stages<float>;
template class Stages<double>;
template void combine(Index, const float*, const Vector<double>&, const double*, int,
                      const Matrix<float>*, Matrix<float>&);
template void combine(Index, const double*, const Vector<double>&, const double*, int,
                      const Matrix<double>*, Matrix<double>&);

}  // namespace neural_ode
