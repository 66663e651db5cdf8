// The kernels themselves, in GCC/Clang vector extensions. Included once by every
// kernels_<name>.cpp, which says how wide a vector is (NEURAL_ODE_VECTOR_BYTES) and how many
// columns a tile has (NEURAL_ODE_TILE_COLUMNS), and is compiled with its own instruction flags. All
// of it is in an unnamed namespace and uses no library function: an inline function shared between
// the units would be linked from just one of them, perhaps from the one whose instructions the
// processor lacks.
#pragma once

#include <cstddef>

#include "engine/core/kernel_table.h"

namespace neural_ode {
namespace {

using std::ptrdiff_t;

typedef float FloatVector __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES)));
typedef double DoubleVector __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES)));
typedef int IntVector __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES)));

template <class Scalar>
struct Lanes;

template <>
struct Lanes<float> {
  typedef FloatVector Vector;
  typedef float Unaligned
      __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES), aligned(4), may_alias));
  static constexpr int width = NEURAL_ODE_VECTOR_BYTES / 4;
};

template <>
struct Lanes<double> {
  typedef DoubleVector Vector;
  typedef double Unaligned
      __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES), aligned(8), may_alias));
  static constexpr int width = NEURAL_ODE_VECTOR_BYTES / 8;
};

template <class Scalar>
inline typename Lanes<Scalar>::Vector load(const Scalar* p) {
  return *reinterpret_cast<const typename Lanes<Scalar>::Unaligned*>(p);
}

template <class Scalar>
inline void store(Scalar* p, typename Lanes<Scalar>::Vector v) {
  *reinterpret_cast<typename Lanes<Scalar>::Unaligned*>(p) = v;
}

// ---------------------------------------------------------------------------------------- products
//
// C is cut into tiles of (2 vectors of rows) x (a few columns) that live in registers while k runs
// from start to end, so that every entry is one sum in the order of k, whichever path led to its
// tile. Panels of A and B are copied ("packed") only where their layout or their size asks for it.

constexpr int kTileColumns = NEURAL_ODE_TILE_COLUMNS;
template <class Scalar>
constexpr int kTileRows = 2 * Lanes<Scalar>::width;

// c[0:rows, 0:Columns] for `rows` <= Vectors * width; column p of the panel of A starts at a + p *
// a_step, entry (p, j) of B is b[p * b_step + j * b_next].
template <class Scalar, int Vectors, int Columns>
inline void multiply_tile(const GemmArguments<Scalar>& g, const Scalar* a, ptrdiff_t a_step,
                          const Scalar* b, ptrdiff_t b_step, ptrdiff_t b_next, Scalar* c,
                          ptrdiff_t rows) {
  typedef typename Lanes<Scalar>::Vector Vector;
  constexpr int width = Lanes<Scalar>::width;
  Vector sum[Columns][Vectors] = {};
  for (ptrdiff_t p = 0; p < g.k; ++p) {
    Vector column[Vectors];
    for (int i = 0; i < Vectors; ++i) column[i] = load<Scalar>(a + i * width);
    for (int j = 0; j < Columns; ++j) {
      const Scalar factor = b[j * b_next];
      for (int i = 0; i < Vectors; ++i) sum[j][i] += column[i] * factor;
    }
    a += a_step;
    b += b_step;
  }
  for (int j = 0; j < Columns; ++j) {
    Scalar* out = c + j * g.ldc;
    if (rows == Vectors * width) {
      for (int i = 0; i < Vectors; ++i) {
        Scalar* entries = out + i * width;
        store<Scalar>(entries, g.accumulate ? load<Scalar>(entries) + sum[j][i] : sum[j][i]);
      }
    } else {
      Scalar entries[Vectors * width];
      for (int i = 0; i < Vectors; ++i) store<Scalar>(entries + i * width, sum[j][i]);
      for (ptrdiff_t i = 0; i < rows; ++i) out[i] = g.accumulate ? out[i] + entries[i] : entries[i];
    }
  }
}

// Rows row .. row + rows - 1 of op(A) as `height` x k, column-major, missing rows zero.
template <class Scalar>
inline void pack_a(const GemmArguments<Scalar>& g, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t height,
                   Scalar* packed) {
  if (g.transpose_a) {
    for (ptrdiff_t i = 0; i < height; ++i) {
      const Scalar* from = g.a + (row + i) * g.lda;
      for (ptrdiff_t p = 0; p < g.k; ++p) packed[p * height + i] = i < rows ? from[p] : Scalar(0);
    }
  } else {
    for (ptrdiff_t p = 0; p < g.k; ++p) {
      const Scalar* from = g.a + row + p * g.lda;
      for (ptrdiff_t i = 0; i < height; ++i)
        packed[p * height + i] = i < rows ? from[i] : Scalar(0);
    }
  }
}

