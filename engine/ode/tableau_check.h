// The algebra that a method must satisfy: usable in a static_assert and at run time.
// Order conditions of every rooted tree up to order 8 (200 of them; Hairer, Norsett, Wanner II.2)
// [hairer1993].
#pragma once

#include <algorithm>

#include "engine/ode/tableau.h"

namespace neural_ode {

class TableauCheck {
 public:
  static constexpr int max_order = 8;
  static constexpr int max_trees = 200;

  explicit constexpr TableauCheck(const ButcherTableau& tableau) : m_(tableau) {
    Stage one;
    for (int i = 0; i < m_.stages; ++i) one.value[i] = 1;
    const int highest = std::max(m_.order, m_.embedded_order);
    for (int order = 1; order <= std::min(highest, max_order); ++order) {
      grow(order, order - 1, count_ - 1, one, 1);
    }
  }

  // c = A 1 with past slopes counted in (for a partitioned method see partitioned()), A lower
  // triangular.
  constexpr bool rows() const {
    for (int i = 0; i < m_.stages; ++i) {
      long double sum = 0;
      for (int j = 0; j < m_.stages; ++j) {
        sum += m_.a[i][j];
        if (j > i && (m_.a[i][j] != 0 || m_.a2[i][j] != 0)) return false;
      }
      for (int m = 0; m < m_.past; ++m) sum += m_.a_past[i][m];
      if (!m_.partitioned && !small(sum - m_.c[i])) return false;
    }
    return m_.c[0] == 0 && m_.a[0][0] == 0;
  }

  // sum_i b_i tree_i = 1 / gamma for every tree up to the declared order.
  constexpr bool order() const {
    if (m_.partitioned) return partitioned();
    if (m_.past > 0) return multistep();
    return m_.order <= max_order && weights(m_.b, m_.order, 1);
  }

  // The embedded weights b - b_error have their order and no higher one, and differ from the
  // method.
  constexpr bool embedded() const {
    if (m_.embedded_order == 0) return true;
    double b_hat[ButcherTableau::max_stages] = {};
    for (int i = 0; i < m_.stages; ++i) b_hat[i] = m_.b[i] - m_.b_error[i];
    if (m_.embedded_order == m_.order || !weights(b_hat, m_.embedded_order, 1)) return false;
    return m_.embedded_order > m_.order ? !weights(m_.b, m_.embedded_order, 1)
                                        : !weights(b_hat, m_.order, 1);
  }

  constexpr bool first_same_as_last() const {
    const int last = m_.stages - 1;
    for (int j = 0; j < m_.stages; ++j) {
      if (m_.a[last][j] != m_.b[j] || m_.a2[last][j] != m_.b2[j]) return false;
    }
    for (int m = 0; m < m_.past; ++m) {
      if (m_.a_past[last][m] != m_.b_past[m]) return false;
    }
    return m_.c[last] == 1;
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

  // Steps that a method leaves to its substitute are no worse than its own.
  constexpr bool substitute() const {
    const bool needed = m_.past > 0 || m_.latest_stage() > 1;
    if (m_.substitute == nullptr) return !needed;
    return needed && m_.substitute->order >= m_.order &&
           m_.substitute->adaptive() == m_.adaptive() && m_.substitute->past == 0 &&
           m_.substitute->latest_stage() <= 1;
  }

  constexpr bool all() const {
    return rows() && order() && embedded() && first_same_as_last() && dense() && substitute();
  }

  constexpr int tree_count() const { return count_; }

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

  // Adds every tree of this order whose root carries, beside the subtrees already multiplied into
  // `product`, more of them with `remaining` nodes in all and none later in the list than `latest`.
  constexpr void grow(int order, int remaining, int latest, const Stage& product,
                      long double gamma) {
    if (remaining == 0) {
      tree_[count_] = product;
      branch_[count_] = a(product);
      order_[count_] = order;
      gamma_[count_++] = gamma * order;
      return;
    }
    for (int child = latest; child >= 0; --child) {
      if (order_[child] > remaining) continue;
      grow(order, remaining - order_[child], child, product * branch_[child],
           gamma * gamma_[child]);
    }
  }

  constexpr Stage a(const Stage& v) const {
    Stage product;
    for (int i = 0; i < m_.stages; ++i) {
      for (int j = 0; j <= i; ++j) product.value[i] += m_.a[i][j] * v.value[j];
    }
    return product;
  }

  // The coefficients are doubles up to 120 in size; what is left of products of several of them
  // stays below this.
  static constexpr bool small(long double x) { return x < 1e-12L && x > -1e-12L; }

  constexpr bool weights(const double* w, int order, long double x) const {
    for (int k = 0; k < count_; ++k) {
      if (order_[k] > order) continue;
      long double sum = 0, exact = 1;
      for (int i = 0; i < m_.stages; ++i) sum += w[i] * tree_[k].value[i];
      for (int r = 0; r < order_[k]; ++r) exact *= x;
      if (!small(sum - exact / gamma_[k])) return false;
    }
    return true;
  }

  // For dq/dt = u(t, p), dp/dt = v(t, q) up to order 2: sum b = 1, sum b c = 1/2 and sum_i b_i
  // sum_j a2_ij = 1/2, and the same with the halves exchanged.
  constexpr bool partitioned() const {
    long double sum = 0, sum2 = 0, bc = 0, bc2 = 0, ba2 = 0, b2a = 0;
    for (int i = 0; i < m_.stages; ++i) {
      sum += m_.b[i];
      sum2 += m_.b2[i];
      bc += m_.b[i] * m_.c[i];
      bc2 += m_.b2[i] * m_.c[i];
      for (int j = 0; j < m_.stages; ++j) {
        ba2 += m_.b[i] * m_.a2[i][j];
        b2a += m_.b2[i] * m_.a[i][j];
      }
    }
    const bool first = small(sum - 1) && small(sum2 - 1);
    const bool second =
        small(bc - 0.5L) && small(bc2 - 0.5L) && small(ba2 - 0.5L) && small(b2a - 0.5L);
    return m_.order <= 2 && first && second == (m_.order == 2);
  }

  // The corrector integrates t^p exactly below the declared order, the predictor below one less;
  // the slopes sit at c_i and at -1, -2, ...
  constexpr bool multistep() const {
    const auto exact = [this](const double* now, const double* past, int power, long double x) {
      long double sum = 0, end = x;
      for (int i = 0; i < m_.stages; ++i) sum += now[i] * raised(m_.c[i], power);
      for (int m = 0; m < m_.past; ++m) sum += past[m] * raised(-1 - m, power);
      for (int r = 0; r < power; ++r) end *= x;
      return small(sum - end / (power + 1));
    };
    for (int power = 0; power < m_.order; ++power) {
      if (!exact(m_.b, m_.b_past, power, 1)) return false;
      for (int i = 1; i < m_.stages; ++i) {
        if (power + 1 < m_.order && !exact(m_.a[i], m_.a_past[i], power, m_.c[i])) return false;
      }
    }
    return !exact(m_.b, m_.b_past, m_.order, 1);
  }
  static constexpr long double raised(long double x, int power) {
    long double result = 1;
    for (int r = 0; r < power; ++r) result *= x;
    return result;
  }

  const ButcherTableau& m_;
  int count_ = 0;
  int order_[max_trees] = {};
  long double gamma_[max_trees] = {};
  Stage tree_[max_trees],
      branch_[max_trees];  // elementary weights of a tree at each stage, and A times them
};

}  // namespace neural_ode
