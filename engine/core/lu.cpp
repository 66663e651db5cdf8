#include "engine/core/lu.h"

#include <cmath>
#include <utility>

namespace neural_ode {

template <class Scalar>
bool lu_factor(Index n, Scalar* a, int* pivots) {
  for (Index k = 0; k < n; ++k) {
    Index pivot = k;
    for (Index i = k + 1; i < n; ++i) {
      if (std::abs(a[i + k * n]) > std::abs(a[pivot + k * n])) pivot = i;
    }
    pivots[k] = static_cast<int>(pivot);
    if (!(std::abs(a[pivot + k * n]) > 0) || !std::isfinite(a[pivot + k * n])) return false;
    if (pivot != k) {
      for (Index j = 0; j < n; ++j) std::swap(a[k + j * n], a[pivot + j * n]);
    }
    const Scalar scale = 1 / a[k + k * n];
    for (Index i = k + 1; i < n; ++i) a[i + k * n] *= scale;
    for (Index j = k + 1; j < n; ++j) {
      const Scalar factor = a[k + j * n];
      for (Index i = k + 1; i < n; ++i) a[i + j * n] -= a[i + k * n] * factor;
    }
  }
  return true;
}

template <class Scalar>
void lu_solve(Index n, const Scalar* lu, const int* pivots, Scalar* x) {
  for (Index k = 0; k < n; ++k) std::swap(x[k], x[pivots[k]]);
  for (Index k = 0; k < n; ++k) {
    for (Index i = k + 1; i < n; ++i) x[i] -= lu[i + k * n] * x[k];
  }
  for (Index k = n; k-- > 0;) {
    x[k] /= lu[k + k * n];
    for (Index i = 0; i < k; ++i) x[i] -= lu[i + k * n] * x[k];
  }
}

template <class Scalar>
void lu_solve_transposed(Index n, const Scalar* lu, const int* pivots, Scalar* x) {
  for (Index k = 0; k < n; ++k) {
    for (Index i = 0; i < k; ++i) x[k] -= lu[i + k * n] * x[i];
    x[k] /= lu[k + k * n];
  }
  for (Index k = n; k-- > 0;) {
    for (Index i = k + 1; i < n; ++i) x[k] -= lu[i + k * n] * x[i];
  }
  for (Index k = n; k-- > 0;) std::swap(x[k], x[pivots[k]]);
}

template bool lu_factor(Index, float*, int*);
template bool lu_factor(Index, double*, int*);
template void lu_solve(Index, const float*, const int*, float*);
template void lu_solve(Index, const double*, const int*, double*);
template void lu_solve_transposed(Index, const float*, const int*, float*);
template void lu_solve_transposed(Index, const double*, const int*, double*);

}  // namespace neural_ode