// op(B) as consecutive panels k x kTileColumns, each row-major; the columns missing from the last
// panel are left unwritten, as no tile reads them.
template <class Scalar>
inline void pack_b(const GemmArguments<Scalar>& g, Scalar* packed) {
  for (ptrdiff_t column = 0; column < g.n; column += kTileColumns) {
    const ptrdiff_t columns = g.n - column < kTileColumns ? g.n - column : kTileColumns;
    Scalar* panel = packed + column * g.k;
    if (g.transpose_b) {
      for (ptrdiff_t p = 0; p < g.k; ++p) {
        const Scalar* from = g.b + column + p * g.ldb;
        for (ptrdiff_t j = 0; j < columns; ++j) panel[p * kTileColumns + j] = from[j];
      }
    } else {
      for (ptrdiff_t j = 0; j < columns; ++j) {
        const Scalar* from = g.b + (column + j) * g.ldb;
        for (ptrdiff_t p = 0; p < g.k; ++p) panel[p * kTileColumns + j] = from[p];
      }
    }
  }
}

// B as multiply_row_panel finds it: packed, or in place.
template <class Scalar>
struct PanelsOfB {
  const Scalar* first;
  ptrdiff_t step, next;   // see multiply_tile
  ptrdiff_t column_step;  // from column j to j + 1 when j starts a tile
};

template <class Scalar, int Vectors, int Columns>
inline void multiply_last_columns(const GemmArguments<Scalar>& g, const Scalar* a, ptrdiff_t a_step,
                                  const PanelsOfB<Scalar>& b, ptrdiff_t column, Scalar* c,
                                  ptrdiff_t rows) {
  if constexpr (Columns > 0) {
    if (g.n - column == Columns) {
      multiply_tile<Scalar, Vectors, Columns>(g, a, a_step, b.first + column * b.column_step,
                                              b.step, b.next, c + column * g.ldc, rows);
    } else {
      multiply_last_columns<Scalar, Vectors, Columns - 1>(g, a, a_step, b, column, c, rows);
    }
  }
}

// One panel of rows of C.
template <class Scalar, int Vectors>
inline void multiply_row_panel(const GemmArguments<Scalar>& g, const Scalar* a, ptrdiff_t a_step,
                               const PanelsOfB<Scalar>& b, Scalar* c, ptrdiff_t rows) {
  ptrdiff_t column = 0;
  if (b.next == 1) {  // constant strides make shorter code
    for (; column + kTileColumns <= g.n; column += kTileColumns) {
      multiply_tile<Scalar, Vectors, kTileColumns>(g, a, a_step, b.first + column * b.column_step,
                                                   b.step, 1, c + column * g.ldc, rows);
    }
  } else {
    for (; column + kTileColumns <= g.n; column += kTileColumns) {
      multiply_tile<Scalar, Vectors, kTileColumns>(g, a, a_step, b.first + column * b.column_step,
                                                   1, b.next, c + column * g.ldc, rows);
    }
  }
  multiply_last_columns<Scalar, Vectors, kTileColumns - 1>(g, a, a_step, b, column, c, rows);
}

template <class Scalar>
ptrdiff_t gemm_scratch(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k) {
  static_cast<void>(m);
  return (kTileRows<Scalar> + n + kTileColumns) * k;
}

// Beyond so many bytes a matrix read with a stride no longer stays in the first-level cache.
constexpr ptrdiff_t kCacheBytes = 8192;

template <class Scalar>
void gemm_blocked(const GemmArguments<Scalar>& g, Scalar* scratch) {
  constexpr ptrdiff_t width = Lanes<Scalar>::width;
  constexpr ptrdiff_t entry = sizeof(Scalar);
  Scalar* packed_a = scratch;
  Scalar* packed_b = scratch + kTileRows<Scalar> * g.k;

  PanelsOfB<Scalar> b{g.b, g.transpose_b ? g.ldb : 1, g.transpose_b ? 1 : g.ldb,
                      g.transpose_b ? 1 : g.ldb};
  if (g.m > 2 * kTileRows<Scalar> && g.n >= kTileColumns && g.k * g.n * entry > kCacheBytes) {
    pack_b(g, packed_b);
    b = {packed_b, kTileColumns, 1, g.k};
  }
  const bool a_is_far = g.n > 4 * kTileColumns && g.k * g.lda * entry > kCacheBytes;

  for (ptrdiff_t row = 0; row < g.m; row += kTileRows<Scalar>) {
    const ptrdiff_t rows = g.m - row < kTileRows<Scalar> ? g.m - row : kTileRows<Scalar>;
    const ptrdiff_t height = rows > width ? 2 * width : width;
    const Scalar* a = g.a + row;
    ptrdiff_t a_step = g.lda;
    if (g.transpose_a || rows != height || a_is_far) {
      pack_a(g, row, rows, height, packed_a);
      a = packed_a;
      a_step = height;
    }
    if (height == width) {
      multiply_row_panel<Scalar, 1>(g, a, a_step, b, g.c + row, rows);
    } else {
      multiply_row_panel<Scalar, 2>(g, a, a_step, b, g.c + row, rows);
    }
  }
}

