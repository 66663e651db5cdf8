// The cheapest way to pair the points of two sets: optimal transport between equal weights.
#pragma once

#include <vector>

#include "engine/core/types.h"

namespace neural_ode {

// Shortest augmenting paths with potentials [jonker1987]: exact, O(n^3) at worst. Owns its scratch.
class Assignment {
 public:
  // cost: n x n, finite; cost(j, i) is that of giving j to i. Returns for every i its j; their
  // total cost is the smallest there is. Valid until the next call.
  const std::vector<int>& solve(const Matrix<double>& cost);

 private:
  void reduce_columns(const Matrix<double>& cost);
  void reduce_rows(const Matrix<double>& cost);
  void augment(const Matrix<double>& cost, int free);
  void pair(int i, int j);

  // Potentials of the j's: a pair (i, j) has the smallest cost(j, i) - v_j of its i.
  std::vector<double> v_;
  std::vector<int> j_of_, i_of_;        // -1: none yet
  std::vector<double> distance_;        // of j from the free i, in reduced costs
  std::vector<int> from_;               // the i before j on its shortest path
  std::vector<int> reached_, waiting_;  // j's
  std::vector<int> free_, later_;       // i's
};

// |a_i - b_j|^2 in column i, row j. a: D x n, b: D x m. Writes m x n.
void squared_distances(const Matrix<double>& a, const Matrix<double>& b, Matrix<double>& cost);

// The squared 2-Wasserstein distance of two sets of n points: the mean of |a_i - b_j(i)|^2 under
// the best pairing. a, b: D x n, n > 0.
double squared_wasserstein(const Matrix<double>& a, const Matrix<double>& b);

}  // namespace neural_ode
