// The algebra that a tableau must satisfy: usable in a static_assert and at run time.
// Order conditions of all 17 rooted trees up to order 5 (Hairer, Norsett, Wanner II.2)
// [hairer1993].
#pragma once

#include "engine/ode/tableau.h"

namespace neural_ode {

class TableauCheck {
 public:
  static constexpr int tree_count = 17;
  static constexpr int max_order = 5;

  explicit constexpr TableauCheck(const ButcherTableau& tableau) : m_(tableau) {
    Stage one{}, c{};
    for (int i = 0; i < m_.stages; ++i) {
      one.value[i] = 1;
      c.value[i] = m_.c[i];
    }
    const Stage c2 = c * c, c3 = c2 * c, ac = a(c), ac2 = a(c2), aac = a(ac);
    const Stage trees[tree_count] = {one,     c,     c2,        ac,      c3,      c * ac,
                                     ac2,     aac,   c3 * c,    c2 * ac, ac * ac, c * ac2,
                                     c * aac, a(c3), a(c * ac), a(ac2),  a(aac)};
    for (int k = 0; k < tree_count; ++k) trees_[k] = trees[k];
  }

  // c = A 1, A strictly lower triangular.
  constexpr bool rows() const {
    for (int i = 0; i < m_.stages; ++i) {
      long double sum = 0;
      for (int j = 0; j < m_.stages; ++j) {
        sum += m_.a[i][j];
        if (j >= i && m_.a[i][j] != 0) return false;
      }
      if (!small(sum - m_.c[i])) return false;
    }
    return true;
  }

  // sum_i b_i tree_i = 1 / gamma for every tree up to the declared order.
  constexpr bool order() const { return m_.order <= max_order && weights(m_.b, m_.order, 1); }

  // The embedded weights b - b_error satisfy theirs.
  constexpr bool embedded() const {
    if (m_.embedded_order == 0) return true;
    double b_hat[ButcherTableau::max_stages] = {};
    for (int i = 0; i < m_.stages; ++i) b_hat[i] = m_.b[i] - m_.b_error[i];
    return weights(b_hat, m_.embedded_order, 1) && !weights(b_hat, m_.order, 1);
  }

  constexpr bool first_same_as_last() const {
    if (!m_.fsal) return true;
    for (int j = 0; j < m_.stages; ++j) {
      if (m_.a[m_.stages - 1][j] != m_.b[j]) return false;
    }
    return m_.c[m_.stages - 1] == 1 && m_.b[m_.stages - 1] == 0;
  }

  // sum_i b_i(x) tree_i = x^r / gamma at more points than the polynomial has coefficients; b_i(1) =
  // b_i; and the slopes at both ends are those of the field, so that pieces join smoothly.
  constexpr bool dense() const {
    if (m_.dense_order == 0) return true;
    double w[ButcherTableau::max_stages] = {};
    for (int k = 0; k <= 2 * ButcherTableau::dense_degree; ++k) {
      const double x = k / (2.0 * ButcherTableau::dense_degree);
      m_.dense_weights(x, w);
      if (!weights(w, m_.dense_order, x)) return false;
    }
    for (int i = 0; i < m_.stages; ++i) {
      long double slope_at_1 = 0;
      for (int j = 0; j < ButcherTableau::dense_degree; ++j) slope_at_1 += (j + 1) * m_.dense[i][j];
      if (!small(w[i] - m_.b[i])) return false;
      if (!small(m_.dense[i][0] - (i == 0 ? 1 : 0))) return false;
      if (!small(slope_at_1 - (i == m_.stages - 1 ? 1 : 0))) return false;
    }
    return true;
  }

  constexpr bool all() const {
    return rows() && order() && embedded() && first_same_as_last() && dense();
  }

 private:
  struct Stage {
    long double value[ButcherTableau::max_stages] = {};
    constexpr Stage operator*(const Stage& other) const {
      Stage product;
      for (int i = 0; i < ButcherTableau::max_stages; ++i) {
        product.value[i] = value[i] * other.value[i];
      }
      return product;
    }
  };

  constexpr Stage a(const Stage& v) const {
    Stage product;
    for (int i = 0; i < m_.stages; ++i) {
      for (int j = 0; j < i; ++j) product.value[i] += m_.a[i][j] * v.value[j];
    }
    return product;
  }

  // The coefficients are doubles up to 13 in size; products of four of them leave this much.
  static constexpr bool small(long double x) { return x < 2e-13L && x > -2e-13L; }

  constexpr bool weights(const double* w, int order, long double x) const {
    constexpr int tree_order[tree_count] = {1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5};
    constexpr int gamma[tree_count] = {1,  2,  3,  6,  4,  8,  12, 24, 5,
                                       10, 20, 15, 30, 20, 40, 60, 120};
    for (int k = 0; k < tree_count; ++k) {
      if (tree_order[k] > order) continue;
      long double sum = 0, exact = 1;
      for (int i = 0; i < m_.stages; ++i) sum += w[i] * trees_[k].value[i];
      for (int r = 0; r < tree_order[k]; ++r) exact *= x;
      if (!small(sum - exact / gamma[k])) return false;
    }
    return true;
  }

  const ButcherTableau& m_;
  Stage trees_[tree_count];
};

}  // namespace neural_ode