// ------------------------------------------------------------------------------------- activations
//
// Comparisons are written so that NaN falls through to the side that keeps it.

inline FloatVector absolute(FloatVector x) {
  return reinterpret_cast<FloatVector>(reinterpret_cast<IntVector>(x) & 0x7fffffff);
}

inline FloatVector at_least(FloatVector x, float low) {
  return x < low ? low - FloatVector{} : x;
}
inline FloatVector at_most(FloatVector x, float high) {
  return x > high ? high - FloatVector{} : x;
}

// 2^k and exp(x) 2^-k - 1 for -87 <= x <= 0, k = round(x / ln 2).
struct FloatExp {
  FloatVector power, rest;
};

inline FloatExp reduce_exp(FloatVector x) {
  constexpr float rounding_shift = 0x1.8p23F;  // see core/math.cpp
  const FloatVector shifted = x * 0x1.715476p+0F + rounding_shift;
  const FloatVector k = shifted - rounding_shift;
  const FloatVector r = (x - k * 0x1.62ep-1F) - k * 0x1.0bfbe8p-15F;
  FloatVector p = r * 0.001392618359F + 0.008363179053F;
  p = p * r + 0.04166655462F;
  p = p * r + 0.1666657699F;
  p = p * r + 0.5F;
  // The low bits of `shifted` are k: move them to the exponent.
  const IntVector power = (reinterpret_cast<IntVector>(shifted) << 23) + 0x3f800000;
  return {reinterpret_cast<FloatVector>(power), r + r * r * p};
}

// exp(x) for x <= 0, zero below -87 instead of a subnormal number.
inline FloatVector exp_nonpositive(FloatVector x) {
  const FloatExp e = reduce_exp(at_least(x, -87.0F));
  const FloatVector value = e.power + e.power * e.rest;
  return x < -87.0F ? FloatVector{} : value;
}

// The value s(z) and its first two derivatives; a caller that ignores one pays nothing for it.
struct FloatJet {
  FloatVector h, d1, d2;
};

inline FloatVector nan_or_zero(FloatVector z) {
  return z == z ? FloatVector{} : z;
}

struct IdentityKernel {
  static FloatJet at(FloatVector z) { return {z, nan_or_zero(z) + 1.0F, nan_or_zero(z)}; }
};

struct TanhKernel {
  // z P(z^2)/Q(z^2) fitted to relative error 2.1e-8 on |z| <= 9, from where on tanh rounds to 1.
  static FloatJet at(FloatVector z) {
    const FloatVector x = at_most(at_least(z, -9.0F), 9.0F);
    const FloatVector u = x * x;
    FloatVector p = u * 1.33210707969e-8F + 2.05851005632e-5F;
    p = p * u + 3.49414110275e-3F;
    p = p * u + 0.133798105612F;
    p = p * u + 0.999999979666F;
    FloatVector q = u * 7.76288899557e-7F + 3.2832612495e-4F;
    q = q * u + 2.58714874048e-2F;
    q = q * u + 0.46713125993F;
    q = q * u + 1.0F;
    const FloatVector h = at_most(at_least(x * p / q, -1.0F), 1.0F);
    const FloatVector d1 = (1.0F - h) * (1.0F + h);
    return {h, d1, -2.0F * h * d1};
  }
};

struct FloatSigmoid {
  FloatVector s, complement;  // sigmoid(z), sigmoid(-z): no cancellation at either end
};

inline FloatSigmoid sigmoid_from(FloatVector z, FloatVector exp_minus_abs) {
  const FloatVector larger = 1.0F / (1.0F + exp_minus_abs);
  const FloatVector smaller = exp_minus_abs * larger;
  return {z < 0.0F ? smaller : larger, z < 0.0F ? larger : smaller};
}

struct SigmoidKernel {
  static FloatJet at(FloatVector z) {
    const FloatSigmoid g = sigmoid_from(z, exp_nonpositive(-absolute(z)));
    const FloatVector d1 = g.s * g.complement;
    return {g.s, d1, d1 * (g.complement - g.s)};
  }
};

struct SoftplusKernel {
  // max(z, 0) + log(1 + e), e = exp(-|z|): with s = e/(2+e), log(1+e) = 2 artanh s, s <= 1/3.
  static FloatJet at(FloatVector z) {
    const FloatVector e = exp_nonpositive(-absolute(z));
    const FloatVector s = e / (2.0F + e);
    const FloatVector u = s * s;
    FloatVector p = u * 0.2322432927F + 0.2170657579F;
    p = p * u + 0.28592358F;
    p = p * u + 0.3999970633F;
    p = p * u + 0.6666666732F;
    const FloatVector log_term = 2.0F * s + s * u * p;
    const FloatSigmoid g = sigmoid_from(z, e);
    return {(z > 0.0F ? z : FloatVector{}) + log_term, g.s, g.s * g.complement};
  }
};

struct EluKernel {
  static FloatJet at(FloatVector z) {
    const FloatVector below = at_least(at_most(z, 0.0F), -87.0F);
    const FloatExp e = reduce_exp(below);
    const FloatVector value = e.power * e.rest + (e.power - 1.0F);
    const FloatVector slope = e.power + e.power * e.rest;
    return {z > 0.0F ? z : value, z > 0.0F ? FloatVector{} + 1.0F : slope,
            z > 0.0F ? FloatVector{} : slope};
  }
};

struct SiluKernel {
  static FloatJet at(FloatVector z) {
    const FloatSigmoid g = sigmoid_from(z, exp_nonpositive(-absolute(z)));
    // Beyond +-87 the smaller sigmoid is zero; infinity times zero must not appear.
    const FloatVector bounded = at_most(at_least(z, -88.0F), 88.0F);
    return {at_least(z, -88.0F) * g.s, g.s * (1.0F + bounded * g.complement),
            g.s * g.complement * (2.0F + bounded * (g.complement - g.s))};
  }
};

struct ReluKernel {
  static FloatJet at(FloatVector z) {
    const FloatVector quiet = nan_or_zero(z);
    return {z < 0.0F ? FloatVector{} : z, z > 0.0F ? FloatVector{} + 1.0F : quiet, quiet};
  }
};

template <class Kernel, bool First, bool Second>
inline void activate_block(const float* z, float* h, float* d1, float* d2) {
  const FloatJet jet = Kernel::at(load<float>(z));
  store<float>(h, jet.h);
  if constexpr (First) store<float>(d1, jet.d1);
  if constexpr (Second) store<float>(d2, jet.d2);
}

template <class Kernel, bool First, bool Second>
inline void activate_all(ptrdiff_t n, const float* z, float* h, float* d1, float* d2) {
  constexpr int width = Lanes<float>::width;
  ptrdiff_t i = 0;
  for (; i + width <= n; i += width) {
    activate_block<Kernel, First, Second>(z + i, h + i, First ? d1 + i : nullptr,
                                          Second ? d2 + i : nullptr);
  }
  if (i == n) return;
  float in[width] = {}, value[width], first[width], second[width];
  for (ptrdiff_t j = i; j < n; ++j) in[j - i] = z[j];
  activate_block<Kernel, First, Second>(in, value, first, second);
  for (ptrdiff_t j = i; j < n; ++j) {
    h[j] = value[j - i];
    if constexpr (First) d1[j] = first[j - i];
    if constexpr (Second) d2[j] = second[j - i];
  }
}

template <class Kernel>
inline void activate_wanted(ptrdiff_t n, const float* z, float* h, float* d1, float* d2) {
  if (d1 == nullptr && d2 == nullptr) return activate_all<Kernel, false, false>(n, z, h, d1, d2);
  if (d2 == nullptr) return activate_all<Kernel, true, false>(n, z, h, d1, d2);
  if (d1 == nullptr) return activate_all<Kernel, false, true>(n, z, h, d1, d2);
  return activate_all<Kernel, true, true>(n, z, h, d1, d2);
}

void activate_float(Activation activation, ptrdiff_t n, const float* z, float* h, float* d1,
                    float* d2) {
  switch (activation) {
    case Activation::identity:
      return activate_wanted<IdentityKernel>(n, z, h, d1, d2);
    case Activation::tanh:
      return activate_wanted<TanhKernel>(n, z, h, d1, d2);
    case Activation::softplus:
      return activate_wanted<SoftplusKernel>(n, z, h, d1, d2);
    case Activation::elu:
      return activate_wanted<EluKernel>(n, z, h, d1, d2);
    case Activation::silu:
      return activate_wanted<SiluKernel>(n, z, h, d1, d2);
    case Activation::sigmoid:
      return activate_wanted<SigmoidKernel>(n, z, h, d1, d2);
    case Activation::relu:
      return activate_wanted<ReluKernel>(n, z, h, d1, d2);
  }
}

}  // namespace
}  // namespace neural_ode
